// SPDX-License-Identifier: BSD-3-Clause
// What does a network cost: multiply-accumulates and bytes?
#pragma once

#include <fovea/infer/trace.hpp>

namespace fovea::detail {

/// Taps of a window over all units and output channels: all of them, and those that lie inside the map.
template <class Number>
struct tap_total {
    Number inside = 0;
    Number all = 0;
};

/// A transposed convolution's taps are those of the window that leads back. In std::size_t for what has MACs, since
/// these are known to fit.
template <class Number>
constexpr tap_total<Number> count_valid_taps(const layer_info& l) {
    const bool transposed = l.kind == brick_kind::deconv;
    const Shape& from = transposed ? l.output : l.input;
    const Shape& to = transposed ? l.input : l.output;
    const std::size_t high = l.rows.kernel, wide = l.columns.kernel;
    const auto rows = [&](std::size_t k) {
        return static_cast<Number>(inside_count(l.rows, from.height, to.height, k));
    };
    const auto columns = [&](std::size_t k) {
        return static_cast<Number>(inside_count(l.columns, from.width, to.width, k));
    };
    tap_total<Number> t;
    for_each_pattern(l, [&](const tap_set& taps, std::size_t channels) {
        Number inside = 0;
        if (taps.all) {
            Number all_rows = 0, all_columns = 0;
            for (std::size_t k = 0; k < high; ++k) {
                all_rows += rows(k);
            }
            for (std::size_t k = 0; k < wide; ++k) {
                all_columns += columns(k);
            }
            inside = all_rows * all_columns;
        } else {
            for (std::size_t k = 0; k < high * wide; ++k) {
                inside += taps.has(k) ? rows(k / wide) * columns(k % wide) : 0;
            }
        }
        t.inside += static_cast<Number>(channels) * inside;
        t.all += static_cast<Number>(channels) * static_cast<Number>(taps.count(high * wide)) *
                 static_cast<Number>(to.positions());
    });
    return t;
}

/// MACs whose tap lies inside the map; at dilation 8 on 32x32 that is 69 % of a 3x3 convolution's. With another padding
/// than zeros every tap counts.
constexpr std::size_t executed_macs(const layer_info& l) {
    const bool multiplies = l.kind == brick_kind::conv || l.kind == brick_kind::deconv;
    return multiplies && l.mode == padding_mode::zeros
               ? l.input.channels / l.groups * count_valid_taps<std::size_t>(l).inside
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
