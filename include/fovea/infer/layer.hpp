// SPDX-License-Identifier: BSD-3-Clause
// What is known of one layer, and what follows from its kind, its window and its patterns of taps?
#pragma once

#include <array>

#include <fovea/declare/user_brick.hpp>
#include <fovea/detail/missing_rule.hpp>
#include <fovea/infer/entries.hpp>
#include <fovea/infer/receptive_field.hpp>

namespace fovea {

/// One leaf brick, or the join at the end of a Residual, Parallel or Gated, with everything that is known of it.
struct layer_info {
    std::string_view name{};
    brick_kind kind = brick_kind::identity;
    activation act = activation::none;  ///< of the kind `activation`
    std::string_view path{};            ///< "3.body.0": the prefix of the layer's weight names
    Shape input{};                      ///< of the first map that it reads
    Shape output{};
    ReceptiveField receptive_field{};  ///< of one unit of the output; frozen behind GAP and Dense
    std::size_t parameters = 0;        ///< trainable; 0 where another layer owns them
    std::size_t buffers = 0;           ///< BatchNorm's running statistics
    std::size_t macs = 0;              ///< multiply-accumulates of one image, padding taps counted

    std::size_t first_input = 0;  ///< the maps that it reads: see inputs_of
    std::size_t input_count = 1;
    std::size_t owner = 0;  ///< the layer whose weights it uses: its own index outside of SharedWeights

