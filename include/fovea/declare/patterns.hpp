// SPDX-License-Identifier: BSD-3-Clause
// Which taps of a kernel are there? Absent ones have no parameters, no MACs and no instructions.
#pragma once

#include <fovea/declare/spec.hpp>
#include <fovea/detail/fixed_string.hpp>

namespace fovea {

/// `taps<Pattern>` for every output channel, or `taps<A, B, ...>` dealt over them: channel o has pattern o mod n.
template <class... Patterns>
struct taps {};

/// Every tap.
struct full {};
/// The centre row and the centre column (of an even kernel: the one before the centre).
struct cross {};
/// From the first row and column to the last; in a kernel that is not square, the cells next to that line.
struct diagonal {};
struct antidiagonal {};
/// The centre row.
struct horizontal {};
/// The centre column.
struct vertical {};
/// The outermost two taps of a line: `ends<diagonal>` of a 3x3 kernel is mask<"100 000 001">. The fewest taps that keep
/// the line's receptive field.
template <class Line>
struct ends {};
/// Rows of 0 and 1, separated by blanks: mask<"010 111 010"> for a 3x3 kernel.
template <detail::fixed_string Rows>
struct mask {};

namespace detail {

/// The primary template is no pattern at all.
template <class Pattern>
struct pattern_traits {
    static constexpr option_fault fault = option_fault::bad_value;
    static constexpr tap_pattern value{};
};

template <tap_pattern::shape_name Shape, bool Ends = false>
struct named_pattern {
    static constexpr option_fault fault = option_fault::none;
    static constexpr tap_pattern value{.shape = Shape, .ends = Ends};
};
template <>
struct pattern_traits<full> : named_pattern<tap_pattern::full> {};
template <>
struct pattern_traits<cross> : named_pattern<tap_pattern::cross> {};
template <>
struct pattern_traits<diagonal> : named_pattern<tap_pattern::diagonal> {};
template <>
struct pattern_traits<antidiagonal> : named_pattern<tap_pattern::antidiagonal> {};
template <>
struct pattern_traits<horizontal> : named_pattern<tap_pattern::horizontal> {};
template <>
struct pattern_traits<vertical> : named_pattern<tap_pattern::vertical> {};
template <>
struct pattern_traits<ends<diagonal>> : named_pattern<tap_pattern::diagonal, true> {};
template <>
struct pattern_traits<ends<antidiagonal>> : named_pattern<tap_pattern::antidiagonal, true> {};
template <>
struct pattern_traits<ends<horizontal>> : named_pattern<tap_pattern::horizontal, true> {};
template <>
struct pattern_traits<ends<vertical>> : named_pattern<tap_pattern::vertical, true> {};
template <fixed_string Rows>
struct pattern_traits<mask<Rows>> {
    static constexpr option_fault fault = option_fault::none;
    static constexpr tap_pattern value{.shape = tap_pattern::mask, .rows = Rows.view()};
};

template <class... Patterns>
struct option_traits<taps<Patterns...>> {
    static constexpr unsigned bit = takes_taps;
    static constexpr tap_pattern list[] = {pattern_traits<Patterns>::value..., tap_pattern{}};
    static constexpr option_fault fault = [] {
        constexpr option_fault faults[] = {pattern_traits<Patterns>::fault..., option_fault::none};
        for (option_fault f : faults) {
            if (f != option_fault::none) {
                return f;
            }
        }
        return sizeof...(Patterns) > 0 ? option_fault::none : option_fault::bad_value;
    }();
    static constexpr void apply(brick_spec& s) { s.patterns = {list, sizeof...(Patterns)}; }
};

}  // namespace detail
}  // namespace fovea
