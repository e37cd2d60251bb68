// SPDX-License-Identifier: BSD-3-Clause
// Is this value a number? Asked of its bits: under -ffast-math and -Ofast, std::isfinite and std::isnan are constants,
// and clang warns of std::numeric_limits' infinity.
#pragma once

#include <bit>
#include <cstdint>

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

}  // namespace fovea::detail
