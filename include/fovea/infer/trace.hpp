// SPDX-License-Identifier: BSD-3-Clause
// What happens layer by layer? Turns a network's types into one constexpr array of plain records, in one loop.
#pragma once

#include <array>
#include <span>

#include <fovea/infer/entries.hpp>
#include <fovea/infer/mistake.hpp>
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
};

constexpr brick_facts facts_of(const layer_info& l) { return facts_of(l.kind); }

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
    }
    missing_rule();
}

/// Bytes of a layer's output and weights in float32; beyond all limits if they do not fit.
constexpr std::size_t bytes_of(const layer_info& l) {
    checked bytes{l.parameters};
    bytes.plus(l.buffers).plus(l.output.size()).times(sizeof(float));
    return bytes.ok ? bytes.value : static_cast<std::size_t>(-1);
}

/// What is known of a map besides its shape.
struct map_path {
    axis_path rows{};
    axis_path columns{};
    bool positions = true;
};

constexpr mistake refusal_of(refusal what, std::initializer_list<std::size_t> numbers = {}) {
    mistake m{.what = what};
    std::size_t i = 0;
    for (std::size_t n : numbers) {
        m.numbers[i++] = static_cast<long long>(n);
    }
    return m;
}

/// What is wrong with the patterns of a convolution, if anything.
constexpr mistake check_patterns(const layer_info& l) {
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    for (std::size_t p = 0; p < l.patterns.count; ++p) {
        const tap_pattern& pattern = l.patterns.list[p];
        if (pattern.shape == tap_pattern::full) {
            continue;
        }
        if (rows * columns > tap_set::most) {
            return refusal_of(refusal::taps_too_many, {rows * columns, tap_set::most});
        }
        if (pattern.shape == tap_pattern::mask) {
            const mask_extent e = extent_of(pattern.rows);
            if (!e.clean) {
                return refusal_of(refusal::taps_characters);
            }
            if (e.rows != rows || e.columns != columns) {
                return refusal_of(refusal::taps_size, {e.rows, e.columns, rows, columns});
            }
            if (resolve_taps(pattern, rows, columns) == tap_set::none()) {
                return refusal_of(refusal::taps_none);
            }
        }
    }
    return mistake{};
}

/// Rows and columns between the first and the last tap of any channel.
struct tap_ranges {
    tap_range rows;
    tap_range columns;
};
constexpr tap_ranges ranges_of(const layer_info& l) {
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    if (l.patterns.count == 0) {
        return {{0, rows - 1}, {0, columns - 1}};
    }
    tap_ranges r{{rows - 1, 0}, {columns - 1, 0}};
    for_each_pattern(l, [&](const tap_set& s, std::size_t) {
        for (std::size_t i = 0; i < rows * columns; ++i) {
            if (s.has(i)) {
                const std::size_t y = i / columns, x = i % columns;
                r.rows = {y < r.rows.first ? y : r.rows.first, y > r.rows.last ? y : r.rows.last};
                r.columns = {x < r.columns.first ? x : r.columns.first, x > r.columns.last ? x : r.columns.last};
            }
        }
    });
    return r;
}

