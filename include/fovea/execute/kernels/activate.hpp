// SPDX-License-Identifier: BSD-3-Clause
// What is done to a value on its way to memory? Activations on vectors, and on pieces of a row.
#pragma once

#include <fovea/execute/kernels/activation.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Done on every accumulator of a tile; the others row by row.
template <activation A>
inline constexpr bool is_cheap = function_of<A>::cheap;

template <activation A, class T, class Slope>
FOVEA_INLINE batch<T> activate(batch<T> x, Slope slope) {
    return function_of<A>::value(x, slope);
}

/// Activates values [0, count) at p, and writes zeros behind them up to the next whole vector.
template <activation A, class T>
inline void activate_row(T* p, std::ptrdiff_t count, slope_type<A, T> slope) {
    constexpr std::ptrdiff_t v = lanes<T>;
    std::ptrdiff_t x = 0;
    for (; x + v <= count; x += v) {
        store(p + x, activate<A>(load(p + x), slope));
    }
    if (x < count) {
        store(p + x, keep_first(activate<A>(load(p + x), slope), count - x));
    }
}

/// Zeros what lies between the vectors that kernels store and the next row.
template <class T, map_layout M>
FOVEA_INLINE void zero_gap(T* row) {
    for (std::ptrdiff_t x = ceil_div(M.width, lanes<T>) * lanes<T>; x < M.pitch; x += lanes<T>) {
        store(row + x, batch<T>(T(0)));
    }
}

/// Zeros what lies between the last row of a channel and the next channel: the left padding of its row 0.
template <class T, map_layout M>
FOVEA_INLINE void zero_plane_end(T* channel) {
    for (std::ptrdiff_t x = M.height * M.pitch; x < M.plane; x += lanes<T>) {
        store(channel + x, batch<T>(T(0)));
    }
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
