// SPDX-License-Identifier: BSD-3-Clause
// How do maps of different layouts meet? Copies into and out of a slice of channels, sums, and the gate of WaveNet. A
// slice is a pointer at its first channel; copies and sums go over the channels of the smaller map.
#pragma once

#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// The channels that both maps have, as they lie in M.
template <map_layout M, map_layout Other>
inline constexpr map_layout common_channels = [] {
    static_assert(M.height == Other.height && M.width == Other.width);
    map_layout m = M;
    m.channels = M.channels < Other.channels ? M.channels : Other.channels;
    return m;
}();

/// Calls f(offset in a map of layout A, offset in one of layout B, columns left in the row) for
/// every vector of B's rows.
template <class T, map_layout A, map_layout B, class Function>
FOVEA_INLINE void for_each_pair(std::ptrdiff_t row_begin, std::ptrdiff_t row_end, Function f) {
    for (std::ptrdiff_t c = 0; c < B.channels; ++c) {
        for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
            for (std::ptrdiff_t x = 0; x < B.width; x += lanes<T>) {
                f(c * A.plane + y * A.pitch + x, c * B.plane + y * B.pitch + x, B.width - x);
            }
        }
    }
}

template <class T, map_layout In, map_layout Out>
struct copy_map {
    static constexpr map_layout written = common_channels<Out, In>;

    static void run(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for_each_pair<T, In, written>(row_begin, row_end,
                                      [&](std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t left) {
                                          store_in_row<T, written>(out + to, load(in + from), left);
                                      });
        zero_gaps<T, written>(out, row_begin, row_end);
    }
};

/// out = activation(out + in)
template <class T, map_layout In, map_layout Out, activation A = activation::none>
struct accumulate {
    static constexpr map_layout written = common_channels<Out, In>;

    static void run(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for_each_pair<T, In, written>(row_begin, row_end,
                                      [&](std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t left) {
                                          store_in_row<T, written>(out + to,
                                                                   activate<A>(load(out + to) + load(in + from), T(0)),
                                                                   left);
                                      });
        zero_gaps<T, written>(out, row_begin, row_end);
    }
};

/// out[c] = tanh(in[c]) * sigmoid(in[channels + c]) (WaveNet, van den Oord et al. 2016, equation 2)
template <class T, map_layout In, map_layout Out>
struct gate_forward {
    static_assert(In.channels == 2 * Out.channels && In.height == Out.height && In.width == Out.width);

    static void run(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        const T* gate = in + Out.channels * In.plane;
        for_each_pair<T, In, Out>(row_begin, row_end, [&](std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t left) {
            const batch<T> value = activate<activation::tanh>(load(in + from), T(0));
            store_in_row<T, Out>(out + to, value * activate<activation::sigmoid>(load(gate + from), T(0)), left);
        });
        zero_gaps<T, Out>(out, row_begin, row_end);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
