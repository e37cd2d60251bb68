// SPDX-License-Identifier: BSD-3-Clause
// How are exp, tanh, the logistic function and SiLU computed on vectors? Without branches, right for every input: NaN
// gives NaN, infinities their limits, overflow infinity, underflow denormal numbers and then zero, -0 keeps its sign.
//
// e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln 2 / 2, where e^r = 1 + r + r^2 p(r) (W. J. Cody and W. Waite,
// Software Manual for the Elementary Functions, 1980). p is fitted for the least relative error of e^r: 2^-28.3 for
// float, 2^-57.9 for double. Every lane is computed on its own, so a value does not depend on its place in a vector.
//
// Where the order of two operations is what makes them exact, as_rounded() stands between: -ffast-math may not join
// them.
//
// Largest errors in units in the last place: over every float with AVX-512 and SSE4.2, over samples for double
// (tests/kernels/vector_math_test.cpp checks them):
//
//     exponential 1.02, hyperbolic_tangent 2.62, logistic 2.40, silu 3.20
#pragma once

#include <concepts>
#include <cstdint>

#include <fovea/execute/kernels/simd.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {
namespace math {

template <class T>
struct constants;

template <>
struct constants<float> {
    using integer = std::int32_t;
    static constexpr int mantissa_bits = 23;
    static constexpr float round = 0x1.8p23F;  ///< x + round has an ulp of 1: x is rounded to an integer
    static constexpr float bias = 127;
    static constexpr float per_ln2 = 0x1.715476p0F;
    static constexpr float ln2_high = 0x1.62ep-1F;  ///< short: its product with n is exact
    static constexpr float ln2_low = 0x1.0bfbe8p-15F;
    static constexpr float p[] = {0x1.fffffcp-2F, 0x1.555492p-3F, 0x1.5558f2p-5F, 0x1.123a2p-7F, 0x1.6a23ccp-10F};
    static constexpr float highest = 89;      ///< e^x is infinite from here on
    static constexpr float lowest = -120;     ///< e^x and x e^x are 0 up to here
    static constexpr float tanh_is_one = 10;  ///< from here on
};

template <>
struct constants<double> {
    using integer = std::int64_t;
    static constexpr int mantissa_bits = 52;
    static constexpr double round = 0x1.8p52;
    static constexpr double bias = 1023;
    static constexpr double per_ln2 = 0x1.71547652b82fep0;
    static constexpr double ln2_high = 0x1.62e42fefa3p-1;
    static constexpr double ln2_low = 0x1.3de6af278ece6p-42;
    static constexpr double p[] = {0x1.000000000000ap-1, 0x1.55555555554f9p-3,  0x1.555555555083fp-5,
                                   0x1.1111111127d37p-7, 0x1.6c16c1843875bp-10, 0x1.a01a012a01327p-13,
                                   0x1.a01999e30acep-16, 0x1.71df25d2cfd02p-19, 0x1.28ad9ae5d58ddp-22,
                                   0x1.ad7f0c530a16ap-26};
    static constexpr double highest = 710;
    static constexpr double lowest = -800;
    static constexpr double tanh_is_one = 20;
};

template <class To, class T>
FOVEA_INLINE batch<To> same_bits(batch<T> v) {
    if constexpr (requires {
                      { simd::bitwise_cast<To>(v) } -> std::same_as<batch<To>>;
                  }) {
        return simd::bitwise_cast<To>(v);
    } else {
        return simd::bitwise_cast<batch<To>>(v);  // xsimd before 10
    }
}

/// 2^n for a whole n whose power is a normal number: n + bias in the lowest bits of a float, moved to the exponent.
template <class T>
FOVEA_INLINE batch<T> power_of_two(batch<T> n) {
    using C = constants<T>;
    const auto bits = same_bits<typename C::integer>(n + batch<T>(C::round + C::bias));
    return same_bits<T>(bits << C::mantissa_bits);
}

/// v 2^n, rounded once: in two steps unless there is an instruction, since 2^n may overflow or be denormal.
template <class T>
FOVEA_INLINE batch<T> scale(batch<T> v, batch<T> n) {
#if defined(FOVEA_KERNELS_AVX512)
    if constexpr (std::same_as<T, float>) {
        return batch<T>(_mm512_maskz_scalef_ps(static_cast<__mmask16>(-1), v, n));
    } else {
        return batch<T>(_mm512_maskz_scalef_pd(static_cast<__mmask8>(-1), v, n));
    }
#else
    const batch<T> round(constants<T>::round);
    const batch<T> half = as_rounded(as_rounded(fmadd(n, batch<T>(T(0.5)), round)) - round);
    return as_rounded(v * power_of_two<T>(half)) * power_of_two<T>(n - half);
#endif
}

/// x within the bounds, NaN if it is.
template <class T>
FOVEA_INLINE batch<T> clamp(batch<T> x, T low, T high) {
    return at_most(batch<T>(high), at_least(batch<T>(low), x));
}

/// e^x = 2^power (1 + rest).
template <class T>
struct exponential_parts {
    batch<T> power;
    batch<T> rest;
};

template <class T, std::size_t... I>
FOVEA_INLINE batch<T> polynomial(batch<T> r, std::index_sequence<I...>) {
    using C = constants<T>;
    batch<T> sum(C::p[sizeof...(I)]);
    ((sum = fmadd(sum, r, batch<T>(C::p[sizeof...(I) - 1 - I]))), ...);
    return sum;
}

template <class T>
FOVEA_INLINE exponential_parts<T> split_exponential(batch<T> x) {
    using C = constants<T>;
    using V = batch<T>;
    const V n = as_rounded(as_rounded(fmadd(x, V(C::per_ln2), V(C::round))) - V(C::round));
    const V r = fmadd(n, V(-C::ln2_low), as_rounded(fmadd(n, V(-C::ln2_high), x)));
    constexpr std::size_t degree = sizeof(C::p) / sizeof(T) - 1;
    return {n, fmadd(r * r, polynomial<T>(r, std::make_index_sequence<degree>{}), r)};
}

/// factor times the logistic function of x, where x < 0 is scaled last: a factor beyond 1 saves a denormal e^x.
template <class T>
FOVEA_INLINE batch<T> scaled_logistic(batch<T> x, batch<T> factor) {
    using V = batch<T>;
    const V zero(T(0));
    const V one(T(1));
    const exponential_parts<T> e = split_exponential<T>(-simd::abs(x));
    const V mantissa = one + e.rest;
    const auto below = x < zero;
    const V share = simd::select(below, mantissa, one) / (one + scale<T>(mantissa, e.power));
    return scale<T>(factor * share, simd::select(below, e.power, zero));
}

}  // namespace math