constexpr mistake resolve_window(layer_info& l, const brick_spec& s, bool one_dimensional, map_path& path) {
    const Shape input = l.input;
    axis_values kernel = s.kernel, dilation = s.dilation, stride = s.stride, pad = s.pad, more = s.output_pad;
    if (one_dimensional) {
        for (axis_values* a : {&kernel, &dilation, &stride, &pad, &more}) {
            if (a->count > 1) {
                return refusal_of(refusal::two_axes_in_one_dimension,
                                  {static_cast<std::size_t>(a->height), static_cast<std::size_t>(a->width)});
            }
            a->height = a == &pad || a == &more ? 0 : 1;
        }
    }
    if (s.kind == brick_kind::deconv) {
        const bool extended = more.height > 0 || more.width > 0;
        const auto too_far = [](int n, int st, int di) { return n >= st && n >= di; };
        if (extended && (s.padding == padding_rule::same || s.padding == padding_rule::causal ||
                         (more.height > 0 && too_far(more.height, stride.height, dilation.height)) ||
                         (more.width > 0 && too_far(more.width, stride.width, dilation.width)))) {
            return refusal_of(refusal::output_padding,
                              {static_cast<std::size_t>(more.height), static_cast<std::size_t>(more.width),
                               static_cast<std::size_t>(stride.height), static_cast<std::size_t>(stride.width)});
        }
    }
    std::size_t rows = 0, columns = 0;
    const auto resolve = s.kind == brick_kind::deconv ? &resolve_transposed_axis : &resolve_axis;
    l.rows = resolve(input.height, kernel.height, dilation.height, stride.height, pad.height, s.padding, rows);
    l.columns = resolve(input.width, kernel.width, dilation.width, stride.width, pad.width, s.padding, columns);
    l.output.height = rows;
    l.output.width = columns;
    if (s.kind == brick_kind::deconv && (rows == 0 || columns == 0)) {
        return refusal_of(refusal::padding_crops_all,
                          {l.rows.pad_before, l.columns.pad_before, input.height, input.width});
    }
    if (rows == 0 || columns == 0) {
        return refusal_of(refusal::window_exceeds_input,
                          {l.rows.span() + 1, l.columns.span() + 1, input.height + l.rows.pad_before + l.rows.pad_after,
                           input.width + l.columns.pad_before + l.columns.pad_after});
    }
    if (s.kind == brick_kind::deconv) {
        l.output.height += static_cast<std::size_t>(more.height);
        l.output.width += static_cast<std::size_t>(more.width);
    }
    if (s.mode != padding_mode::zeros) {
        const auto most = [&](const axis_window& w) { return w.pad_before > w.pad_after ? w.pad_before : w.pad_after; };
        const std::size_t less = s.mode == padding_mode::reflect ? 1 : 0;
        if (s.mode != padding_mode::replicate &&
            (most(l.rows) + less > input.height || most(l.columns) + less > input.width)) {
            return refusal_of(s.mode == padding_mode::reflect ? refusal::reflected_padding : refusal::circular_padding,
                              {most(l.rows), most(l.columns), input.height, input.width});
        }
    }
    if (is_pool(s)) {
        if (s.mode == padding_mode::zeros &&
            (sees_only_padding(l.rows, input.height, rows) || sees_only_padding(l.columns, input.width, columns))) {
            return refusal_of(refusal::window_of_padding, {l.rows.span() + 1, l.columns.span() + 1, l.rows.pad_before,
                                                           l.columns.pad_before, input.height, input.width});
        }
    } else {
        l.groups = s.groups == 0 ? input.channels : static_cast<std::size_t>(s.groups);
        l.output.channels = s.out == 0 ? input.channels : static_cast<std::size_t>(s.out);
        if (s.is_fixed) {
            l.output.channels = input.channels * static_cast<std::size_t>(s.out);
        }
        l.bias = s.bias;
        if (input.channels % l.groups != 0) {
            return refusal_of(refusal::groups_of_input, {l.groups, input.channels});
        }
        if (l.output.channels % l.groups != 0) {
            return refusal_of(s.groups == 0 ? refusal::depthwise_output : refusal::groups_of_output,
                              {l.groups, l.output.channels});
        }
        l.patterns = s.patterns;
        if (const mistake m = check_patterns(l)) {
            return m;
        }
    }
    if (path.positions) {
        if (s.kind == brick_kind::deconv) {
            path.rows = through_transposed(path.rows, l.rows, s.padding);
            path.columns = through_transposed(path.columns, l.columns, s.padding);
        } else {
            const tap_ranges r = ranges_of(l);
            path.rows = through_window(path.rows, l.rows, s.padding, r.rows);
            path.columns = through_window(path.columns, l.columns, s.padding, r.columns);
        }
    }
    return mistake{};
}

