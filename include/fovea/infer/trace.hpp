// SPDX-License-Identifier: BSD-3-Clause
// What happens layer by layer? Turns a network's types into one constexpr array of plain records, in one loop.
#pragma once

#include <array>
#include <span>

#include <fovea/infer/window.hpp>

namespace fovea::detail {

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
constexpr mistake walk_layer(layer_info& l, const brick_spec& s, Shape input, bool one_dimensional, map_path& path) {
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
        if (!same_stride(path.rows, other.rows) || !same_stride(path.columns, other.columns)) {
            const bool along = same_stride(path.rows, other.rows);  // 0: rows, 1: columns
            const stride_ratio a = field_of(along ? other.columns : other.rows).stride;
            const stride_ratio b = field_of(along ? path.columns : path.rows).stride;
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
        mistake m = walk_layer(l, s, from == 0 ? input : layers[from - 1].output, one_dimensional, path);
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
            a = same_stride(a, b) ? united(a, b) : field_of(a).size < field_of(b).size ? b : a;
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
        if constexpr (countable) {
            write_list<Bricks...>(w);
        }
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

}  // namespace fovea::detail
