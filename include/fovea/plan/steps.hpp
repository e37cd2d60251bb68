// SPDX-License-Identifier: BSD-3-Clause
// Which work does an engine do, in which order? Folds normalisation and activation into the convolution before them and
// drops what does nothing at inference; a constexpr array of steps.
#pragma once

#include <array>

#include <fovea/infer/questions.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea {

enum class step_kind : unsigned char {
    conv,         ///< a convolution on positions
    dense,        ///< Dense, and a convolution on a 1x1 map: a matrix times a vector
    scale_shift,  ///< a BatchNorm that follows no convolution; in place
    activate,     ///< an activation that follows no convolution; in place
    softmax,      ///< in place
    mean,         ///< GAP
    max_pool,
    average_pool,
};

struct plan_step {
    step_kind kind = step_kind::conv;
    std::size_t layer = 0;  ///< the brick that gives the step its name
    std::size_t end = 0;    ///< behind the last brick folded into it; BatchNorms in [layer, end) are folded
    activation act = activation::none;
    std::size_t act_layer = 0;
    std::size_t in_map = 0;
    std::size_t out_map = 0;  ///< equal to in_map where the step works in place
};

namespace detail {

constexpr activation activation_of(brick_kind k) {
    switch (k) {
        case brick_kind::relu: return activation::relu;
        case brick_kind::leaky_relu: return activation::leaky_relu;
        case brick_kind::prelu: return activation::prelu;
        case brick_kind::sigmoid: return activation::sigmoid;
        case brick_kind::tanh: return activation::tanh;
        case brick_kind::silu: return activation::silu;
        default: return activation::none;
    }
}

constexpr bool does_nothing(const layer_info& l) {
    return l.kind == brick_kind::identity || l.kind == brick_kind::dropout ||
           (l.kind == brick_kind::global_average_pool && l.input.positions() == 1);
}

constexpr step_kind step_of(const layer_info& l) {
    switch (l.kind) {
        case brick_kind::conv:
            // On a 1x1 map only one tap of a window meets the data; the engine packs just that one.
            return l.input.positions() == 1 && l.output.positions() == 1 && l.groups == 1 ? step_kind::dense
                                                                                          : step_kind::conv;
        case brick_kind::dense: return step_kind::dense;
        case brick_kind::batch_norm: return step_kind::scale_shift;
        case brick_kind::softmax: return step_kind::softmax;
        case brick_kind::global_average_pool: return step_kind::mean;
        case brick_kind::max_pool: return step_kind::max_pool;
        case brick_kind::average_pool: return step_kind::average_pool;
        default: return step_kind::activate;
    }
}

constexpr bool in_place(step_kind k) {
    return k == step_kind::scale_shift || k == step_kind::activate || k == step_kind::softmax;
}

/// At most one step a layer; `count` of them are used.
template <std::size_t N>
struct step_list {
    std::array<plan_step, N> steps{};
    std::array<Shape, N + 1> shapes{};  ///< of the maps
    std::size_t count = 0;
    std::size_t maps = 1;
};

template <std::size_t N>
constexpr step_list<N> make_steps(const std::array<layer_info, N>& layers, Shape input) {
    step_list<N> list{};
    list.shapes[0] = input;
    std::size_t i = 0;
    while (i < N) {
        const layer_info& l = layers[i];
        if (does_nothing(l)) {
            ++i;
            continue;
        }
        plan_step s{.kind = step_of(l), .layer = i, .end = i + 1, .in_map = list.maps - 1};
        if (s.kind == step_kind::conv || s.kind == step_kind::dense || s.kind == step_kind::scale_shift) {
            while (s.end < N && (does_nothing(layers[s.end]) || layers[s.end].kind == brick_kind::batch_norm)) {
                ++s.end;
            }
            if (s.end < N && activation_of(layers[s.end].kind) != activation::none &&
                s.kind != step_kind::scale_shift) {
                s.act = activation_of(layers[s.end].kind);
                s.act_layer = s.end++;
            }
        } else if (s.kind == step_kind::activate) {
            s.act = activation_of(l.kind);
            s.act_layer = i;
        }
        s.out_map = in_place(s.kind) ? s.in_map : list.maps;
        if (!in_place(s.kind)) {
            list.shapes[list.maps++] = layers[s.end - 1].output;
        }
        list.steps[list.count++] = s;
        i = s.end;
    }
    return list;
}

constexpr std::ptrdiff_t signed_of(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

constexpr conv_geometry geometry_of(const layer_info& l, const map_layout& in, const map_layout& out) {
    return {.in = in,
            .out = out,
            .groups = l.kind == brick_kind::conv ? signed_of(l.groups) : in.channels,
            .kernel_height = signed_of(l.rows.kernel),
            .kernel_width = signed_of(l.columns.kernel),
            .dilation_height = signed_of(l.rows.dilation),
            .dilation_width = signed_of(l.columns.dilation),
            .stride_height = signed_of(l.rows.stride),
            .stride_width = signed_of(l.columns.stride),
            .pad_top = signed_of(l.rows.pad_before),
            .pad_left = signed_of(l.columns.pad_before)};
}

constexpr map_layout layout_of(const Shape& s, std::ptrdiff_t gap) {
    return make_map_layout(signed_of(s.channels), signed_of(s.height), signed_of(s.width), gap);
}

/// Columns that a layer's window reads past the edges of its input.
constexpr std::ptrdiff_t reach_of(const layer_info& l) {
    if (!has_window(l.kind)) {
        return 0;
    }
    const conv_geometry g = geometry_of(l, layout_of(l.input, 0), layout_of(l.output, 0));
    return g.reach_left() > g.reach_right() ? g.reach_left() : g.reach_right();
}

}  // namespace detail

/// The plan of Engine<Net>: steps, map layouts, and where each map lies in the one arena. A map lives from the step
/// that writes it to the one that reads it; in a chain two neighbours live at once, so even maps grow from the arena's
/// start and odd ones from its end.
template <class Net>
struct engine_plan {
    static constexpr const auto& layers = detail::layers_of<Net>;
    static constexpr auto list = detail::make_steps(layers, detail::network_traits<Net>::trace.input);
    static constexpr std::size_t step_count = list.count;
    static constexpr std::size_t map_count = list.maps;