/// A layer's output for its first input, and what its units see.
constexpr mistake resolve_output(layer_info& l, const brick_spec& s, bool one_dimensional, map_path& path) {
    const Shape input = l.input;
    switch (s.kind) {
        case brick_kind::identity:
        case brick_kind::batch_norm:
        case brick_kind::activation:
        case brick_kind::softmax:
        case brick_kind::dropout:
        case brick_kind::tap:
        case brick_kind::add:
        case brick_kind::concat: return mistake{};
        case brick_kind::conv:
        case brick_kind::deconv:
        case brick_kind::max_pool:
        case brick_kind::average_pool:
        case brick_kind::median_pool: return resolve_window(l, s, one_dimensional, path);
        case brick_kind::gate:
            l.output.channels /= 2;
            return input.channels % 2 == 0 ? mistake{} : refusal_of(refusal::gate_channels, {input.channels});
        case brick_kind::global_average_pool:
            l.output = {input.channels, 1, 1};
            path.positions = false;
            return mistake{};
        case brick_kind::dense:
            l.output = {static_cast<std::size_t>(s.out), 1, 1};
            l.bias = s.bias;
            path.positions = false;
            return mistake{};
        case brick_kind::upsample: {
            const auto columns = static_cast<std::size_t>(s.stride.width);
            const std::size_t rows = one_dimensional ? 1 : columns;
            l.bilinear = s.bilinear;
            l.rows.stride = rows;
            l.columns.stride = columns;
            checked height{input.height}, width{input.width};
            if (!height.times(rows).ok || !width.times(columns).ok) {
                return refusal_of(refusal::too_large, {input.channels, input.height, input.width});
            }
            l.output.height = height.value;
            l.output.width = width.value;
            if (path.positions) {
                path.rows = through_upsample(path.rows, static_cast<std::int64_t>(rows), s.bilinear);
                path.columns = through_upsample(path.columns, static_cast<std::int64_t>(columns), s.bilinear);
            }
            return mistake{};
        }
    }
    missing_rule();
}

/// What can be said of a layer by its spec, its first input's shape and path; the path becomes the output's.
constexpr mistake step(layer_info& l, const brick_spec& s, Shape input, bool one_dimensional, map_path& path) {
    l = {.name = s.name,
         .kind = s.kind,
         .act = s.act,
         .path = l.path,
         .input = input,
         .output = input,
         .first_input = l.first_input,
         .owner = l.owner,
         .padding = s.padding,
         .mode = s.mode,
         .label = s.label,
         .is_fixed = s.is_fixed,
         .fixed = s.fixed,
         .constants = s.constants,
         .epsilon = s.epsilon,
         .momentum = s.momentum,
         .percent = s.percent};
    if (s.fault != option_fault::none) {
        constexpr refusal options[] = {refusal::none,         refusal::foreign_option,     refusal::repeated_option,
                                       refusal::option_value, refusal::option_value_count, refusal::misspelt_option};
        const bool own = !has_sums(s) && !is_pool(s);
        return refusal_of(own ? refusal::brick_value : options[static_cast<int>(s.fault)],
                          {static_cast<std::size_t>(s.fault_option)});
    }
    if (const mistake m = resolve_output(l, s, one_dimensional, path)) {
        return m;
    }
    checked size{l.output.channels};
    size.times(l.output.height).times(l.output.width).times(sizeof(float));
    return count(l) && size.ok ? mistake{}
                               : refusal_of(refusal::too_large, {input.channels, input.height, input.width});
}

/// One map more that a join reads, `input`, the n-th.
constexpr mistake meet(layer_info& l, std::size_t n, std::size_t map, Shape input, map_path& path,
                       const map_path& other) {
    const bool sum = l.kind == brick_kind::add;
    if (!sum && l.kind != brick_kind::concat) {
        missing_rule();
    }
    if (input.height != l.output.height || input.width != l.output.width ||
        (sum && input.channels != l.output.channels)) {
        const Shape& first = l.input;
        return refusal_of(sum ? refusal::shape_mismatch : refusal::concat_mismatch,
                          {input.channels, input.height, input.width, first.channels, first.height, first.width, n});
    }
    if (path.positions && other.positions) {
        if (!same_step(path.rows, other.rows) || !same_step(path.columns, other.columns)) {
            const bool along = same_step(path.rows, other.rows);  // 0: rows, 1: columns
            const step_ratio a = field_of(along ? other.columns : other.rows).stride;
            const step_ratio b = field_of(along ? path.columns : path.rows).stride;
            return refusal_of(refusal::stride_mismatch,
                              {a.numerator, a.denominator, b.numerator, b.denominator, along, n});
        }
        if (!same_centre(path.rows, other.rows) || !same_centre(path.columns, other.columns)) {
            const centre_gap gap = gap_between(path.rows, path.columns, other.rows, other.columns);
            l.apart_map = gap.exceeds(l.apart) ? map : l.apart_map;
            l.apart = gap.exceeds(l.apart) ? gap : l.apart;
            l.aligned = false;
        }
        path.rows = united(path.rows, other.rows);
        path.columns = united(path.columns, other.columns);
    } else if (other.positions) {
        path = other;
    }
    if (!sum) {
        l.output.channels += input.channels;
    }
    return mistake{};
}

