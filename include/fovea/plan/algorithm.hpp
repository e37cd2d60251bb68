// SPDX-License-Identifier: BSD-3-Clause
// Which way does a convolution go: direct sums, or Winograd's filtering, with which tile? Values and a cost model;
// constexpr.
#pragma once

#include <array>

#include <fovea/plan/geometry.hpp>
#include <fovea/plan/machine_model.hpp>

namespace fovea {

/// One axis of Winograd's F(m, r): a tile gives `outputs` (m) of a filter of `taps` (r). Kernels longer than that fall
/// into `blocks` of taps, which share transformed inputs since a block begins where the next tile does: m == r then.
struct winograd_axis {
    std::ptrdiff_t outputs = 1;
    std::ptrdiff_t taps = 1;
    std::ptrdiff_t blocks = 1;
    /// Two outputs of three taps whose outer inputs are padding in every tile: the products of a 2x2 Toeplitz matrix.
    bool inside = false;

    constexpr bool operator==(const winograd_axis&) const = default;
    /// Products for a tile; its inputs, but for tiles inside.
    constexpr std::ptrdiff_t points() const { return inside ? 3 : outputs + taps - 1; }
};

/// Tiles of both axes: rows.outputs x columns.outputs values each.
struct winograd_tile {
    winograd_axis rows;
    winograd_axis columns;

    constexpr bool operator==(const winograd_tile&) const = default;
    constexpr std::ptrdiff_t products() const { return rows.points() * columns.points(); }
    constexpr std::ptrdiff_t blocks() const { return rows.blocks * columns.blocks; }
};

/// How `extent` outputs at a dilation fall into tiles along one axis: a dilated convolution is interleaved plain ones.
struct tile_axis {
    std::ptrdiff_t phases = 1;  ///< interleaved sub-images
    std::ptrdiff_t steps = 0;   ///< tiles of the longest of them
    std::ptrdiff_t count = 0;   ///< tiles whose first output exists, in all

