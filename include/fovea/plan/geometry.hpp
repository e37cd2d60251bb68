// SPDX-License-Identifier: BSD-3-Clause
// How does a feature map lie in memory, and what does a kernel need to know of a layer? Two structural values, so that
// layers of equal geometry share one instantiation.
#pragma once

#include <cstddef>

#include <fovea/infer/tap_set.hpp>

#include <fovea/declare/kinds.hpp>

namespace fovea {

/// A planar map with shared zero gaps: row y of channel c begins at c * plane + y * pitch, its `width` values are
/// followed by pitch - width zeros. The gap behind one row is the left padding of the next one, so a convolution along
/// x needs no edge code; `guard` zeros lie before the first row (its left padding) and at least as many after the last.
/// There is no padding above or below: kernels bound their range of kernel rows instead, which also saves those MACs.
struct map_layout {
    std::ptrdiff_t channels = 1;
    std::ptrdiff_t height = 1;
    std::ptrdiff_t width = 1;
    std::ptrdiff_t pitch = 1;
    std::ptrdiff_t plane = 1;
    std::ptrdiff_t guard = 0;

    constexpr bool operator==(const map_layout&) const = default;

    /// Elements from the first value to behind the last row, without guards.
    constexpr std::ptrdiff_t extent() const { return channels * plane; }
    /// Elements to reserve for one map, guards included; a multiple of `map_quantum`.
    constexpr std::ptrdiff_t footprint() const { return guard + extent() + guard; }
};

/// Rows, planes and guards are multiples of this many elements: 64 bytes of float, so that centre
/// taps and stores are aligned.
inline constexpr std::ptrdiff_t map_quantum = 16;

constexpr std::ptrdiff_t round_up(std::ptrdiff_t value, std::ptrdiff_t quantum) {
    return (value + quantum - 1) / quantum * quantum;
}

/// The layout of a C x H x W map whose readers look at most `gap` columns past either edge.
constexpr map_layout make_map_layout(std::ptrdiff_t channels, std::ptrdiff_t height, std::ptrdiff_t width,
                                     std::ptrdiff_t gap) {
    map_layout m{.channels = channels, .height = height, .width = width};
    m.pitch = round_up(width + gap, map_quantum);
    m.plane = height * m.pitch;
    // An even number of cache lines from channel to channel would put all channels of a row into a few cache sets
    // (32x32 with pitch 48: 6,144 bytes = 2 sets of 8 ways for any number of channels); one line more spreads them.
    if (height * width > 1 && (m.plane / map_quantum) % 2 == 0) {
        m.plane += map_quantum;
    }
    m.guard = round_up(gap, map_quantum) + 2 * map_quantum;
    return m;
}

/// A convolution or pooling window on two maps: all that its kernels depend on. 1-D layers have height 1.
struct conv_geometry {
    map_layout in;
    map_layout out;
    std::ptrdiff_t groups = 1;
    std::ptrdiff_t kernel_height = 1;
    std::ptrdiff_t kernel_width = 1;
    std::ptrdiff_t dilation_height = 1;
    std::ptrdiff_t dilation_width = 1;
    std::ptrdiff_t stride_height = 1;
    std::ptrdiff_t stride_width = 1;
    std::ptrdiff_t pad_top = 0;  ///< zero rows before row 0; what lies below follows from the extents
    std::ptrdiff_t pad_left = 0;
    tap_set taps{};  ///< of convolutions; pools have full windows

    constexpr bool operator==(const conv_geometry&) const = default;

    constexpr std::ptrdiff_t in_per_group() const { return in.channels / groups; }
    constexpr std::ptrdiff_t out_per_group() const { return out.channels / groups; }
    constexpr bool has_tap(std::ptrdiff_t ky, std::ptrdiff_t kx) const { return taps.has(ky * kernel_width + kx); }
    constexpr std::ptrdiff_t tap_count() const {
        return static_cast<std::ptrdiff_t>(taps.count(static_cast<std::size_t>(kernel_height * kernel_width)));
    }
    /// Weights lie without absent taps: [output channel][input channel of the group][present tap, row-major].
    constexpr std::ptrdiff_t weight_count() const { return out.channels * in_per_group() * tap_count(); }
    /// One input channel for every output channel, position for position: kernels take it channel by channel.
    constexpr bool is_depthwise() const {
        return in_per_group() == 1 && out_per_group() == 1 && stride_height == 1 && stride_width == 1 &&
               kernel_height * kernel_width <= 49;
    }
    /// Columns that the window reads past the left and the right edge of the input.
    constexpr std::ptrdiff_t reach_left() const { return pad_left; }
    constexpr std::ptrdiff_t reach_right() const {
        const auto last = (out.width - 1) * stride_width - pad_left + (kernel_width - 1) * dilation_width;
        return last >= in.width ? last - in.width + 1 : 0;
    }
    /// Columns that the transposed convolution, `out` to `in`, reads past either edge of `out`: column i of `in` takes
    /// columns (i + pad - k * dilation) / stride, where that is whole. Pitches do not matter.
    constexpr std::ptrdiff_t transposed_reach() const {
        const auto before = (kernel_width - 1) * dilation_width - pad_left;
        const auto left = before > 0 ? before / stride_width : 0;
        const auto right = (in.width - 1 + pad_left) / stride_width - (out.width - 1);
        return left > right ? left : right;
    }
};

}  // namespace fovea