/// Whether two layers can use one set of weights.
constexpr bool same_weights(const layer_info& a, const layer_info& b) {
    return a.kind == b.kind && a.act == b.act && a.groups == b.groups && a.bias == b.bias &&
           a.rows.kernel == b.rows.kernel && a.columns.kernel == b.columns.kernel &&
           a.patterns.list == b.patterns.list && a.is_fixed == b.is_fixed && (!a.is_fixed || a.fixed == b.fixed) &&
           (a.parameters == 0 || (a.input.channels == b.input.channels && a.output.channels == b.output.channels &&
                                  (a.kind != brick_kind::dense || a.input == b.input)));
}

/// N layers, M edges: what each layer reads, then the outputs. Map 0 is the network's input, map i + 1 the output of
/// layer i.
template <std::size_t N, std::size_t M>
struct traced {
    std::array<layer_info, N> layers{};
    std::array<std::size_t, M> edges{};
    std::size_t first_output = 0;
    std::size_t output_count = 1;
    mistake error{};
    std::size_t error_entry = 0;
    Shape input{};
    bool one_dimensional = false;
    ReceptiveField field{};  ///< of a unit of the outputs: the union, where there are several

    constexpr std::span<const std::size_t> inputs_of(std::size_t layer) const {
        return {edges.data() + layers[layer].first_input, layers[layer].input_count};
    }
    constexpr std::span<const std::size_t> outputs() const { return {edges.data() + first_output, output_count}; }
    constexpr const Shape& shape(std::size_t map) const { return map == 0 ? input : layers[map - 1].output; }
};

