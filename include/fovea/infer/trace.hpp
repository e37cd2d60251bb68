// SPDX-License-Identifier: BSD-3-Clause
// What happens layer by layer? Turns a network's types into one constexpr array of plain records, in one loop.
#pragma once

#include <array>

#include <fovea/detail/text.hpp>
#include <fovea/infer/entries.hpp>
#include <fovea/infer/mistake.hpp>
#include <fovea/infer/receptive_field.hpp>

namespace fovea {

/// "3.0.1": positions from the outermost container inwards; the prefix of the layer's weight names.
using path_text = detail::text<48>;

/// One leaf brick with everything that is known of it.
struct layer_info {
    std::string_view name{};
    brick_kind kind = brick_kind::identity;
    path_text path{};
    Shape input{};
    Shape output{};
    ReceptiveField receptive_field{};  ///< of one unit of the output; frozen behind GAP and Dense
    std::size_t parameters = 0;        ///< trainable
    std::size_t buffers = 0;           ///< BatchNorm's running statistics
    std::size_t macs = 0;              ///< multiply-accumulates of one image, padding taps counted

    axis_window rows{};  ///< convolutions and pools
    axis_window columns{};
    padding_rule padding = padding_rule::same;
    std::size_t groups = 1;
    bool bias = false;
    detail::fraction slope{};
    detail::fraction epsilon{};
    detail::fraction momentum{};
    int percent = 0;
};

namespace detail {

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

/// Trainable parameters and multiply-accumulates of a layer whose shapes are known.
constexpr bool count(layer_info& l) {
    switch (l.kind) {
        case brick_kind::conv:
        case brick_kind::dense: {
            checked weights{l.output.channels};
            weights.times(l.input.channels / l.groups).times(l.rows.kernel).times(l.columns.kernel);
            if (l.kind == brick_kind::dense) {
                weights.times(l.input.positions());
            }
            checked macs{weights.value, weights.ok};
            macs.times(l.output.positions());
            weights.plus(l.bias ? l.output.channels : 0);
            l.parameters = weights.value;
            l.macs = macs.value;
            return weights.ok && macs.ok;
        }
        case brick_kind::batch_norm:
            l.parameters = 2 * l.input.channels;
            l.buffers = 2 * l.input.channels;
            return true;
        case brick_kind::prelu: l.parameters = l.input.channels; return true;
        default: return true;
    }
}

/// Bytes of a layer's output and weights in float32; beyond all limits if they do not fit.
constexpr std::size_t bytes_of(const layer_info& l) {
    checked bytes{l.parameters};
    bytes.plus(l.buffers).plus(l.output.size()).times(sizeof(float));
    return bytes.ok ? bytes.value : static_cast<std::size_t>(-1);
}

constexpr bool has_window(brick_kind k) {
    return k == brick_kind::conv || k == brick_kind::max_pool || k == brick_kind::average_pool;
}

/// One layer on from `input`; the first mistake ends the walk.
constexpr mistake step(layer_info& l, const brick_spec& s, Shape input, const ReceptiveField& field, bool positions) {
    const auto refuse = [](refusal what, std::size_t a = 0, std::size_t b = 0, std::size_t c = 0, std::size_t d = 0) {
        mistake m{.what = what};
        m.numbers[0] = static_cast<long long>(a);
        m.numbers[1] = static_cast<long long>(b);
        m.numbers[2] = static_cast<long long>(c);
        m.numbers[3] = static_cast<long long>(d);
        return m;
    };
    l.name = s.name;
    l.kind = s.kind;
    l.input = l.output = input;
    l.receptive_field = field;
    l.padding = s.padding;
    l.slope = s.slope;
    l.epsilon = s.epsilon;
    l.momentum = s.momentum;
    l.percent = s.percent;
    if (s.fault != option_fault::none) {
        constexpr refusal options[] = {refusal::none, refusal::foreign_option, refusal::repeated_option,
                                       refusal::option_value, refusal::option_value_count};
        const bool own = s.kind == brick_kind::batch_norm || s.kind == brick_kind::dropout;
        return refuse(own ? refusal::brick_value : options[static_cast<int>(s.fault)],
                      static_cast<std::size_t>(s.fault_option));
    }
    if (s.kind == brick_kind::global_average_pool) {
        l.output = {input.channels, 1, 1};
    } else if (s.kind == brick_kind::dense) {
        l.output = {static_cast<std::size_t>(s.out), 1, 1};
        l.bias = s.bias;
    } else if (has_window(s.kind)) {
        axis_values kernel = s.kernel, dilation = s.dilation, stride = s.stride, pad = s.pad;
        if (field.one_dimensional) {
            for (axis_values* a : {&kernel, &dilation, &stride, &pad}) {
                if (a->count > 1) {
                    return refuse(refusal::two_axes_in_one_dimension, static_cast<std::size_t>(a->height),
                                  static_cast<std::size_t>(a->width));
                }
                a->height = a == &pad ? 0 : 1;
            }
        }
        std::size_t rows = 0, columns = 0;
        l.rows = resolve_axis(input.height, kernel.height, dilation.height, stride.height, pad.height, s.padding, rows);
        l.columns =
            resolve_axis(input.width, kernel.width, dilation.width, stride.width, pad.width, s.padding, columns);
        l.output.height = rows;
        l.output.width = columns;
        if (rows == 0 || columns == 0) {
            return refuse(refusal::window_exceeds_input, l.rows.span() + 1, l.columns.span() + 1,
                          input.height + l.rows.pad_before + l.rows.pad_after,
                          input.width + l.columns.pad_before + l.columns.pad_after);
        }
        if (s.kind == brick_kind::conv) {
            l.groups = s.groups == 0 ? input.channels : static_cast<std::size_t>(s.groups);
            l.output.channels = s.out == 0 ? input.channels : static_cast<std::size_t>(s.out);
            l.bias = s.bias;
            if (input.channels % l.groups != 0) {
                return refuse(refusal::groups_of_input, l.groups, input.channels);
            }
            if (l.output.channels % l.groups != 0) {
                return refuse(s.groups == 0 ? refusal::depthwise_output : refusal::groups_of_output, l.groups,
                              l.output.channels);
            }
        } else if (sees_only_padding(l.rows, input.height, rows) ||
                   sees_only_padding(l.columns, input.width, columns)) {
            mistake m = refuse(refusal::window_of_padding, l.rows.span() + 1, l.columns.span() + 1, l.rows.pad_before,
                               l.columns.pad_before);
            m.numbers[4] = static_cast<long long>(input.height);
            m.numbers[5] = static_cast<long long>(input.width);
            return m;
        }
        if (positions) {
            l.receptive_field.height = widen(field.height, l.rows, s.padding);
            l.receptive_field.width = widen(field.width, l.columns, s.padding);
        }
    }
    checked size{l.output.channels};
    size.times(l.output.height).times(l.output.width).times(sizeof(float));
    return count(l) && size.ok ? mistake{} : refuse(refusal::too_large, input.channels, input.height, input.width);
}

template <std::size_t N>
struct traced {
    std::array<layer_info, N> layers{};
    mistake error{};
    Shape input{};
    bool one_dimensional = false;
};

template <std::size_t N>
constexpr traced<N> walk(const std::array<entry, N>& entries, Shape input, bool one_dimensional) {
    traced<N> t{};
    t.input = input;
    t.one_dimensional = one_dimensional;
    Shape shape = input;
    ReceptiveField field{};
    field.one_dimensional = one_dimensional;
    bool positions = true;
    // Bytes of all maps and all weights, and all MACs: whatever is summed later fits.
    checked bytes{input.channels};
    bytes.times(input.height).times(input.width).times(sizeof(float));
    checked macs{0};
    for (std::size_t i = 0; i < N; ++i) {
        const entry& e = entries[i];
        layer_info& l = t.layers[i];
        for (std::size_t d = 0; d < e.depth; ++d) {
            if (d > 0) {
                l.path.put('.');
            }
            l.path.put_number(static_cast<std::uint64_t>(e.where[d]));
        }
        mistake m{.what = e.fault};
        if (e.fault == refusal::none) {
            m = step(l, *e.spec, shape, field, positions);
        }
        if (!m && !(macs.plus(l.macs).ok && bytes.plus(bytes_of(l)).ok)) {
            m = {.what = refusal::too_large,
                 .numbers = {static_cast<long long>(shape.channels), static_cast<long long>(shape.height),
                             static_cast<long long>(shape.width)}};
        }
        if (!m && l.kind == brick_kind::softmax && i + 1 != N) {
            m.what = refusal::softmax_not_last;
            m.numbers[0] = static_cast<long long>(N - 1 - i);
        }
        if (m) {
            t.error = m;
            t.error.depth = e.depth;
            for (std::size_t d = 0; d < e.depth; ++d) {
                t.error.where[d] = e.where[d];
            }
            return t;
        }
        if (l.kind == brick_kind::global_average_pool || l.kind == brick_kind::dense) {
            positions = false;
        }
        shape = l.output;
        field = l.receptive_field;
    }
    return t;
}

/// What a network type is made of. A malformed one (no Input) still has a trace, with its mistake.
template <class Net>
struct network_traits {
    static constexpr std::size_t positions = 0;
    static constexpr traced<1> trace{.error = {.what = refusal::no_input}};
    static constexpr std::array<std::size_t, 1> ends{1};
};

template <int... Extents, class... Bricks>
struct network_traits<Network<Input<Extents...>, Bricks...>> {
    static constexpr std::size_t positions = sizeof...(Bricks);
    static constexpr std::size_t counted = leaves_of<Bricks...>();
    static constexpr bool countable = counted > 0 && counted <= most_layers;
    static constexpr std::size_t leaves = countable ? counted : 1;
    static constexpr std::array<entry, leaves> entries() {
        std::array<entry, leaves> list{};
        if constexpr (countable) {
            entry_writer w{.at = list.data()};
            write_list<Bricks...>(w);
        }
        return list;
    }

