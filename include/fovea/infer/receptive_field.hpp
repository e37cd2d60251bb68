// SPDX-License-Identifier: BSD-3-Clause
// Which part of the input does one unit see?
#pragma once

#include <compare>
#include <numeric>

#include <fovea/infer/shape.hpp>
#include <fovea/infer/taps.hpp>

namespace fovea {

/// Input positions from one unit to the next: a whole number unless upsampling went past the input's grid.
struct step_ratio {
    std::size_t numerator = 1;
    std::size_t denominator = 1;

    constexpr bool operator==(const step_ratio&) const = default;
    template <std::integral I>
    friend constexpr bool operator==(const step_ratio& a, I n) {
        return a.denominator == 1 && std::cmp_equal(a.numerator, n);
    }
    template <std::integral I>
    friend constexpr std::strong_ordering operator<=>(const step_ratio& a, I n) {
        return n < 0 ? std::strong_ordering::greater : a.numerator <=> a.denominator * static_cast<std::size_t>(n);
    }
};

/// The same for each axis. Compares with an integer when all axes agree with it (in 1-D: time only).
struct Stride {
    step_ratio height{};
    step_ratio width{};
    bool one_dimensional = false;

    friend constexpr bool operator==(const Stride& a, const Stride& b) {
        return a.height == b.height && a.width == b.width;
    }
    friend constexpr bool operator==(const Stride& a, const Extent& e) {
        return a.height == e.height && a.width == e.width;
    }
    template <std::integral I>
    friend constexpr bool operator==(const Stride& a, I n) {
        return a.width == n && (a.one_dimensional || a.height == n);
    }
    template <std::integral I>
    friend constexpr bool operator<=(const Stride& a, I n) {
        return a.width <= n && (a.one_dimensional || a.height <= n);
    }
    template <std::integral I>
    friend constexpr bool operator>=(const Stride& a, I n) {
        return a.width >= n && (a.one_dimensional || a.height >= n);
    }
};

/// The field of a unit along one axis, in input positions. Exact but where a stride skips phases of an upsampled map:
/// then it may be a few positions more than the box of `support`.
struct axis_field {
    std::size_t size = 1;     ///< positions from the first to the last that it sees; behind upsampling, of all
                              ///< phases, each from its own position
    std::size_t least = 1;    ///< the same along the path that sees least
    step_ratio stride{};      ///< distance between the fields of neighbouring units
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
    constexpr Stride stride() const { return {height.stride, width.stride, one_dimensional}; }

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

/// What leads from the input to the units of a map along one axis, in 1/grid of an input position: unit u sees
/// [lo + u * jump, hi + u * jump] and stands at origin + u * jump. Behind upsampling the bounds hold for every phase,
/// and what is not a whole position is rounded inwards.
struct axis_path {
    std::int64_t lo = 0;
    std::int64_t hi = 0;
    std::int64_t origin = 0;
    std::int64_t jump = 1;
    std::int64_t grid = 1;
    std::int64_t least = 1;

    static constexpr std::int64_t most = std::int64_t{1} << 40;
    /// Far beyond any map, and no overflow.
    static constexpr std::int64_t clamp(std::int64_t n) { return n > most ? most : n < -most ? -most : n; }

