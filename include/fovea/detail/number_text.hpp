// SPDX-License-Identifier: BSD-3-Clause
// How is a floating-point number written so that it reads back as the same number, whatever the locale?
#pragma once

#include <concepts>
#include <cstdio>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <string>

namespace fovea::detail {

/// The number that `text` is, all of it; nothing if it is none. Streams rather than std::from_chars, which libc++ has
/// for floating point only since version 20.
template <std::floating_point T>
std::optional<T> number_from_text(const std::string& text) {
    std::istringstream in{text};
    in.imbue(std::locale::classic());
    T value{};
    if (in >> value && in.peek() == std::istringstream::traits_type::eof()) {
        return value;
    }
    return std::nullopt;
}

/// The fewest significant digits, at least six, that read back as the same number.
template <std::floating_point T>
std::string exact_text(T value) {
    std::string text;
    for (int digits = 6; digits <= std::numeric_limits<T>::max_digits10; ++digits) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        out.precision(digits);
        out << value;
        text = out.str();
        if (const auto back = number_from_text<T>(text); back && *back == value) {
            break;
        }
    }
    return text;
}

/// printf with `precision` decimals, with a point in every locale ("nan" stays "nan").
inline std::string fixed_text(double value, int precision) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", precision, value);
    for (char& c : text) {
        c = c == ',' ? '.' : c;
    }
    return text;
}

}  // namespace fovea::detail
