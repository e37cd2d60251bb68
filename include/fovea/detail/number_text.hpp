// SPDX-License-Identifier: BSD-3-Clause
// How are numbers written: exactly, with some decimals, or for people? With a point in every locale.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <fovea/detail/text.hpp>

namespace fovea::detail {

/// The fewest digits that read back as the same number.
template <std::floating_point T>
std::string exact_text(T value) {
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::general).ptr};
}

/// printf with `precision` decimals ("nan" stays "nan").
inline std::string fixed_text(double value, int precision) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", precision, value);
    for (char& c : text) {
        c = c == ',' ? '.' : c;
    }
    return text;
}

/// 25,215,456
inline std::string grouped_text(std::uint64_t value) { return std::string(text<32>{}.put_grouped(value).view()); }

/// Three digits and the first of `units` that leaves less than four: of `step` of one each next is made.
inline std::string shortened(double value, double step, const std::string_view* units, std::size_t count) {
    std::size_t u = 0;
    while (u + 1 < count && value >= 999.5) {
        value /= step;
        ++u;
    }
    std::string s = fixed_text(value, u == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
    if (!units[u].empty()) {
        s += ' ';
        s += units[u];
    }
    return s;
}
/// 25.2 M
inline std::string brief_count(std::size_t n) {
    static constexpr std::string_view units[] = {"", "k", "M", "G", "T", "P"};
    return shortened(static_cast<double>(n), 1000, units, 6);
}
/// 1.50 GiB
inline std::string byte_count(std::size_t n) {
    static constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    return shortened(static_cast<double>(n), 1024, units, 6);
}
/// A share: 97 %, 3.1 %
inline std::string percent(double share) {
    const double p = 100 * share;
    return fixed_text(p, p > 0 && p < 9.95 ? 1 : 0) + " %";
}

}  // namespace fovea::detail
