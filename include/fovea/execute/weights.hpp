// SPDX-License-Identifier: BSD-3-Clause
// Where do the parameters live? In one array of canonical layouts, named as PyTorch's state_dict names them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/infer/tensors.hpp>

namespace fovea {

/// The parameters and running statistics of a network. Trainable values come first, in the order of `tensors<Net>`, the
/// BatchNorm statistics behind them. A new one is the identity as far as it can be: convolutions 0, BatchNorm weight
/// and running_var 1, PReLU 0.25.
template <class Net, class T = float>
class Weights {
public:
    using value_type = T;
    static constexpr std::size_t parameter_size = parameter_count<Net>;
    static constexpr std::size_t buffer_size = buffer_count<Net>;

    Weights() : values_(parameter_size + buffer_size) {
        for (const tensor_info& t : detail::tensor_list<Net>) {
            std::fill_n(values_.begin() + static_cast<std::ptrdiff_t>(t.offset), t.size(),
                        static_cast<T>(t.first_value));
        }
    }

    std::span<T> values() noexcept { return values_; }
    std::span<const T> values() const noexcept { return values_; }
    /// What an optimiser changes.
    std::span<T> parameters() noexcept { return values().first(parameter_size); }
    std::span<const T> parameters() const noexcept { return values().first(parameter_size); }
    /// BatchNorm's running_mean and running_var.
    std::span<T> buffers() noexcept { return values().last(buffer_size); }
    std::span<const T> buffers() const noexcept { return values().last(buffer_size); }

    std::span<T> operator[](const tensor_info& t) noexcept { return values().subspan(t.offset, t.size()); }
    std::span<const T> operator[](const tensor_info& t) const noexcept { return values().subspan(t.offset, t.size()); }

    /// An xtensor view of one tensor, e.g. tensor("0.weight") with shape {16, 3, 3, 3}; writes go to the weights.
    /// Throws Error when there is no such name.
    auto tensor(std::string_view name) { return view_of(*this, name); }
    auto tensor(std::string_view name) const { return view_of(*this, name); }

    bool operator==(const Weights&) const = default;

private:
    template <class Self>
    static auto view_of(Self& self, std::string_view name) {
        const tensor_info& t = find(name);
        auto* first = self.values_.data() + t.offset;
        const std::vector<std::size_t> shape(t.extents.begin(),
                                             t.extents.begin() + static_cast<std::ptrdiff_t>(t.rank));
        return xt::adapt(first, t.size(), xt::no_ownership(), shape);
    }
    static const tensor_info& find(std::string_view name) {
        for (const tensor_info& t : detail::tensor_list<Net>) {
            if (name == std::string_view(t.name)) {
                return t;
            }
        }
        std::string known;
        for (const tensor_info& t : detail::tensor_list<Net>) {
            known += (known.empty() ? "" : ", ") + std::string(std::string_view(t.name));
        }
        detail::raise(Error("fovea: no tensor '" + std::string(name) + "' in these weights; there are " + known));
    }

    std::vector<T> values_;
};

/// The first tensor with a NaN or an infinity, in the order of storage; nullptr if there is none.
template <class Net, class T>
const tensor_info* first_not_finite(const Weights<Net, T>& weights) noexcept {
    const std::size_t bad = detail::first_not_finite(weights.values());
    for (const tensor_info& t : detail::tensor_list<Net>) {
        if (bad >= t.offset && bad < t.offset + t.size()) {
            return &t;
        }
    }
    return nullptr;
}

namespace detail {

/// Where the tensor `field` of layer `layer` lies, of its owner if it shares weights; size 0 where the layer has none. For
/// kernels and training.
template <class Net>
constexpr tensor_info tensor_of(std::size_t layer, std::string_view field) {
    layer = layers_of<Net>[layer].owner;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        const std::string_view name = t.name;
        if (t.layer == layer && name.substr(name.rfind('.') + 1) == field) {
            return t;
        }
    }
    tensor_info none{};
    none.extents[0] = 0;
    return none;
}

}  // namespace detail

}  // namespace fovea
