// SPDX-License-Identifier: BSD-3-Clause
// What is each activation, forth and back? One struct each:
//
//     cheap           so few instructions that it is done on every accumulator of a tile. The others call exp, whose
//     code
//                     exists once a kernel; they run over rows
//     gradient_reads  what the gradient is computed from: the input x, or the output y where that will do
//     constants       how many values its type has, if it has more than one
//     value           y for x; of a cheap one also for the compiler's own vectors and for single values
//     gradient        dy times dy/dx, for the x or y that gradient_reads says
//     slope_gradient  where slopes are trained: dy times dy/dslope for x
//
// `slope` is the value that facts_of(activation) speaks of, an array if there are several, 0 where there are none. NaN
// stays NaN, and lets gradients pass, as in PyTorch.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>

#include <fovea/execute/kernels/vector_math.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

enum class gradient_source { input, output };

/// Undefined: an activation without one does not compile.
template <activation A>
struct activation_function;

/// value in all lanes; V: batch<T>, the compiler's own vector, or T.
template <class V, class T>
FOVEA_INLINE V broadcast(T value) {
    if constexpr (std::is_class_v<V>) {
        return V(value);
    } else {
        return value - V{};  // -0 stays
    }
}
/// a where the mask holds, else b.
template <class M, class V>
FOVEA_INLINE V choose(M mask, V a, V b) {
    if constexpr (std::is_class_v<V>) {
        return simd::select(mask, a, b);
    } else {
        return mask ? a : b;
    }
}

template <>
struct activation_function<activation::none> {
    static constexpr bool cheap = true;
    static constexpr gradient_source gradient_reads = gradient_source::output;
    template <class V, class T>
    FOVEA_INLINE static V value(V x, T) {
        return x;
    }
    template <class V, class T>
    FOVEA_INLINE static V gradient(V dy, V, T) {
        return dy;
    }
};

template <>
struct activation_function<activation::relu> {
    static constexpr bool cheap = true;
    static constexpr gradient_source gradient_reads = gradient_source::output;
    template <class V, class T>
    FOVEA_INLINE static V value(V x, T) {
        const V zero = broadcast<V>(T(0));
        if constexpr (std::is_class_v<V>) {
            return at_least(zero, x);
        } else {
            return x < zero ? zero : x;
        }
    }
    template <class V, class T>
    FOVEA_INLINE static V gradient(V dy, V y, T) {
        const V zero = broadcast<V>(T(0));
        return choose(y <= zero, zero, dy);
    }
};

/// x for x > 0, slope * x otherwise.
struct leaky_function {
    static constexpr bool cheap = true;
    static constexpr gradient_source gradient_reads = gradient_source::input;
    template <class V, class T>
    FOVEA_INLINE static V value(V x, T slope) {
        return choose(x > broadcast<V>(T(0)), x, x * broadcast<V>(slope));
    }
    template <class V, class T>
    FOVEA_INLINE static V gradient(V dy, V x, T slope) {
        return choose(x > broadcast<V>(T(0)), dy, dy * broadcast<V>(slope));
    }
};

template <>
struct activation_function<activation::leaky_relu> : leaky_function {};

template <>
struct activation_function<activation::prelu> : leaky_function {
    template <class T>
    FOVEA_INLINE static batch<T> slope_gradient(batch<T> dy, batch<T> x) {
        const batch<T> zero(T(0));
        return simd::select(x > zero, zero, dy * x);
    }
};

template <>
struct activation_function<activation::sigmoid> {
    static constexpr bool cheap = false;
    static constexpr gradient_source gradient_reads = gradient_source::output;
    template <class T>
    FOVEA_INLINE static batch<T> value(batch<T> x, T) {
        return logistic<T>(x);
    }
    template <class T>
    FOVEA_INLINE static batch<T> gradient(batch<T> dy, batch<T> y, T) {
        return dy * (y * (batch<T>(T(1)) - y));
    }
};

template <>
struct activation_function<activation::tanh> {
    static constexpr bool cheap = false;
    static constexpr gradient_source gradient_reads = gradient_source::output;
    template <class T>
    FOVEA_INLINE static batch<T> value(batch<T> x, T) {
        return hyperbolic_tangent<T>(x);
    }
    template <class T>
    FOVEA_INLINE static batch<T> gradient(batch<T> dy, batch<T> y, T) {
        return dy * (batch<T>(T(1)) - y * y);
    }
};

/// The slope is s (1 + x (1 - s)) with s = logistic(x): NaN at the infinities.
template <>
struct activation_function<activation::silu> {
    static constexpr bool cheap = false;
    static constexpr gradient_source gradient_reads = gradient_source::input;
    template <class T>
    FOVEA_INLINE static batch<T> value(batch<T> x, T) {
        return silu<T>(x);
    }
    template <class T>
    FOVEA_INLINE static batch<T> gradient(batch<T> dy, batch<T> x, T) {
        const batch<T> one(T(1)), s = logistic<T>(x);
        return dy * (s * fmadd(x, one - s, one));
    }
};

/// The slope of output channel c.
template <activation A, class T>
FOVEA_INLINE auto slope_of([[maybe_unused]] const T* slope, [[maybe_unused]] std::ptrdiff_t c) {
    constexpr activation_slopes kind = facts_of(A).slopes;
    if constexpr (kind == activation_slopes::none) {
        return T(0);
    } else if constexpr (kind == activation_slopes::per_channel) {
        return slope[c];
    } else if constexpr (requires { activation_function<A>::constants; }) {
        std::array<T, activation_function<A>::constants> all;
        std::copy_n(slope, all.size(), all.begin());
        return all;
    } else {
        return slope[0];
    }
}
template <activation A, class T>
using slope_type = decltype(slope_of<A>(static_cast<const T*>(nullptr), 0));

/// Slopes of the channels from `channel` on.
template <activation A, class T>
FOVEA_INLINE const T* slopes_from(const T* slope, std::ptrdiff_t channel) {
    return facts_of(A).slopes == activation_slopes::per_channel ? slope + channel : slope;
}

template <activation A>
concept has_value = requires(batch<float> v, slope_type<A, float> slope) {
    { activation_function<A>::cheap } -> std::convertible_to<bool>;
    { activation_function<A>::value(v, slope) } -> std::same_as<batch<float>>;
};
template <activation A>
concept has_gradient = requires(batch<float> v, slope_type<A, float> slope) {
    { activation_function<A>::gradient_reads } -> std::convertible_to<gradient_source>;
    { activation_function<A>::gradient(v, v, slope) } -> std::same_as<batch<float>>;
};
template <activation A>
concept has_slope_gradient = facts_of(A)
.slopes != activation_slopes::per_channel || requires(batch<float> v) {
    { activation_function<A>::slope_gradient(v, v) } -> std::same_as<batch<float>>;
};

/// The function of an activation, complete: what has a value but no gradient runs nowhere.
template <activation A>
struct function_of : activation_function<A> {
    static_assert(has_value<A>, "fovea: activation_function<A> has no cheap or no value(x, slope)");
    static_assert(has_gradient<A>, "fovea: activation_function<A> has no gradient_reads or no gradient(dy, v, slope)");
    static_assert(has_slope_gradient<A>,
                  "fovea: activation_function<A> trains its slopes and has no slope_gradient(dy, x)");
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
