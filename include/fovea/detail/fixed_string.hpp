// SPDX-License-Identifier: BSD-3-Clause
// How does text become part of a type?
#pragma once

#include <cstddef>
#include <string_view>

namespace fovea::detail {

/// A string literal as a template parameter: `template <fixed_string Name> struct Tap`.
template <std::size_t Size>
struct fixed_string {
    char chars[Size] = {};

    constexpr fixed_string(const char (&literal)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) {
            chars[i] = literal[i];
        }
    }
    constexpr bool operator==(const fixed_string&) const = default;
    constexpr std::string_view view() const { return {chars, Size - 1}; }
};

}  // namespace fovea::detail
