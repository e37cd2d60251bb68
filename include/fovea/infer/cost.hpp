// SPDX-License-Identifier: BSD-3-Clause
// What does a network cost: multiply-accumulates and bytes?
#pragma once

#include <fovea/infer/trace.hpp>

namespace fovea::detail {

/// Taps of a window, over all units and output channels, that lie inside the map.
struct valid_taps {
    std::size_t count = 0;  ///< of what has MACs; these are known to fit, and pools' taps are not
    double share = 1;       ///< of all
};

/// A transposed convolution's taps are those of the window that leads back.
constexpr valid_taps count_valid_taps(const layer_info& l) {
    const bool transposed = l.kind == brick_kind::deconv;
    const Shape& from = transposed ? l.output : l.input;
    const Shape& to = transposed ? l.input : l.output;
    const std::size_t high = l.rows.kernel, wide = l.columns.kernel;
    const auto rows = [&](std::size_t k) { return inside_count(l.rows, from.height, to.height, k); };
    const auto columns = [&](std::size_t k) { return inside_count(l.columns, from.width, to.width, k); };
    valid_taps v;
    double inside = 0, all = 0;
    for_each_pattern(l, [&](const tap_set& taps, std::size_t channels) {
        const auto n = static_cast<double>(channels);
        if (taps.all) {
            std::size_t all_rows = 0, all_columns = 0;
            for (std::size_t k = 0; k < high; ++k) {
                all_rows += rows(k);
            }
            for (std::size_t k = 0; k < wide; ++k) {
                all_columns += columns(k);
            }
            v.count += channels * all_rows * all_columns;
            inside += n * static_cast<double>(all_rows) * static_cast<double>(all_columns);
        } else {
            std::size_t some = 0;
            for (std::size_t k = 0; k < high * wide; ++k) {
                some += taps.has(k) ? rows(k / wide) * columns(k % wide) : 0;
            }
            v.count += channels * some;
            inside += n * static_cast<double>(some);
        }
        all += n * static_cast<double>(taps.count(high * wide)) * static_cast<double>(to.positions());
    });
    v.share = inside / all;
    return v;
}

/// MACs whose tap lies inside the map; at dilation 8 on 32x32 that is 69 % of a 3x3 convolution's. With another padding
/// than zeros every tap counts.
constexpr std::size_t executed_macs(const layer_info& l) {
    const bool multiplies = l.kind == brick_kind::conv || l.kind == brick_kind::deconv;
    return multiplies && l.mode == padding_mode::zeros ? l.input.channels / l.groups * count_valid_taps(l).count
                                                       : l.macs;
}

template <std::size_t N, class Value>
constexpr std::size_t sum_of(const std::array<layer_info, N>& layers, Value value) {
    std::size_t sum = 0;
    for (const layer_info& l : layers) {
        sum += value(l);
    }
    return sum;
}

}  // namespace fovea::detail
