// SPDX-License-Identifier: BSD-3-Clause
// Which number does a text say, whatever the locale?
#pragma once

#include <concepts>
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

}  // namespace fovea::detail
