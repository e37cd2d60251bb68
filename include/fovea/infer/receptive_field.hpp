// SPDX-License-Identifier: BSD-3-Clause
// Which part of the input does one unit see?
#pragma once

#include <compare>
#include <numeric>

#include <fovea/infer/shape.hpp>
#include <fovea/infer/taps.hpp>

namespace fovea {

/// Input positions from one unit to the next: a whole number unless upsampling went past the input's grid.
struct stride_ratio {
    std::size_t numerator = 1;
    std::size_t denominator = 1;

    constexpr bool operator==(const stride_ratio&) const = default;
    template <std::integral I>
    friend constexpr bool operator==(const stride_ratio& a, I n) {
        return a.denominator == 1 && std::cmp_equal(a.numerator, n);
    }
    template <std::integral I>
    friend constexpr std::strong_ordering operator<=>(const stride_ratio& a, I n) {
        return n < 0 ? std::strong_ordering::greater : a.numerator <=> a.denominator * static_cast<std::size_t>(n);
    }
};

/// The same for each axis. Compares with an integer when all axes agree with it (in 1-D: time only).
struct Stride {
    stride_ratio height{};
    stride_ratio width{};
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
/// size = before + after + 1, or less where a unit stands between two positions: `before` and `after` are rounded up.
struct axis_field {
    std::size_t size = 1;     ///< positions from the first to the last that it sees; behind upsampling, of all
                              ///< phases, each from its own position
    std::size_t least = 1;    ///< the same along the path that sees least
    stride_ratio stride{};    ///< distance between the fields of neighbouring units
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
/// [lo + u * jump, hi + u * jump] and its tap lies at origin + u * jump. Behind upsampling the bounds hold for every
/// phase, and the tap is held: unit u of a map that is n times as fine has that of u / n.
/// The tap is the middle one of a window, the one before the middle of an even window. `half` and `lean` lead to the
/// middle itself, in 1/(2 grid): `half` through windows with a stride and resampling, `lean` through windows of
/// stride 1, which under `same` leave unit u at position u.
struct axis_path {
    std::int64_t lo = 0;
    std::int64_t hi = 0;
    std::int64_t origin = 0;
    std::int64_t half = 0;
    std::int64_t lean = 0;
    std::int64_t jump = 1;
    std::int64_t grid = 1;
    std::int64_t least = 1;
    bool resampled = false;

    static constexpr std::int64_t most = std::int64_t{1} << 40;
    /// Far beyond any map, and no overflow.
    static constexpr std::int64_t clamp(std::int64_t n) { return n > most ? most : n < -most ? -most : n; }

    constexpr void scale(std::int64_t by) {
        lo = clamp(lo * by);
        hi = clamp(hi * by);
        origin = clamp(origin * by);
        half = clamp(half * by);
        lean = clamp(lean * by);
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
    /// No unit sees anything behind its tap, as behind causal windows and values that are held.
    constexpr bool looks_back() const { return hi <= origin; }
    /// Where unit u stands, in 1/(2 grid): at its tap, but where resampling has put units between positions. Behind it
    /// a unit stands in the middle, unless what it sees ends at its tap.
    constexpr std::int64_t place(std::int64_t u) const {
        return 2 * (origin + u * jump) + (resampled && !looks_back() ? half : 0);
    }
    /// The middle of all windows of unit 0, in 1/(2 grid).
    constexpr std::int64_t centre() const { return 2 * origin + half + lean; }
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
    const auto span = static_cast<std::int64_t>(w.span());
    const std::int64_t own = rule == padding_rule::causal ? span : span / 2;
    p.least = axis_path::clamp(p.least + axis_path::clamp((last - first) * p.jump) / p.grid);
    p.lo = axis_path::clamp(p.lo + (first - pad) * p.jump);
    p.hi = axis_path::clamp(p.hi + (last - pad) * p.jump);
    p.origin = axis_path::clamp(p.origin + (own - pad) * p.jump);
    if (own < span - own) {
        std::int64_t& rest = w.stride > 1 ? p.half : p.lean;
        rest = axis_path::clamp(rest + p.jump);
    }
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
    if (rule != padding_rule::causal && span % 2 != 0) {
        std::int64_t& rest = stride > 1 ? p.half : p.lean;
        rest = axis_path::clamp(rest - p.jump);
    }
    p.resampled = p.resampled || stride > 1;
    return p;
}

/// Upsampling by n: output o reads input floor(o / n), or of the half-pixel centres the two around
/// (o + 1/2) / n - 1/2. In the middle of its phases it stands there either way.
constexpr axis_path through_upsample(axis_path p, std::int64_t n, bool bilinear) {
    if (n == 1) {
        return p;
    }
    p.refine(bilinear ? 2 * n : n);
    const std::int64_t fine = p.jump / n;
    if (bilinear) {
        // Up to 1 - 1 / (2n) away on either side; centres of an odd n only 1 - 1 / n.
        const std::int64_t unit = fine / 2;
        p.lo = axis_path::clamp(p.lo + (2 + n % 2 - 3 * n) * unit);
        p.hi = axis_path::clamp(p.hi + (n - n % 2) * unit);
    } else {
        p.lo = axis_path::clamp(p.lo - (n - 1) * fine);
    }
    p.half = axis_path::clamp(p.half - (n - 1) * fine);
    p.jump = fine;
    p.resampled = true;
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
    a.resampled = a.resampled || b.resampled;
    return a;
}

constexpr bool same_stride(const axis_path& a, const axis_path& b) { return a.jump * b.grid == b.jump * a.grid; }
/// Whether units of equal number have one centre; where none sees behind its tap, one tap.
constexpr bool same_centre(const axis_path& a, const axis_path& b) {
    return a.centre() * b.grid == b.centre() * a.grid ||
           (a.looks_back() && b.looks_back() && a.origin * b.grid == b.origin * a.grid);
}

/// How far units of equal number of two maps are apart, in 1/parts of an input position.
struct centre_gap {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t parts = 1;