/// e^x.
template <class T>
FOVEA_INLINE batch<T> exponential(batch<T> x) {
    using C = math::constants<T>;
    const math::exponential_parts<T> e = math::split_exponential<T>(math::clamp<T>(x, C::lowest, C::highest));
    return math::scale<T>(batch<T>(T(1)) + e.rest, e.power);
}

/// (e^2|x| - 1) / (e^2|x| + 1) with the sign of x; e^2|x| - 1 keeps its digits near 0.
template <class T>
FOVEA_INLINE batch<T> hyperbolic_tangent(batch<T> x) {
    using V = batch<T>;
    const V one(T(1));
    const V a = at_most(V(math::constants<T>::tanh_is_one), simd::abs(x));
    const math::exponential_parts<T> e = math::split_exponential<T>(a + a);
    const V power = math::power_of_two<T>(e.power);
    const V less_one = fmadd(power, e.rest, as_rounded(power - one));
    return (less_one / (less_one + V(T(2)))) | (x & V(T(-0.0)));
}

/// 1 / (1 + e^-x).
template <class T>
FOVEA_INLINE batch<T> logistic(batch<T> x) {
    using C = math::constants<T>;
    return math::scaled_logistic<T>(math::clamp<T>(x, C::lowest, -C::lowest), batch<T>(T(1)));
}

/// x / (1 + e^-x); NaN at minus infinity, as that quotient: the product with 0 is -0 for all other x below 0.
template <class T>
FOVEA_INLINE batch<T> silu(batch<T> x) {
    using C = math::constants<T>;
    const batch<T> zero(T(0));
    const batch<T> factor = at_least(batch<T>(C::lowest), x);
    const batch<T> y = math::scaled_logistic<T>(at_most(batch<T>(-C::lowest), factor), factor);
    return fmadd(at_most(zero, x), zero, y);
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
