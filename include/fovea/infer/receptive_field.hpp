// SPDX-License-Identifier: BSD-3-Clause
// Which part of the input does one unit see?
#pragma once

#include <fovea/infer/shape.hpp>

namespace fovea {

/// The field of a unit along one axis, in input positions.
struct axis_field {
    std::size_t size = 1;     ///< positions from the first to the last that it sees
    std::size_t stride = 1;   ///< distance between the fields of neighbouring units
    std::size_t padding = 0;  ///< how far the field of unit 0 reaches beyond position 0 (Araujo et al., Distill 2019)
    std::size_t before = 0;   ///< extent before the unit's own position
    std::size_t after = 0;    ///< extent behind it: the look-ahead

    constexpr bool operator==(const axis_field&) const = default;
};

/// The field of a unit. Compares with an integer (all axes equal; in 1-D time only) or an Extent{height, width}.
struct ReceptiveField {
    axis_field height{};
    axis_field width{};
    bool one_dimensional = false;

    constexpr Extent size() const { return {height.size, width.size, one_dimensional}; }
    constexpr Extent stride() const { return {height.stride, width.stride, one_dimensional}; }

    friend constexpr bool operator==(const ReceptiveField& a, const ReceptiveField& b) {
        return a.height == b.height && a.width == b.width;
    }
    friend constexpr bool operator==(const ReceptiveField& a, const Extent& e) { return a.size() == e; }
    template <std::integral I>
    friend constexpr bool operator==(const ReceptiveField& a, I n) {
        return a.size() == n;
    }
    template <std::integral I>
    friend constexpr bool operator<=(const ReceptiveField& a, I n) {
        return a.size() <= n;
    }
    template <std::integral I>
    friend constexpr bool operator>=(const ReceptiveField& a, I n) {
        return a.size() >= n;
    }
    template <std::integral I>
    friend constexpr bool operator<(const ReceptiveField& a, I n) {
        return a.size() < n;
    }
    template <std::integral I>
    friend constexpr bool operator>(const ReceptiveField& a, I n) {
        return a.size() > n;
    }
};

namespace detail {

/// One window more: r += span * J, P += pad * J, J *= stride (Araujo et al. 2019); the taps lie around the unit's own
/// position, the odd one behind it, or all before it when causal.
constexpr axis_field widen(const axis_field& f, const axis_window& w, padding_rule rule) {
    const std::size_t before = rule == padding_rule::causal ? w.span() : w.span() / 2;
    return {.size = f.size + w.span() * f.stride,
            .stride = f.stride * w.stride,
            .padding = f.padding + w.pad_before * f.stride,
            .before = f.before + before * f.stride,
            .after = f.after + (w.span() - before) * f.stride};
}

}  // namespace detail
}  // namespace fovea
