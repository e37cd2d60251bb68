// SPDX-License-Identifier: BSD-3-Clause
// How does a program's own brick run? What it is given: maps as rows, its tensors as pointers; and what is done around
// it.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <fovea/execute/kernels/join.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/infer/culprit.hpp>

namespace fovea {

/// A map as a UserBrick sees it. In Tiled the rows of a map are those of the image, of which some are there.
template <class T, map_layout M>
class map_rows {
public:
    using value_type = std::remove_const_t<T>;

    explicit map_rows(T* first) : first_(first) {}
    static constexpr std::ptrdiff_t channels() { return M.channels; }
    static constexpr std::ptrdiff_t height() { return M.height; }
    static constexpr std::ptrdiff_t width() { return M.width; }
    T* row(std::ptrdiff_t channel, std::ptrdiff_t y) const { return first_ + channel * M.plane + y * M.pitch; }

private:
    T* first_;
};

namespace detail {

/// The type of a layer that is a program's own brick. (A class around it: g++ 12 cannot substitute into an alias here.)
template <class Net, std::size_t Layer>
struct own_brick_of {
    static constexpr mistake at = place_of_layer<Net, Layer>;
    using type = typename place_of<Net, at>::brick;
};
template <class Net, std::size_t Layer>
using own_brick = typename own_brick_of<Net, Layer>::type;

/// Its tensors: `count` of them, `of(i)` in a network's weights.
template <class Net, std::size_t Layer>
struct own_tensors {
    static constexpr const layer_info& layer = layers_of<Net>[Layer];
    static constexpr std::size_t count = layer.user == nullptr ? 0 : layer.user->tensor_count;
    static constexpr std::array<tensor_info, count> all = [] {
        std::array<tensor_info, count> list{};
        for (std::size_t i = 0; i < count; ++i) {
            list[i] = tensor_of<Net>(Layer, layer.user->tensor(layer.input, i).name);
        }
        return list;
    }();

    /// Each where at(i) says.
    template <class T, class At>
    static user_tensors<T, count> pointers(At at) {
        user_tensors<T, count> p{};
        for (std::size_t i = 0; i < count; ++i) {
            p[i] = at(all[i]);
        }
        return p;
    }
};

namespace execute {
inline namespace FOVEA_KERNELS_ISA {

template <class Net, std::size_t Layer, class T, map_layout In, map_layout Out>
struct user_forward {
    using brick = own_brick<Net, Layer>;

    template <class Tensors>
    static void run([[maybe_unused]] const Tensors& tensors, const T* in, T* out, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        if constexpr (user_activation<brick>) {
            kernels::for_each_pair<T, In, Out>(row_begin, row_end,
                                               [&](std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t left) {
                                                   kernels::store_in_row<T, Out>(out + to,
                                                                                 brick::value(kernels::load(in + from)),
                                                                                 left);
                                               });
        } else {
            brick::forward(tensors, map_rows<const T, In>(in), map_rows<T, Out>(out), row_begin, row_end);
            kernels::clear_gaps<T, Out>(out, row_begin, row_end, false);
        }
        kernels::zero_gaps<T, Out>(out, row_begin, row_end);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace execute
}  // namespace detail
}  // namespace fovea