    axis_window
        rows{};  ///< convolutions and pools; Deconv: of the convolution that it transposes; Upsample: the strides
    axis_window columns{};
    padding_rule padding = padding_rule::same;
    padding_mode mode = padding_mode::zeros;
    std::size_t groups = 1;
    bool bias = false;
    bool bilinear = false;            ///< Upsample
    bool positions = true;            ///< units of the output are positions of the input: not behind GAP and Dense
    bool aligned = true;              ///< joins: all maps have their units at the same input positions
    detail::centre_gap apart{};       ///< otherwise from the first map to the one that is furthest from it,
    std::size_t apart_map = 0;        ///< and which that is
    std::string_view label{};         ///< Tap, AddFrom, ConcatFrom, From
    detail::tap_patterns patterns{};  ///< see taps_of
    bool is_fixed = false;            ///< FixedConv
    detail::fixed_weight* fixed = nullptr;
    detail::constant_list constants{};  ///< of an activation: LeakyReLU's slope
    detail::fraction epsilon{};
    detail::fraction momentum{};
    int percent = 0;
    const detail::user_rules* user = nullptr;  ///< of a program's own brick
};

constexpr const brick_facts& facts_of(const layer_info& l) {
    return l.kind == brick_kind::user ? l.user->facts : facts_of(l.kind);
}

/// The taps of a convolution's output channel.
constexpr tap_set taps_of(const layer_info& l, std::size_t channel) {
    return l.patterns.count == 0
               ? tap_set{}
               : detail::resolve_taps(l.patterns.list[channel % l.patterns.count], l.rows.kernel, l.columns.kernel);
}

namespace detail {

/// A window over the input. Deconv's is one over the output.
template <class LayerOrSpec>
constexpr bool has_window(const LayerOrSpec& l) {
    return facts_of(l).view == brick_view::window;
}
template <class LayerOrSpec>
constexpr bool is_pool(const LayerOrSpec& l) {
    return has_window(l) && facts_of(l).weights == brick_weights::none;
}
/// A kernel and its bias: convolutions and Dense.
template <class LayerOrSpec>
constexpr bool has_sums(const LayerOrSpec& l) {
    return facts_of(l).weights == brick_weights::sums;
}
constexpr bool sees_whole_map(const layer_info& l) { return facts_of(l).view == brick_view::whole_map; }
/// Whether the units behind it see another part of the input than those before.
constexpr bool moves_field(const layer_info& l) {
    switch (facts_of(l).view) {
        case brick_view::position:
        case brick_view::whole_map: return false;
        case brick_view::window:
        case brick_view::transposed:
        case brick_view::resampled: return true;
    }
    missing_rule();
}
constexpr bool has_slope_per_channel(const layer_info& l) {
    return facts_of(l.act).slopes == activation_slopes::per_channel;
}

/// What an activation's type says of its function; one value at least.
template <class T, std::size_t Count>
constexpr std::array<T, Count + 1> constants_of(const layer_info& l) {
    std::array<T, Count + 1> values{};
    for (std::size_t i = 0; i < Count; ++i) {
        values[i] = static_cast<T>(l.constants.list[i].value());
    }
    return values;
}

/// Calls f(taps, channels) for every pattern of a layer and the number of output channels that have it; once for a full
/// kernel. Channel c has pattern c % count.
template <class F>
constexpr void for_each_pattern(const layer_info& l, F f) {
    const std::size_t channels = l.output.channels, n = l.patterns.count;
    if (n == 0) {
        f(tap_set{}, channels);
    }
    for (std::size_t p = 0; p < n && p < channels; ++p) {
        f(taps_of(l, p), (channels + n - 1 - p) / n);
    }
}

/// Product of sizes; `ok` turns false beyond 2^63, the range in which sizes are also signed distances.
struct checked {
    std::size_t value = 1;
    bool ok = true;
    constexpr checked& times(std::size_t factor) {
        ok = ok && !__builtin_mul_overflow(value, factor, &value) && value <= limit;
        return *this;
    }
    constexpr checked& plus(std::size_t summand) {
        ok = ok && !__builtin_add_overflow(value, summand, &value) && value <= limit;
        return *this;
    }
    static constexpr std::size_t limit = static_cast<std::size_t>(-1) >> 1;
};

/// Weights of one input channel of each group: the taps of all output channels together.
constexpr std::size_t taps_of_all_outputs(const layer_info& l) {
    std::size_t sum = 0;
    for_each_pattern(l, [&](const tap_set& taps, std::size_t channels) {
        sum += channels * taps.count(l.rows.kernel * l.columns.kernel);
    });
    return sum;
}

/// Trainable parameters and multiply-accumulates of a layer whose shapes are known.
constexpr bool count(layer_info& l) {
    switch (facts_of(l).weights) {
        case brick_weights::none: return true;
        case brick_weights::sums: {
            const bool transposed = l.kind == brick_kind::deconv;
            checked weights{l.output.channels};
            weights.times(l.input.channels / l.groups).times(l.rows.kernel).times(l.columns.kernel);
            if (l.patterns.count > 0 && weights.ok) {
                weights.value = l.input.channels / l.groups * taps_of_all_outputs(l);
            }
            if (sees_whole_map(l)) {
                weights.times(l.input.positions());
            }
            checked macs{weights.value, weights.ok};
            macs.times(transposed ? l.input.positions() : l.output.positions());
            weights.plus(l.bias ? l.output.channels : 0);
            l.parameters = l.is_fixed ? 0 : weights.value;
            l.macs = macs.value;
            return weights.ok && macs.ok;
        }
        case brick_weights::norm:
            l.parameters = 2 * l.input.channels;
            l.buffers = 2 * l.input.channels;
            return true;
        case brick_weights::slopes: l.parameters = has_slope_per_channel(l) ? l.input.channels : 0; return true;
        case brick_weights::own: {
            checked sum{0};
            for (std::size_t i = 0; i < l.user->tensor_count; ++i) {
                sum.plus(l.user->tensor(l.input, i).size());
            }
            l.parameters = sum.value;
            return sum.ok;
        }
    }
    missing_rule();
}

/// Bytes of a layer's output and weights in float32; beyond all limits if they do not fit.
constexpr std::size_t bytes_of(const layer_info& l) {
    checked bytes{l.parameters};
    bytes.plus(l.buffers).plus(l.output.size()).times(sizeof(float));
    return bytes.ok ? bytes.value : static_cast<std::size_t>(-1);
}

}  // namespace detail
}  // namespace fovea
