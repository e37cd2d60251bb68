// SPDX-License-Identifier: BSD-3-Clause
// Which work does an engine do, in which order, on which maps? Folds normalisation, sums and activations into the step
// before them and drops what does nothing at inference; constexpr arrays.
#pragma once

#include <array>

#include <fovea/plan/geometry.hpp>
#include <fovea/plan/map_uses.hpp>

namespace fovea {

enum class step_kind : unsigned char {
    conv,         ///< a convolution on positions
    dense,        ///< Dense, and a convolution on a 1x1 map: a matrix times a vector
    deconv,       ///< a transposed convolution
    scale_shift,  ///< a BatchNorm that follows no convolution
    activate,     ///< an activation that follows nothing that could apply it
    softmax,
    mean,  ///< GAP
    max_pool,
    average_pool,
    median_pool,
    upsample,
    pad,     ///< a copy with a border that is not zero, for the window behind it
    add,     ///< a sum of maps
    concat,  ///< channels one after the other: copies those maps that were not written in their place at once
    gate,
};

struct plan_step {
    step_kind kind = step_kind::conv;
    std::size_t layer = 0;  ///< the brick that gives the step its name
    std::size_t end = 0;    ///< behind the last brick folded into it; BatchNorms in [layer, end) are folded
    activation act = activation::none;
    std::size_t act_layer = 0;
    bool padded = false;         ///< the window meets a map that has its padding already
    bool adds = false;           ///< a convolution: the second map read is added before the activation
    std::size_t first_read = 0;  ///< maps read: see step_plan, reads()
    std::size_t read_count = 0;
    std::size_t in_map = 0;   ///< the first of them
    std::size_t out_map = 0;  ///< equal to one that is read where the step works in place
};

namespace detail {

constexpr bool does_nothing(const layer_info& l) {
    return facts_of(l).family == brick_family::pass ||
           (l.kind == brick_kind::global_average_pool && l.input.positions() == 1) ||
           (l.kind == brick_kind::upsample && l.output == l.input);
}

constexpr bool pads_with_values(const layer_info& l) {
    return l.mode != padding_mode::zeros &&
           (l.rows.pad_before > 0 || l.rows.pad_after > 0 || l.columns.pad_before > 0 || l.columns.pad_after > 0);
}

/// What steps may make use of.
struct step_options {
    /// A step that works value by value may write over a map that nothing reads afterwards.
    bool in_place = true;
    /// Maps have the extents that the network declares. False: these are an example, and what depends on them (a
    /// convolution on a single position is a matrix times a vector) is left alone.
    bool fixed_extents = true;
};

constexpr step_kind step_of(const layer_info& l, const step_options& options = {}) {
    switch (l.kind) {
        case brick_kind::conv:
            // On a 1x1 map only one tap of a window meets the data; the engine packs just that one.
            return options.fixed_extents && l.input.positions() == 1 && l.output.positions() == 1 && l.groups == 1 &&
                           !l.is_fixed && l.patterns.count == 0 && !pads_with_values(l)
                       ? step_kind::dense
                       : step_kind::conv;
        case brick_kind::dense: return step_kind::dense;
        case brick_kind::deconv: return step_kind::deconv;
        case brick_kind::batch_norm: return step_kind::scale_shift;
        case brick_kind::softmax: return step_kind::softmax;
        case brick_kind::global_average_pool: return step_kind::mean;
        case brick_kind::max_pool: return step_kind::max_pool;
        case brick_kind::average_pool: return step_kind::average_pool;
        case brick_kind::median_pool: return step_kind::median_pool;
        case brick_kind::upsample: return step_kind::upsample;
        case brick_kind::add: return step_kind::add;
        case brick_kind::concat: return step_kind::concat;
        case brick_kind::gate: return step_kind::gate;
        case brick_kind::activation: return step_kind::activate;
        case brick_kind::identity:  // see does_nothing()
        case brick_kind::dropout:
        case brick_kind::tap: break;
    }
    missing_rule();
}

/// What is true of the steps of a kind.
struct step_facts {
    bool value_by_value;    ///< one layout on all sides, and any map that it reads may be written over
    bool takes_activation;  ///< the one behind it is part of it
    bool in_strips;         ///< makes rows of a map of which it sees some rows only (Tiled)
    bool by_row;            ///< a kernel that takes some rows of its input at a time, if its window lets it (chains)
};
constexpr step_facts facts_of(step_kind k) {
    switch (k) {
        case step_kind::conv: return {false, true, true, true};
        case step_kind::dense: return {false, true, false, false};
        case step_kind::deconv: return {false, true, false, false};
        case step_kind::scale_shift: return {true, false, true, false};
        case step_kind::activate: return {true, false, true, false};
        case step_kind::softmax: return {true, false, true, false};
        case step_kind::mean: return {false, false, false, false};
        case step_kind::max_pool: return {false, false, true, true};
        case step_kind::average_pool: return {false, false, true, true};
        case step_kind::median_pool: return {false, false, false, false};
        case step_kind::upsample: return {false, false, false, false};
        case step_kind::pad: return {false, false, false, false};
        case step_kind::add: return {true, true, true, false};
        case step_kind::concat: return {false, false, true, false};
        case step_kind::gate: return {false, false, true, false};
    }
    missing_rule();
}

constexpr bool value_by_value(step_kind k) { return facts_of(k).value_by_value; }

/// A sum takes those without slopes only: its kernel knows no channels' values.
constexpr bool takes_activation(step_kind k, activation a) {
    return facts_of(k).takes_activation && (k != step_kind::add || facts_of(a).slopes == activation_slopes::none);
}

/// Do read n of a step and its output have one layout, position for position?
constexpr bool laid_out_alike(const plan_step& s, std::size_t n) {
    return value_by_value(s.kind) || (s.adds && n == 1);
}

/// Extents of a map with its padding.
constexpr Shape padded_shape(const layer_info& l) {
    return {l.input.channels, l.input.height + l.rows.pad_before + l.rows.pad_after,
            l.input.width + l.columns.pad_before + l.columns.pad_after};
}

/// The window on a map that has its padding already.
constexpr layer_info on_padded_map(layer_info l) {
    l.input = padded_shape(l);
    l.rows.pad_before = l.rows.pad_after = l.columns.pad_before = l.columns.pad_after = 0;
    l.mode = padding_mode::zeros;
    return l;
}

/// N layers with E inputs in all: at most two steps a layer (a pad before its window).
template <std::size_t N, std::size_t E>
struct step_list {
    static constexpr std::size_t most_maps = 2 * N + 1;
    std::array<plan_step, 2 * N> steps{};
    std::array<std::size_t, E + N> reads{};
    std::array<Shape, most_maps> shapes{};  ///< of the maps
    std::array<std::size_t, N + 1> map_of{};  ///< which map holds the network's map v (0: input, i + 1: output of layer i)
    std::size_t count = 0;
    std::size_t read_count = 0;
    std::size_t maps = 1;
};

template <std::size_t N, std::size_t M>
constexpr step_list<N, M> make_steps(const traced<N, M>& t, const step_options& options = {}) {
    constexpr auto no_map = static_cast<std::size_t>(-1);
    step_list<N, M> list{};
    list.shapes[0] = t.input;
    map_uses<N> maps = uses_of_maps(t, does_nothing);
    const auto& same = maps.same;
    auto& uses = maps.uses;
    const auto only_reader = [&](std::size_t layer, std::size_t value) {
        return layer < N && t.layers[layer].input_count == 1 && same[t.inputs_of(layer)[0]] == same[value] &&
               uses[same[value]] == 1;
    };
    std::size_t i = 0;
    while (i < N) {
        const layer_info& l = t.layers[i];
        if (does_nothing(l)) {
            list.map_of[i + 1] = list.map_of[t.inputs_of(i)[0]];
            ++i;
            continue;
        }
        plan_step s{.kind = step_of(l, options), .layer = i, .end = i + 1};
        std::size_t value = i + 1;  // what the step gives
        const auto pass_idle = [&] {
            while (s.end < N && does_nothing(t.layers[s.end]) && same[t.inputs_of(s.end)[0]] == same[value]) {
                ++s.end;
            }
        };
        const bool normalises = s.kind == step_kind::conv || s.kind == step_kind::dense || s.kind == step_kind::deconv ||
                                s.kind == step_kind::scale_shift;
        if (normalises) {
            pass_idle();
            while (only_reader(s.end, value) && t.layers[s.end].kind == brick_kind::batch_norm) {
                value = ++s.end;
                pass_idle();
            }
        } else if (s.kind == step_kind::activate) {
            s.act = l.act;
            s.act_layer = i;
        } else if (s.kind == step_kind::add) {
            pass_idle();
        }
        // The sum of a convolution's map and one that is there already.
        std::size_t other = 0;
        std::size_t sum = s.end;
        while (sum < N && does_nothing(t.layers[sum])) {
            ++sum;
        }
        if (s.kind == step_kind::conv && sum < N && t.layers[sum].kind == brick_kind::add &&
            t.layers[sum].input_count == 2 && uses[same[value]] == 1) {
            const auto summands = t.inputs_of(sum);
            const bool first = same[summands[0]] == same[value];
            other = same[summands[first ? 1 : 0]];
            if ((first || same[summands[1]] == same[value]) && other <= i) {
                s.adds = true;
                value = s.end = sum + 1;
                pass_idle();
            }
        }
        if (only_reader(s.end, value)) {
            const activation a = t.layers[s.end].act;
            if (a != activation::none && takes_activation(s.kind, a)) {
                s.act = a;
                s.act_layer = s.end;
                value = ++s.end;
            }
        }

        if (pads_with_values(l)) {
            const std::size_t from = list.map_of[t.inputs_of(i)[0]];
            list.reads[list.read_count] = from;
            list.shapes[list.maps] = padded_shape(l);
            list.steps[list.count++] = {.kind = step_kind::pad,
                                        .layer = i,
                                        .end = i + 1,
                                        .first_read = list.read_count++,
                                        .read_count = 1,
                                        .in_map = from,
                                        .out_map = list.maps++};
            s.padded = true;
        }
        // What is read for the last time may be written over, value by value.
        std::size_t over = no_map;
        s.first_read = list.read_count;
        for (std::size_t v : t.inputs_of(i)) {
            list.reads[list.read_count++] = s.padded ? list.maps - 1 : list.map_of[v];
            if (--uses[same[v]] == 0 && options.in_place && value_by_value(s.kind) && over == no_map) {
                over = list.map_of[v];
            }
        }
        if (s.adds) {
            list.reads[list.read_count++] = list.map_of[other];
            if (--uses[other] == 0 && options.in_place && list.map_of[other] != list.reads[s.first_read]) {
                over = list.map_of[other];
            }
        }
        s.read_count = list.read_count - s.first_read;
        s.in_map = list.reads[s.first_read];
        s.out_map = over;
        if (over == no_map) {
            list.shapes[list.maps] = t.layers[s.end - 1].output;
            s.out_map = list.maps++;
        }
        list.steps[list.count++] = s;
        for (; i < s.end; ++i) {
            list.map_of[i + 1] = does_nothing(t.layers[i]) ? list.map_of[t.inputs_of(i)[0]] : s.out_map;
        }
    }
    return list;
}

constexpr std::ptrdiff_t signed_of(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

/// Those of all N patterns of a layer.
template <std::size_t N>
constexpr std::array<tap_set, N> patterns_of(const layer_info& l) {
    std::array<tap_set, N> taps{};
    for (std::size_t p = 0; p < N; ++p) {
        taps[p] = taps_of(l, p);
    }
    return taps;
}

/// Of a Deconv: the convolution that it transposes, from its output to its input.
constexpr conv_geometry geometry_of(const layer_info& l, const map_layout& in, const map_layout& out) {
    const bool transposed = l.kind == brick_kind::deconv;
    return {.in = transposed ? out : in,
            .out = transposed ? in : out,
            .groups = l.kind == brick_kind::conv || transposed ? signed_of(l.groups) : in.channels,
            .kernel_height = signed_of(l.rows.kernel),
            .kernel_width = signed_of(l.columns.kernel),
            .dilation_height = signed_of(l.rows.dilation),
            .dilation_width = signed_of(l.columns.dilation),
            .stride_height = signed_of(l.rows.stride),
            .stride_width = signed_of(l.columns.stride),
            .pad_top = signed_of(l.rows.pad_before),
            .pad_left = signed_of(l.columns.pad_before),
            .taps = l.patterns.count == 1 ? taps_of(l, 0) : tap_set{}};
}

constexpr map_layout layout_of(const Shape& s, std::ptrdiff_t gap) {
    return make_map_layout(signed_of(s.channels), signed_of(s.height), signed_of(s.width), gap);
}

/// Columns that a layer's window reads past the edges of its input.
constexpr std::ptrdiff_t reach_of(const layer_info& l) {
    if (!has_window(l) && l.kind != brick_kind::deconv) {
        return 0;
    }
    const conv_geometry g = geometry_of(l, layout_of(l.input, 0), layout_of(l.output, 0));
    if (l.kind == brick_kind::deconv) {
        return g.transposed_reach() > 0 ? g.transposed_reach() : 0;
    }
    return g.reach_left() > g.reach_right() ? g.reach_left() : g.reach_right();
}

/// Where a map lies if it is a slice of another one: a branch that writes its share of a Concat at once.
struct map_slice {
    std::size_t whole = 0;  ///< the map itself if it is none
    std::size_t first_channel = 0;
};

}  // namespace detail

}  // namespace fovea