template <std::size_t N, std::size_t M, std::size_t E>
constexpr traced<N, M> walk(const std::array<entry, E>& entries, const char* paths, Shape input, bool one_dimensional) {
    traced<N, M> t{};
    t.input = input;
    t.one_dimensional = one_dimensional;
    // Pointers and built-in arrays: std::array's operator[] takes five of the steps of which clang allows 1,048,576.
    layer_info* const layers = t.layers.data();
    std::size_t* const edges = t.edges.data();
    const entry* const first_entry = entries.data();
    map_path known[N + 1] = {};                                                  // of the maps
    std::size_t entry_of[N] = {};                                                // of the layers
    std::size_t forks[deepest_path + 1] = {}, fork_ends[deepest_path + 1] = {};  // map; branch ends before it
    std::size_t branch_ends[M] = {};                                             // maps, of all open forks
    std::size_t depth = 0, ended = 0, current = 0, layer = 0, edge = 0, heads = 0;
    bool finished = false;
    // Bytes of all maps and all weights, and all MACs: whatever is summed later fits.
    checked bytes{input.channels};
    bytes.times(input.height).times(input.width).times(sizeof(float));
    checked macs{0};
    const auto field_of_map = [&](const map_path& p) {
        return ReceptiveField{field_of(p.rows), field_of(p.columns), one_dimensional};
    };

    /// The map at the last Tap of this name; 0 if there is none.
    const auto last_tap = [&](std::string_view label) {
        std::size_t map = layer;
        while (map > 0 && !(layers[map - 1].kind == brick_kind::tap && layers[map - 1].label == label)) {
            --map;
        }
        return map;
    };

    for (std::size_t i = 0; i < E; ++i) {
        const entry& e = first_entry[i];
        t.error_entry = i;
        if (e.fault != refusal::none) {
            t.error.what = e.fault;
            return t;
        }
        if (finished) {
            t.error = refusal_of(refusal::heads_not_last, {N - layer});
            t.error_entry = heads;
            return t;
        }
        if (e.op == entry_op::fork) {
            forks[depth] = current;
            fork_ends[depth++] = ended;
            continue;
        }
        if (e.op == entry_op::next) {
            branch_ends[ended++] = current;
            current = forks[depth - 1];
            continue;
        }
        layer_info& l = layers[layer];
        const std::size_t first = edge;
        const bool named =
            e.op == entry_op::leaf && !e.spec->label.empty() && (e.spec->goes_back || e.spec->kind != brick_kind::tap);
        const std::size_t tapped = named ? last_tap(e.spec->label) : 0;
        if (e.op == entry_op::leaf) {
            edges[edge++] = e.spec->goes_back ? tapped : current;
        } else {
            branch_ends[ended++] = current;
            --depth;
            for (std::size_t b = fork_ends[depth]; b < ended; ++b) {
                edges[edge++] = branch_ends[b];
            }
            ended = fork_ends[depth];
            if (e.op == entry_op::heads) {
                t.first_output = first;
                t.output_count = edge - first;
                finished = true;
                heads = i;
                continue;
            }
        }
        const brick_spec& s = *e.spec;
        l.path = {paths + e.path_at, e.path_size};
        l.first_input = first;
        l.owner = layer - e.shared;
        entry_of[layer] = i;
        const std::size_t from = edges[first];
        map_path& path = known[layer + 1];
        path = known[from];
        mistake m = step(l, s, from == 0 ? input : layers[from - 1].output, one_dimensional, path);
        if (named && !m) {
            if (tapped == 0) {
                m.what = refusal::unknown_tap;
            } else if (!s.goes_back) {
                edges[edge++] = tapped;
            }
        }
        l.input_count = edge - first;
        for (std::size_t n = 1; n < l.input_count && !m; ++n) {
            const std::size_t other = edges[first + n];
            m = meet(l, n, other, other == 0 ? input : layers[other - 1].output, path, known[other]);
        }
        for (std::size_t n = first; n < edge; ++n) {
            const std::size_t map = edges[n];
            if (map > 0 && layers[map - 1].kind == brick_kind::softmax && !m) {
                m = refusal_of(refusal::softmax_not_last, {N - map});
                t.error_entry = entry_of[map - 1];
            }
        }
        if (l.owner != layer && !m) {
            l.owner = layers[l.owner].owner;
            if (!same_weights(layers[l.owner], l)) {
                m.what = refusal::shared_structure;
            }
            l.parameters = l.buffers = 0;
        }
        if (!m && !(macs.plus(l.macs).ok && bytes.plus(bytes_of(l)).ok)) {
            m = refusal_of(refusal::too_large, {l.input.channels, l.input.height, l.input.width});
        }
        if (m) {
            t.error = m;
            return t;
        }
        l.positions = path.positions;
        const bool same_field = from > 0 && l.input_count == 1 && !moves_field(l);
        l.receptive_field = same_field ? layers[from - 1].receptive_field : field_of_map(path);
        current = ++layer;
    }
    if (!finished) {
        t.first_output = edge;
        edges[edge] = current;
    }
    bool read[N + 1] = {};
    for (std::size_t k = 0; k < M; ++k) {
        read[edges[k]] = true;
    }
    for (std::size_t map = 1; map <= N; ++map) {
        if (!read[map]) {
            t.error.what = refusal::unread;
            t.error_entry = entry_of[map - 1];
            return t;
        }
    }
    map_path all = known[edges[t.first_output]];
    for (std::size_t o = 1; o < t.output_count; ++o) {
        const map_path& p = known[edges[t.first_output + o]];
        const auto larger = [](axis_path& a, const axis_path& b) {
            a = same_step(a, b) ? united(a, b) : field_of(a).size < field_of(b).size ? b : a;
        };
        larger(all.rows, p.rows);
        larger(all.columns, p.columns);
    }
    t.field = field_of_map(all);
    return t;
}

/// What a network type is made of. A malformed one (no Input) still has a trace, with its mistake.
template <class Net>
struct network_traits {
    static constexpr std::size_t positions = 0;
    static constexpr traced<1, 1> trace{.error = {.what = refusal::no_input}};
    static constexpr std::array<std::size_t, 1> ends{1};
};

