// SPDX-License-Identifier: BSD-3-Clause
// How is text built at compile time? A bounded buffer that appends strings and numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea::detail {

template <std::size_t Capacity>
struct text {
    char chars[Capacity + 1] = {};
    std::size_t length = 0;

    constexpr operator std::string_view() const { return {chars, length}; }
    constexpr std::string_view view() const { return {chars, length}; }
    constexpr std::size_t size() const { return length; }
    constexpr bool operator==(const text& other) const { return view() == other.view(); }
    constexpr bool operator==(std::string_view other) const { return view() == other; }

    constexpr text& put(char c) {
        if (length < Capacity) {
            chars[length++] = c;
        }
        return *this;
    }
    constexpr text& put(std::string_view s) {
        // Few steps a character: clang allows 1,048,576 operations in one constant.
        const std::size_t n = s.size() < Capacity - length ? s.size() : Capacity - length;
        const char* from = s.data();
        char* to = chars + length;
        for (std::size_t i = 0; i < n; ++i) {
            to[i] = from[i];
        }
        length += n;
        return *this;
    }
    constexpr text& put_number(std::uint64_t value) { return put_digits(value, false); }
    /// With a comma after each group of three digits: 25,215,456.
    constexpr text& put_grouped(std::uint64_t value) { return put_digits(value, true); }
    constexpr text& pad_to(std::size_t column) {
        while (length < column && length < Capacity) {
            put(' ');
        }
        return *this;
    }

    constexpr text& put_digits(std::uint64_t value, bool grouped) {
        char digits[20] = {};
        int n = 0;
        do {
            digits[n++] = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0);
        while (n > 0) {
            put(digits[--n]);
            if (grouped && n > 0 && n % 3 == 0) {
                put(',');
            }
        }
        return *this;
    }
};

}  // namespace fovea::detail