    constexpr std::int64_t high() const { return rows < 0 ? -rows : rows; }
    constexpr std::int64_t wide() const { return columns < 0 ? -columns : columns; }
    constexpr bool exceeds(const centre_gap& g) const {
        return (high() + wide()) * g.parts > (g.high() + g.wide()) * parts;
    }
};
constexpr centre_gap gap_between(const axis_path& rows, const axis_path& columns, const axis_path& other_rows,
                                 const axis_path& other_columns) {
    const std::int64_t parts =
        2 * std::lcm(std::lcm(rows.grid, other_rows.grid), std::lcm(columns.grid, other_columns.grid));
    const auto apart = [parts](const axis_path& a, const axis_path& b) {
        return b.centre() * (parts / 2 / b.grid) - a.centre() * (parts / 2 / a.grid);
    };
    const std::int64_t down = apart(rows, other_rows), right = apart(columns, other_columns);
    const std::int64_t common = std::gcd(parts, std::gcd(down, right));
    return {down / common, right / common, parts / common};
}

constexpr std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
constexpr std::int64_t ceil_of(std::int64_t a, std::int64_t b) { return -floor_of(-a, b); }

/// How far units see from their places over all phases, exactly: in 1/(2 grid).
struct axis_extents {
    std::int64_t before = 0;
    std::int64_t after = 0;
};
constexpr axis_extents extents_of(const axis_path& p) {
    axis_extents e;
    const std::int64_t phases = p.grid / std::gcd(p.jump, p.grid), position = 2 * p.grid;
    for (std::int64_t u = 0; u < phases && u < 4'096; ++u) {
        const std::int64_t place = p.place(u);
        const std::int64_t before = place - ceil_of(p.lo + u * p.jump, p.grid) * position;
        const std::int64_t after = floor_of(p.hi + u * p.jump, p.grid) * position - place;
        e.before = u == 0 || before > e.before ? before : e.before;
        e.after = u == 0 || after > e.after ? after : e.after;
    }
    return e;
}

/// Own positions as whole ones. A set of what all phases see, each from its own, is then as wide as the exact one in
/// whole positions, and lies within the extents rounded outwards. (Between two positions: the later.)
class own_positions {
public:
    constexpr explicit own_positions(const axis_path& p) : path_(p) {
        const std::int64_t after = extents_of(p).after;
        shift_ = after - floor_of(after, 2 * p.grid) * 2 * p.grid;
    }
    constexpr std::int64_t operator()(std::int64_t u) const {
        return floor_of(path_.place(u) + shift_, 2 * path_.grid);
    }
    /// How far they lie behind the exact ones: the mean over the phases.
    constexpr double rest() const {
        const std::int64_t phases = path_.grid / std::gcd(path_.jump, path_.grid), position = 2 * path_.grid;
        double sum = 0;
        std::int64_t u = 0;
        for (; u < phases && u < 4'096; ++u) {
            const std::int64_t own = (*this)(u);
            sum += static_cast<double>(own * position - path_.place(u));
        }
        return sum / static_cast<double>(u * position);
    }

private:
    axis_path path_;
    std::int64_t shift_ = 0;
};

/// As users see it: whole positions, the union over the phases, rounded outwards.
constexpr axis_field field_of(const axis_path& p) {
    const auto positive = [](std::int64_t n) { return n > 0 ? static_cast<std::size_t>(n) : std::size_t{0}; };
    const std::int64_t common = std::gcd(p.jump, p.grid), position = 2 * p.grid;
    const axis_extents e = extents_of(p);
    return {.size = positive(floor_of(e.before + e.after, position) + 1),
            .least = positive(p.least),
            .stride = {positive(p.jump / common), positive(p.grid / common)},
            .padding = positive(-ceil_of(p.lo, p.grid)),
            .before = positive(ceil_of(e.before, position)),
            .after = positive(ceil_of(e.after, position))};
}

}  // namespace detail
}  // namespace fovea