    static constexpr plan_step step(std::size_t k) { return list.steps[k]; }

    static constexpr std::array<map_layout, map_count> maps = [] {
        std::array<map_layout, map_count> m{};
        std::array<std::ptrdiff_t, map_count> gap{};
        for (std::size_t k = 0; k < step_count; ++k) {
            const plan_step& s = list.steps[k];
            const std::ptrdiff_t reach = detail::reach_of(layers[s.layer]);
            gap[s.in_map] = reach > gap[s.in_map] ? reach : gap[s.in_map];
        }
        for (std::size_t i = 0; i < map_count; ++i) {
            m[i] = detail::layout_of(list.shapes[i], gap[i]);
        }
        return m;
    }();

    /// Elements of the arena: the largest pair of neighbours.
    static constexpr std::ptrdiff_t arena_size = [] {
        std::ptrdiff_t size = maps[0].footprint();
        for (std::size_t i = 1; i < map_count; ++i) {
            const std::ptrdiff_t pair = maps[i - 1].footprint() + maps[i].footprint();
            size = pair > size ? pair : size;
        }
        return size;
    }();

    /// Element of the arena at which a map's first value lies.
    static constexpr std::ptrdiff_t offset(std::size_t map) {
        return maps[map].guard + (map % 2 == 0 ? 0 : arena_size - maps[map].footprint());
    }

    static constexpr conv_geometry geometry(std::size_t k) {
        const plan_step& s = list.steps[k];
        return detail::geometry_of(layers[s.layer], maps[s.in_map], maps[s.out_map]);
    }
};

/// Bytes of the maps of an Engine<Net> for one input in flight.
template <class Net>
inline constexpr auto arena_bytes = [] {
    if constexpr (detail::sound<Net>) {
        return static_cast<std::size_t>(engine_plan<Net>::arena_size) * sizeof(float);
    } else {
        return detail::refuse_network<Net>();
    }
}();

}  // namespace fovea
