// SPDX-License-Identifier: BSD-3-Clause
// What does a network cost: multiply-accumulates and bytes?
#pragma once

#include <fovea/infer/trace.hpp>

namespace fovea::detail {

/// MACs whose tap lies inside the map; at dilation 8 on 32x32 that is 69 % of a 3x3 convolution's. With another padding
/// than zeros every tap counts. A transposed convolution's taps are those of the window that leads back.
constexpr std::size_t executed_macs(const layer_info& l) {
    const bool transposed = l.kind == brick_kind::deconv;
    if ((l.kind != brick_kind::conv && !transposed) || l.mode != padding_mode::zeros) {
        return l.macs;
    }
    const Shape& from = transposed ? l.output : l.input;
    const Shape& to = transposed ? l.input : l.output;
    const auto rows = [&](std::size_t k) { return inside_count(l.rows, from.height, to.height, k); };
    const auto columns = [&](std::size_t k) { return inside_count(l.columns, from.width, to.width, k); };
    std::size_t sum = 0;
    if (l.patterns.count == 0) {
        std::size_t all_rows = 0, all_columns = 0;
        for (std::size_t k = 0; k < l.rows.kernel; ++k) {
            all_rows += rows(k);
        }
        for (std::size_t k = 0; k < l.columns.kernel; ++k) {
            all_columns += columns(k);
        }
        sum = l.output.channels * all_rows * all_columns;
    }
    for (std::size_t p = 0; p < l.patterns.count; ++p) {
        const tap_set taps = taps_of(l, p);
        std::size_t inside = 0;
        for (std::size_t k = 0; k < l.rows.kernel * l.columns.kernel; ++k) {
            inside += taps.has(k) ? rows(k / l.columns.kernel) * columns(k % l.columns.kernel) : 0;
        }
        sum += inside * ((l.output.channels + l.patterns.count - 1 - p) / l.patterns.count);
    }
    return l.input.channels / l.groups * sum;
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
