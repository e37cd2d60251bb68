// SPDX-License-Identifier: BSD-3-Clause
// Which taps does a pattern mean? Resolved for a kernel's extents.
#pragma once

#include <cstddef>

#include <fovea/declare/spec.hpp>
#include <fovea/infer/tap_set.hpp>

namespace fovea {

namespace detail {

/// Extents of a mask's text; `clean` turns false where there is anything but 0, 1 and blanks, or rows differ in length.
struct mask_extent {
    std::size_t rows = 0;
    std::size_t columns = 0;
    bool clean = true;
};
constexpr mask_extent extent_of(std::string_view text) {
    mask_extent e;
    std::size_t column = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ' ';
        if (c == '0' || c == '1') {
            ++column;
        } else if (c != ' ') {
            e.clean = false;
        } else if (column > 0) {
            e.clean = e.clean && (e.rows == 0 || column == e.columns);
            e.columns = e.rows == 0 ? column : e.columns;
            ++e.rows;
            column = 0;
        }
    }
    return e;
}

/// The taps of `p` in a kernel of rows x columns. A mask's text must have these extents.
constexpr tap_set resolve_taps(const tap_pattern& p, std::size_t rows, std::size_t columns) {
    if (p.shape == tap_pattern::full) {
        return {};
    }
    tap_set s = tap_set::none();
    if (p.shape == tap_pattern::mask) {
        std::size_t tap = 0;
        for (char c : p.rows) {
            if (c == '1') {
                s.add(tap);
            }
            tap += c == ' ' ? 0 : 1;
        }
        return s.within(rows * columns);
    }
    const std::size_t centre_row = (rows - 1) / 2, centre_column = (columns - 1) / 2;
    const bool falls = p.shape == tap_pattern::diagonal || p.shape == tap_pattern::antidiagonal;
    if (p.shape == tap_pattern::horizontal || p.shape == tap_pattern::cross) {
        for (std::size_t x = 0; x < columns; x += p.ends && columns > 1 ? columns - 1 : 1) {
            s.add(centre_row * columns + x);
        }
    }
    if (p.shape == tap_pattern::vertical || p.shape == tap_pattern::cross) {
        for (std::size_t y = 0; y < rows; y += p.ends && rows > 1 ? rows - 1 : 1) {
            s.add(y * columns + centre_column);
        }
    }
    if (falls) {
        const std::size_t steps = (rows > columns ? rows : columns) - 1;
        for (std::size_t i = 0; i <= steps; i += p.ends && steps > 0 ? steps : 1) {
            const std::size_t y = steps == 0 ? 0 : (2 * i * (rows - 1) + steps) / (2 * steps);
            const std::size_t x = steps == 0 ? 0 : (2 * i * (columns - 1) + steps) / (2 * steps);
            s.add(y * columns + (p.shape == tap_pattern::diagonal ? x : columns - 1 - x));
        }
    }
    return s.within(rows * columns);
}

}  // namespace detail
}  // namespace fovea
