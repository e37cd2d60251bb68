// SPDX-License-Identifier: BSD-3-Clause
// What is done to a value on its way to memory? Activations on vectors, and on pieces of a row.
#pragma once

#include <fovea/execute/kernels/vector_math.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Cheap enough to be done on every accumulator of a tile; the others call exp, whose code exists once a kernel.
constexpr bool is_cheap(activation a) {
    return a == activation::none || a == activation::relu || a == activation::leaky_relu || a == activation::prelu;
}

/// slope is read by leaky_relu and prelu only.
template <activation A, class T>
FOVEA_INLINE batch<T> activate(batch<T> x, [[maybe_unused]] T slope) {
    using V = batch<T>;
    if constexpr (A == activation::none) {
        return x;
    } else if constexpr (A == activation::relu) {
        return at_least(V(T(0)), x);
    } else if constexpr (A == activation::leaky_relu || A == activation::prelu) {
        return simd::select(x > V(T(0)), x, x * V(slope));
    } else if constexpr (A == activation::sigmoid) {
        return logistic<T>(x);
    } else if constexpr (A == activation::tanh) {
        return hyperbolic_tangent<T>(x);
    } else {
        static_assert(A == activation::silu);
        return silu<T>(x);
    }
}

/// The slope of output channel c.
template <activation A, class T>
FOVEA_INLINE T slope_of([[maybe_unused]] const T* slope, [[maybe_unused]] std::ptrdiff_t c) {
    if constexpr (A == activation::leaky_relu) {
        return slope[0];
    } else if constexpr (A == activation::prelu) {
        return slope[c];
    } else {
        return T(0);
    }
}

/// Activates values [0, count) at p, and writes zeros behind them up to the next whole vector.
template <activation A, class T>
inline void activate_row(T* p, std::ptrdiff_t count, T slope) {
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
