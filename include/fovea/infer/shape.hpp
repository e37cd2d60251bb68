// SPDX-License-Identifier: BSD-3-Clause
// What shape has a map, and where does a window meet it?
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fovea/declare/spec.hpp>

namespace fovea {

/// A map: channels x rows x columns. 1-D maps have height 1 and time along the width.
struct Shape {
    std::size_t channels = 0;
    std::size_t height = 1;
    std::size_t width = 1;

    constexpr bool operator==(const Shape&) const = default;
    constexpr std::size_t positions() const { return height * width; }
    constexpr std::size_t size() const { return channels * height * width; }
};

/// A value for each spatial axis. Compares with an integer when all axes agree with it (in 1-D: time only).
struct Extent {
    std::size_t height = 1;
    std::size_t width = 1;
    bool one_dimensional = false;

    constexpr Extent() = default;
    constexpr Extent(std::size_t h, std::size_t w, bool one_d = false) : height(h), width(w), one_dimensional(one_d) {}

    friend constexpr bool operator==(const Extent& a, const Extent& b) {
        return a.height == b.height && a.width == b.width;
    }
    template <std::integral I>
    friend constexpr bool operator==(const Extent& a, I n) {
        return std::cmp_equal(a.width, n) && (a.one_dimensional || std::cmp_equal(a.height, n));
    }
    template <std::integral I>
    friend constexpr bool operator<=(const Extent& a, I n) {
        return std::cmp_less_equal(a.width, n) && (a.one_dimensional || std::cmp_less_equal(a.height, n));
    }
    template <std::integral I>
    friend constexpr bool operator>=(const Extent& a, I n) {
        return std::cmp_greater_equal(a.width, n) && (a.one_dimensional || std::cmp_greater_equal(a.height, n));
    }
    template <std::integral I>
    friend constexpr bool operator<(const Extent& a, I n) {
        return std::cmp_less(a.width, n) && (a.one_dimensional || std::cmp_less(a.height, n));
    }
    template <std::integral I>
    friend constexpr bool operator>(const Extent& a, I n) {
        return std::cmp_greater(a.width, n) && (a.one_dimensional || std::cmp_greater(a.height, n));
    }
};

/// A window along one axis, padding resolved.
struct axis_window {
    std::size_t kernel = 1;
    std::size_t dilation = 1;
    std::size_t stride = 1;
    std::size_t pad_before = 0;
    std::size_t pad_after = 0;

    constexpr bool operator==(const axis_window&) const = default;
    /// Distance between the first and the last tap.
    constexpr std::size_t span() const { return dilation * (kernel - 1); }
};

namespace detail {

/// Resolves padding for an input of `extent`; sets `output` to 0 where the window does not fit.
/// o = floor((i + before + after - span - 1) / stride) + 1 (Dumoulin and Visin 2016).
constexpr axis_window resolve_axis(std::size_t extent, int kernel, int dilation, int stride, int pad, padding_rule rule,
                                   std::size_t& output) {
    axis_window w{static_cast<std::size_t>(kernel), static_cast<std::size_t>(dilation),
                  static_cast<std::size_t>(stride), 0, 0};
    switch (rule) {
        case padding_rule::same: {
            const std::size_t out = (extent + w.stride - 1) / w.stride;
            const std::size_t reach = (out - 1) * w.stride + w.span() + 1;
            const std::size_t total = reach > extent ? reach - extent : 0;
            w.pad_before = total / 2;
            w.pad_after = total - total / 2;
            break;
        }
        case padding_rule::valid: break;
        case padding_rule::causal: w.pad_before = w.span(); break;
        case padding_rule::fixed: w.pad_before = w.pad_after = static_cast<std::size_t>(pad); break;
    }
    const std::size_t padded = extent + w.pad_before + w.pad_after;
    output = padded > w.span() ? (padded - w.span() - 1) / w.stride + 1 : 0;
    return w;
}

/// The same for a transposed window: (i - 1) * stride + span + 1 outputs, less what is cropped on either side (`same`:
/// i * stride remain, `causal`: and all is cropped behind). The result is the window that leads back: from the output, as
/// its input, to the input.
constexpr axis_window resolve_transposed_axis(std::size_t extent, int kernel, int dilation, int stride, int pad,
                                              padding_rule rule, std::size_t& output) {
    axis_window w{static_cast<std::size_t>(kernel), static_cast<std::size_t>(dilation),
                  static_cast<std::size_t>(stride), 0, 0};
    const std::size_t whole = (extent - 1) * w.stride + w.span() + 1;
    output = extent * w.stride;
    const std::size_t crop = whole > output ? whole - output : 0;
    switch (rule) {
        case padding_rule::same: w.pad_before = crop / 2; break;
        case padding_rule::causal: break;
        case padding_rule::valid: output = whole; break;
        case padding_rule::fixed:
            w.pad_before = static_cast<std::size_t>(pad);
            output = whole > 2 * w.pad_before ? whole - 2 * w.pad_before : 0;
            break;
    }
    w.pad_after = whole > output + w.pad_before ? whole - output - w.pad_before : 0;
    return w;
}

/// Outputs whose tap `tap` lies inside the data.
constexpr std::size_t inside_count(const axis_window& w, std::size_t extent, std::size_t output, std::size_t tap) {
    const auto offset = static_cast<std::int64_t>(tap * w.dilation) - static_cast<std::int64_t>(w.pad_before);
    const auto stride = static_cast<std::int64_t>(w.stride);
    const std::int64_t first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    const std::int64_t room = static_cast<std::int64_t>(extent) - 1 - offset;
    const std::int64_t last = room < 0 ? -1 : room / stride;
    const std::int64_t end =
        last + 1 < static_cast<std::int64_t>(output) ? last + 1 : static_cast<std::int64_t>(output);
    return end > first ? static_cast<std::size_t>(end - first) : 0;
}

/// True if some output has all its taps in the padding.
constexpr bool sees_only_padding(const axis_window& w, std::size_t extent, std::size_t output) {
    if (w.pad_before == 0 && w.pad_after == 0) {
        return false;
    }
    // Taps no further apart than the data are wide cannot step over them: the first and the last output are the worst.
    const std::size_t step = extent >= w.dilation && output > 1 ? output - 1 : 1;
    for (std::size_t o = 0; o < output; o += step) {
        bool inside = false;
        for (std::size_t k = 0; k < w.kernel && !inside; ++k) {
            const std::size_t at = o * w.stride + k * w.dilation;
            inside = at >= w.pad_before && at - w.pad_before < extent;
        }
        if (!inside) {
            return true;
        }
    }
    return false;
}

}  // namespace detail
}  // namespace fovea