    static constexpr traced<leaves> make() {
        constexpr std::size_t given = sizeof...(Extents);
        constexpr int extents[] = {Extents..., 1, 1, 1};
        traced<leaves> t{};
        if constexpr (given != 2 && given != 3) {
            t.error = {.what = refusal::input_count, .numbers = {given}};
        } else if constexpr (extents[0] < 1 || extents[1] < 1 || extents[2] < 1) {
            t.error = {.what = refusal::input_extent, .numbers = {extents[0], extents[1], extents[2]}};
        } else if constexpr (sizeof...(Bricks) == 0) {
            t.error.what = refusal::no_bricks;
        } else if constexpr (!countable) {
            t.error = {.what = refusal::too_many_layers, .numbers = {static_cast<long long>(counted)}};
        } else {
            const Shape input{static_cast<std::size_t>(extents[0]),
                              static_cast<std::size_t>(given == 3 ? extents[1] : 1),
                              static_cast<std::size_t>(given == 3 ? extents[2] : extents[1])};
            constexpr auto list = entries();
            t = walk(list, input, given == 2);
        }
        return t;
    }
    static constexpr traced<leaves> trace = make();

    /// Behind the last leaf of each position of the network's list.
    static constexpr std::array<std::size_t, sizeof...(Bricks) + 1> make_ends() {
        constexpr std::size_t counts[] = {container_traits<Bricks>::leaves..., 0};
        std::array<std::size_t, sizeof...(Bricks) + 1> e{};
        std::size_t sum = 0;
        for (std::size_t i = 0; i < sizeof...(Bricks); ++i) {
            e[i] = sum += counts[i];
        }
        return e;
    }
    static constexpr auto ends = make_ends();
};

}  // namespace detail
}  // namespace fovea