    constexpr void scale(std::int64_t by) {
        lo = clamp(lo * by);
        hi = clamp(hi * by);
        origin = clamp(origin * by);
        jump = clamp(jump * by);
        grid = clamp(grid * by);
    }
    /// Afterwards n divides `jump`.
    constexpr void refine(std::int64_t n) {
        const std::int64_t missing = n / std::gcd(jump, n);
        if (missing > 1) {
            scale(missing);
        }
    }
};

/// First and last column (or row) that has a tap, in steps of the dilation.
struct tap_range {
    std::size_t first = 0;
    std::size_t last = 0;
};

/// A window: r += span * J, P += pad * J, J *= stride (Araujo et al. 2019). The taps lie around the unit's own
/// position, the odd one behind it, or all before it when causal.
constexpr axis_path through_window(axis_path p, const axis_window& w, padding_rule rule, tap_range taps) {
    const auto pad = static_cast<std::int64_t>(w.pad_before);
    const auto first = static_cast<std::int64_t>(taps.first * w.dilation);
    const auto last = static_cast<std::int64_t>(taps.last * w.dilation);
    const auto own = static_cast<std::int64_t>(rule == padding_rule::causal ? w.span() : w.span() / 2);
    p.least = axis_path::clamp(p.least + axis_path::clamp((last - first) * p.jump) / p.grid);
    p.lo = axis_path::clamp(p.lo + (first - pad) * p.jump);
    p.hi = axis_path::clamp(p.hi + (last - pad) * p.jump);
    p.origin = axis_path::clamp(p.origin + (own - pad) * p.jump);
    p.jump = axis_path::clamp(p.jump * static_cast<std::int64_t>(w.stride));
    return p;
}

/// A transposed window: output o meets the inputs i with o = i * stride - pad + tap, so i lies between
/// (o + pad - span) / stride and (o + pad) / stride.
constexpr axis_path through_transposed(axis_path p, const axis_window& w, padding_rule rule) {
    const auto pad = static_cast<std::int64_t>(w.pad_before), span = static_cast<std::int64_t>(w.span());
    const auto stride = static_cast<std::int64_t>(w.stride);
    const std::int64_t own = rule == padding_rule::causal ? 0 : span / 2;
    p.least = axis_path::clamp(p.least + axis_path::clamp(span / stride * p.jump) / p.grid);
    p.refine(stride);
    p.jump /= stride;
    p.lo = axis_path::clamp(p.lo + (pad - span) * p.jump);
    p.hi = axis_path::clamp(p.hi + pad * p.jump);
    p.origin = axis_path::clamp(p.origin + (pad - own) * p.jump);
    return p;
}

/// Upsampling by n: output o reads input floor(o / n), or with half-pixel centres the two around (o + 1/2) / n - 1/2.
constexpr axis_path through_upsample(axis_path p, std::int64_t n, bool bilinear) {
    if (n == 1) {
        return p;
    }
    p.refine(2 * n);
    const std::int64_t unit = p.jump / (2 * n);
    if (bilinear) {
        // Up to 1 - 1 / (2n) away on either side; centres of an odd n only 1 - 1 / n.
        p.lo = axis_path::clamp(p.lo + (2 + n % 2 - 3 * n) * unit);
        p.hi = axis_path::clamp(p.hi + (n - n % 2) * unit);
        p.origin = axis_path::clamp(p.origin + (1 - n) * unit);
    } else {
        p.lo = axis_path::clamp(p.lo - 2 * (n - 1) * unit);
    }
    p.jump /= n;
    return p;
}

/// Where paths meet: the union. Their jumps are equal (checked before).
constexpr axis_path united(axis_path a, axis_path b) {
    const std::int64_t grid = std::lcm(a.grid, b.grid);
    a.scale(grid / a.grid);
    b.scale(grid / b.grid);
    a.lo = a.lo < b.lo ? a.lo : b.lo;
    a.hi = a.hi > b.hi ? a.hi : b.hi;
    a.least = a.least < b.least ? a.least : b.least;
    return a;
}

constexpr bool same_step(const axis_path& a, const axis_path& b) { return a.jump * b.grid == b.jump * a.grid; }
constexpr bool same_origin(const axis_path& a, const axis_path& b) { return a.origin * b.grid == b.origin * a.grid; }

constexpr std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/// As users see it: whole positions, the union over the phases.
constexpr axis_field field_of(const axis_path& p) {
    const auto positive = [](std::int64_t n) { return n > 0 ? static_cast<std::size_t>(n) : std::size_t{0}; };
    if (p.grid == 1) {
        return {.size = static_cast<std::size_t>(p.hi - p.lo + 1),
                .least = static_cast<std::size_t>(p.least),
                .stride = {static_cast<std::size_t>(p.jump), 1},
                .padding = positive(-p.lo),
                .before = positive(p.origin - p.lo),
                .after = positive(p.hi - p.origin)};
    }
    axis_field f;
    f.least = positive(p.least);
    const std::int64_t common = std::gcd(p.jump, p.grid);
    f.stride = {positive(p.jump / common), positive(p.grid / common)};
    std::int64_t lowest = 0, highest = 0;
    for (std::int64_t u = 0; u < p.grid / common && u < 4'096; ++u) {
        const std::int64_t own = floor_of(p.origin + u * p.jump, p.grid);
        const std::int64_t lo = -floor_of(-(p.lo + u * p.jump), p.grid) - own,
                           hi = floor_of(p.hi + u * p.jump, p.grid) - own;
        lowest = u == 0 || lo < lowest ? lo : lowest;
        highest = u == 0 || hi > highest ? hi : highest;
        f.padding = u == 0 ? positive(-lo - own) : f.padding;
    }
    f.size = positive(highest - lowest + 1);
    f.before = positive(-lowest);
    f.after = positive(highest);
    return f;
}

}  // namespace detail
}  // namespace fovea
