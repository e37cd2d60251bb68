// SPDX-License-Identifier: BSD-3-Clause
// Is this value a number? Asked of its bits: under -ffast-math and -Ofast, std::isfinite and std::isnan are constants,
// and clang warns of std::numeric_limits' infinity.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace fovea::detail {

/// Neither NaN nor infinite, whatever the compiler's flags say of such values.
constexpr bool is_finite(float value) noexcept {
    return (std::bit_cast<std::uint32_t>(value) & 0x7F80'0000U) != 0x7F80'0000U;
}

constexpr bool is_finite(double value) noexcept {
    constexpr std::uint64_t exponent = 0x7FF0'0000'0000'0000U;
    return (std::bit_cast<std::uint64_t>(value) & exponent) != exponent;
}

constexpr bool is_nan(float value) noexcept {
    return (std::bit_cast<std::uint32_t>(value) & 0x7FFF'FFFFU) > 0x7F80'0000U;
}

constexpr bool is_nan(double value) noexcept {
    return (std::bit_cast<std::uint64_t>(value) & 0x7FFF'FFFF'FFFF'FFFFU) > 0x7FF0'0000'0000'0000U;
}

template <class T>
inline constexpr T infinity = static_cast<T>(std::bit_cast<float>(0x7F80'0000U));
inline constexpr float not_a_number = std::bit_cast<float>(0x7FC0'0000U);

/// The place of the first value that is not finite; values.size() if all are. An exponent of ones carries into the sign
/// bit when one is added to it: blocks of values are asked without a branch, as vectors.
template <class T>
constexpr std::size_t first_not_finite(std::span<const T> values) noexcept {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr bits sign = bits{1} << (8 * sizeof(T) - 1), one = bits{1} << (sizeof(T) == 4 ? 23 : 52);
    constexpr std::size_t block = 64;
    std::size_t at = 0;
    for (; at + block <= values.size(); at += block) {
        bits carried = 0;
        for (std::size_t i = 0; i < block; ++i) {
            carried |= (std::bit_cast<bits>(values[at + i]) & (sign - 1)) + one;
        }
        if ((carried & sign) != 0) {
            break;
        }
    }
    while (at < values.size() && is_finite(values[at])) {
        ++at;
    }
    return at;
}

}  // namespace fovea::detail