template <int... Extents, class... Bricks>
struct network_traits<Network<Input<Extents...>, Bricks...>> {
    static constexpr std::size_t positions = sizeof...(Bricks);
    static constexpr tally size = size_of<Bricks...>();
    static constexpr bool countable =
        size.layers > 0 && size.layers <= most_layers&& size.entries <= 3 * most_layers&& size.edges <= 2 * most_layers;
    static constexpr std::size_t layer_count = countable ? size.layers : 1;
    static constexpr std::size_t entry_count = countable ? size.entries : 1;
    static constexpr std::size_t edge_count = countable ? size.edges : 1;

    static constexpr std::size_t path_characters = [] {
        entry_writer w{};
        if constexpr (countable) {
            write_list<Bricks...>(w);
        }
        return w.written + 1;
    }();
    struct entry_list {
        std::array<entry, entry_count> entries{};
        std::array<char, path_characters> paths{};
    };
    static constexpr entry_list list = [] {
        entry_list l{};
        if constexpr (countable) {
            entry_writer w{.at = l.entries.data(), .chars = l.paths.data()};
            write_list<Bricks...>(w);
        }
        return l;
    }();

    using trace_type = traced<layer_count, edge_count + 1>;
    static constexpr trace_type make() {
        constexpr std::size_t given = sizeof...(Extents);
        constexpr int extents[] = {Extents..., 1, 1, 1};
        trace_type t{};
        if constexpr (given != 2 && given != 3) {
            t.error = refusal_of(refusal::input_count, {given});
        } else if constexpr (extents[0] < 1 || extents[1] < 1 || extents[2] < 1) {
            t.error.what = refusal::input_extent;
            for (std::size_t i = 0; i < given; ++i) {
                t.error.numbers[i] = extents[i];
            }
        } else if constexpr (sizeof...(Bricks) == 0) {
            t.error.what = refusal::no_bricks;
        } else if constexpr (!countable) {
            t.error = refusal_of(refusal::too_many_layers, {size.layers});
        } else {
            const Shape input{static_cast<std::size_t>(extents[0]),
                              static_cast<std::size_t>(given == 3 ? extents[1] : 1),
                              static_cast<std::size_t>(given == 3 ? extents[2] : extents[1])};
            t = walk<layer_count, edge_count + 1>(list.entries, list.paths.data(), input, given == 2);
            if (t.error) {
                entry_writer w{.sought = t.error_entry, .found = &t.error};
                write_list<Bricks...>(w);
            }
        }
        return t;
    }
    static constexpr trace_type trace = make();

    /// The way to each layer, as the mistake of a refused one has it: made when a message or a table asks.
    static constexpr std::size_t place_count = [] {
        entry_writer w{};
        write_list<Bricks...>(w);
        return w.placed;
    }();
    struct layer_places {
        std::array<place, place_count> all{};
        std::array<std::size_t, layer_count> end{};
    };
    static constexpr layer_places places = [] {
        layer_places p{};
        entry_writer w{.places = p.all.data(), .places_end = p.end.data()};
        write_list<Bricks...>(w);
        return p;
    }();

    /// Behind the last layer of each position of the network's list.
    static constexpr std::array<std::size_t, sizeof...(Bricks) + 1> make_ends() {
        constexpr std::size_t counts[] = {container_traits<Bricks>::size.layers..., 0};
        std::array<std::size_t, sizeof...(Bricks) + 1> e{};
        std::size_t sum = 0;
        for (std::size_t i = 0; i < sizeof...(Bricks); ++i) {
            e[i] = sum += counts[i];
        }
        return e;
    }
    static constexpr auto ends = make_ends();
};

/// Where a layer of a sound network is.
template <class Net, std::size_t Layer>
inline constexpr mistake place_of_layer = [] {
    constexpr const auto& places = network_traits<Net>::places;
    mistake m{};
    for (std::size_t i = Layer > 0 ? places.end[Layer - 1] : 0; i < places.end[Layer]; ++i) {
        m.where[m.depth++] = places.all[i];
    }
    return m;
}();

}  // namespace detail
}  // namespace fovea