    constexpr tile_axis(std::ptrdiff_t extent, std::ptrdiff_t dilation, const winograd_axis& a)
        : phases(dilation < extent ? dilation : extent) {
        for (std::ptrdiff_t at = 0; at < extent; at += dilation * a.outputs) {
            ++steps;
            count += extent - at < phases ? extent - at : phases;
        }
    }
};

/// direct: sums of products, one order for every output. winograd: filtering in tiles.
enum class conv_method : unsigned char { direct, winograd };

/// The way of one convolution; `tile` counts for winograd only.
struct conv_algorithm {
    conv_method method = conv_method::direct;
    winograd_tile tile{};
    constexpr bool operator==(const conv_algorithm&) const = default;
};

/// The tile of m outputs for `kernel` taps; no points if there is none. At most 6 points: more cost a decimal digit
/// each. At most 9 taps: the error bound is tested so far.
constexpr winograd_axis winograd_axis_of(std::ptrdiff_t m, std::ptrdiff_t kernel) {
    if (kernel == 1) {
        return {1, 1, 1};
    }
    const std::ptrdiff_t points = m + kernel - 1;
    if (m >= 2 && m <= 4 && points >= 4 && points <= 6) {
        return {m, kernel, 1};
    }
    return m == 3 && kernel > 4 && kernel <= 9 ? winograd_axis{3, 3, (kernel + 2) / 3} : winograd_axis{0, 0, 0};
}

/// The tile, with rows marked as inside where they are: F(2, 3) at a dilation of half the height or more.
constexpr winograd_tile inside_where_it_is(const conv_geometry& g, winograd_tile w) {
    w.rows.inside = w.rows.outputs == 2 && w.rows.taps == 3 && w.rows.blocks == 1 && g.pad_top == g.dilation_height &&
                    g.out.height == g.in.height && 2 * g.dilation_height >= g.in.height;
    return w;
}

/// Can Winograd's filtering compute this layer with these tiles?
constexpr bool winograd_fits(const conv_geometry& g, const winograd_tile& w) {
    return g.stride_height == 1 && g.stride_width == 1 && g.taps.all && w.rows.blocks > 0 &&
           w.columns.blocks > 0 && w.products() > 1 && !g.is_depthwise() && g.pad_left >= 0 &&
           g.pad_left % g.dilation_width == 0 && g.kernel_width > 1;
}

namespace detail {

constexpr std::ptrdiff_t divide_up(std::ptrdiff_t a, std::ptrdiff_t b) { return (a + b - 1) / b; }

/// Kernel rows times output rows that are not all padding.
constexpr std::ptrdiff_t executed_rows(const conv_geometry& g) {
    std::ptrdiff_t n = 0;
    for (std::ptrdiff_t k = 0; k < g.kernel_height; ++k) {
        // rows y with 0 <= y * stride + k * dilation - pad < height
        const std::ptrdiff_t at = k * g.dilation_height - g.pad_top;
        const std::ptrdiff_t first = at >= 0 ? 0 : divide_up(-at, g.stride_height);
        const std::ptrdiff_t end = g.in.height > at ? divide_up(g.in.height - at, g.stride_height) : 0;
        const std::ptrdiff_t last = end < g.out.height ? end : g.out.height;
        n += last > first ? last - first : 0;
    }
    return n;
}

}  // namespace detail

/// Time of the direct kernels in multiply-adds of whole vectors, calibrated on bench_winograd.
constexpr double direct_cost(const conv_geometry& g, const machine_model& m) {
    using detail::divide_up;
    const std::ptrdiff_t along_x = divide_up(g.out.width, m.lanes) * g.out_per_group();
    const std::ptrdiff_t along_channels = g.out.width * divide_up(g.out_per_group(), m.lanes);
    const auto vectors = static_cast<double>(10 * along_channels <= 7 * along_x ? along_channels : along_x);
    const auto groups = static_cast<double>(g.groups);
    return groups * vectors *
           (static_cast<double>(detail::executed_rows(g) * g.kernel_width * g.in_per_group()) / 0.97 +
            4.0 * static_cast<double>(g.out.height));
}

/// The same of Winograd's filtering: products, and transforms, which move a vector to and from the second-level cache
/// in 5 to 6 cycles: 5 multiply-adds on AMD's Zen 4, 12 on Intel's cores with two units of 512 bits; 8 and 10 choose
/// well on both.
constexpr double winograd_cost(const conv_geometry& g, const winograd_tile& tile, const machine_model& m) {
    using detail::divide_up;
    const winograd_tile w = inside_where_it_is(g, tile);
    const tile_axis down(g.out.height, g.dilation_height, w.rows), across(g.out.width, g.dilation_width, w.columns);
    const std::ptrdiff_t row_tiles = (across.steps + w.columns.blocks - 1) * across.phases;
    const auto vectors = static_cast<double>(divide_up(down.count * row_tiles, m.lanes));
    const auto rows = static_cast<double>(down.count + (w.rows.blocks - 1) * down.phases);
    const auto in = static_cast<double>(g.in_per_group()), out = static_cast<double>(g.out_per_group());
    const auto points = static_cast<double>(w.products());
    std::ptrdiff_t lanes = m.lanes;
    for (std::ptrdiff_t c = lanes / 2; c >= 4; c /= 2) {
        lanes = 10 * divide_up(row_tiles, c) * c <= 8 * divide_up(row_tiles, lanes) * lanes ? c : lanes;
    }
    const double row_vectors = static_cast<double>(divide_up(row_tiles, lanes) * lanes) / static_cast<double>(m.lanes);
    const bool odd = across.phases % lanes != 0 && lanes % across.phases != 0;
    const double products =
        points * static_cast<double>(w.blocks()) * in * out * vectors / (m.registers >= 32 ? 0.93 : 0.85);
    const double inputs = in * rows * row_vectors * points * (odd ? 12 : 8);
    const double outputs = out * static_cast<double>(down.count) * row_vectors * points * (odd ? 16 : 10);
    return static_cast<double>(g.groups) * (products + inputs + outputs);
}

/// Can the gradient of the weights go this way? Kernels in blocks are left to the direct sums.
constexpr bool winograd_gradient_fits(const conv_geometry& g, const winograd_tile& w) {
    return winograd_fits(g, w) && w.blocks() == 1;
}

/// Vectors of the channels along the lanes, times the channels of the other side: the better of both ways round.
constexpr bool gradient_inputs_in_lanes(const conv_geometry& g, std::ptrdiff_t lanes) {
    return detail::divide_up(g.in_per_group(), lanes) * g.out_per_group() <=
           detail::divide_up(g.out_per_group(), lanes) * g.in_per_group();
}

/// Time of the direct sums for the gradient of the weights, in the unit of direct_cost.
constexpr double direct_gradient_cost(const conv_geometry& g, const machine_model& m) {
    return static_cast<double>(g.groups * detail::executed_rows(g) * g.kernel_width * g.in_per_group() *
                               g.out_per_group() * detail::divide_up(g.out.width, m.lanes)) /
           0.95;
}

/// The same by Winograd's filtering: products, transforms of both maps, the transposition of one, the way back.
constexpr double winograd_gradient_cost(const conv_geometry& g, const winograd_tile& w, const machine_model& m) {
    using detail::divide_up;
    const tile_axis down(g.out.height, g.dilation_height, w.rows), across(g.out.width, g.dilation_width, w.columns);
    const std::ptrdiff_t row_tiles = across.steps * across.phases;
    std::ptrdiff_t lanes = m.lanes;
    for (std::ptrdiff_t c = lanes / 2; c >= 4; c /= 2) {
        lanes = 10 * divide_up(row_tiles, c) * c <= 8 * divide_up(row_tiles, lanes) * lanes ? c : lanes;
    }
    const bool odd = across.phases % lanes != 0 && lanes % across.phases != 0;
    const auto points = static_cast<double>(w.products());
    const auto row_vectors = static_cast<double>(divide_up(row_tiles, lanes) * lanes) / static_cast<double>(m.lanes);
    const auto tiles = static_cast<double>(down.count * row_tiles);
    const std::ptrdiff_t in = g.in_per_group(), out = g.out_per_group();
    const bool inputs = gradient_inputs_in_lanes(g, m.lanes);
    const auto vectors = static_cast<double>(divide_up(inputs ? in : out, m.lanes));
    const double pairs = vectors * static_cast<double>(inputs ? out : in);
    const double transforms = points * row_vectors * static_cast<double>(down.count) *
                              static_cast<double>((odd ? 9 : 5) * in + (odd ? 16 : 5) * out);
    return static_cast<double>(g.groups) * (points * tiles * pairs / (m.registers >= 32 ? 0.9 : 0.8) + transforms +
                                            9 * points * tiles * vectors + 12.5 * points * pairs);
}

namespace detail {

/// The cheapest tile that fits by its cost; direct if the gain over `direct` is below a tenth.
template <class Fits, class Cost>
constexpr conv_algorithm cheapest(const conv_geometry& g, double direct, Fits fits, Cost cost_of) {
    conv_algorithm best{};
    double best_cost = 0.9 * direct;
    for (std::ptrdiff_t r = 2; r <= 4; ++r) {
        for (std::ptrdiff_t c = 2; c <= 4; ++c) {
            const winograd_tile w{winograd_axis_of(r, g.kernel_height), winograd_axis_of(c, g.kernel_width)};
            if ((g.kernel_height == 1 && r > 2) || !fits(w)) {
                continue;
            }
            const double cost = cost_of(w);
            if (cost < best_cost) {
                best_cost = cost;
                best = {conv_method::winograd, w};
            }
        }
    }
    return best;
}

}  // namespace detail

/// What `fast` does: the cheapest by the model, direct if Winograd's gain is below a tenth.
constexpr conv_algorithm fastest_algorithm(const conv_geometry& g, const machine_model& m) {
    return detail::cheapest(
        g, direct_cost(g, m), [&](const winograd_tile& w) { return winograd_fits(g, w); },
        [&](const winograd_tile& w) { return winograd_cost(g, w, m); });
}

/// The same for the gradient of the weights. One image's sums must fit into the second-level cache.
constexpr conv_algorithm fastest_gradient_algorithm(const conv_geometry& g, const machine_model& m) {
    const std::ptrdiff_t most = m.l2 * 3 / 4 / static_cast<std::ptrdiff_t>(sizeof(float));
    return detail::cheapest(
        g, direct_gradient_cost(g, m),
        [&](const winograd_tile& w) {
            return winograd_gradient_fits(g, w) && w.products() * g.in_per_group() * g.out_per_group() <= most;
        },
        [&](const winograd_tile& w) { return winograd_gradient_cost(g, w, m); });
}

}  // namespace fovea
