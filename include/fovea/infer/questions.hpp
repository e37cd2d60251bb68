// SPDX-License-Identifier: BSD-3-Clause
// What can be asked of a network? Variable templates, all usable in static_assert; the first one asked reports a
// mistake.
#pragma once

#include <fovea/infer/check.hpp>
#include <fovea/infer/cost.hpp>

namespace fovea {

namespace detail {

template <class Net>
inline constexpr const auto& layers_of = network_traits<Net>::trace.layers;

/// The answer of a sound network, computed by `answer(trace)`; a harmless value for a refused one.
/// (refuse, not refuse_network: that is three lines less in the message.)
template <class Net, class Answer>
constexpr auto ask(Answer answer) {
    if constexpr (sound<Net>) {
        return answer(network_traits<Net>::trace);
    } else {
        return refuse<Net, network_traits<Net>::trace.error>();
    }
}

/// The same for position I of the network's list; the answer is given the last leaf of that position.
template <class Net, std::size_t I, class Answer>
constexpr auto ask_at(Answer answer) {
    using traits = network_traits<Net>;
    if constexpr (!sound<Net>) {
        return refuse<Net, network_traits<Net>::trace.error>();
    } else if constexpr (I < traits::positions) {
        return answer(traits::trace.layers[traits::ends[I] - 1]);
    } else {
        return refuse_position<Net, I>();
    }
}

}  // namespace detail

/// std::array of layer_info: the leaf bricks in data-flow order, containers opened; each with the path of its weights.
template <class Net>
inline constexpr auto layers = [] {
    if constexpr (detail::sound<Net>) {
        return detail::network_traits<Net>::trace.layers;
    } else {
        return detail::refuse_network<Net>();
    }
}();

/// How many leaf bricks.
template <class Net>
inline constexpr auto layer_count = detail::ask<Net>([](const auto& t) { return t.layers.size(); });

template <class Net>
inline constexpr auto input_shape = detail::ask<Net>([](const auto& t) { return t.input; });

template <class Net>
inline constexpr auto output_shape = detail::ask<Net>([](const auto& t) { return t.layers.back().output; });

/// The output shape of position I of the network's list (0: the first brick behind Input; a container is one position).
template <class Net, std::size_t I>
inline constexpr auto shape_at = detail::ask_at<Net, I>([](const layer_info& l) { return l.output; });

/// Trainable parameters.
template <class Net>
inline constexpr auto parameter_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, [](const layer_info& l) { return l.parameters; });
});

/// Running statistics: saved with the weights, not trained.
template <class Net>
inline constexpr auto buffer_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, [](const layer_info& l) { return l.buffers; });
});

/// The field of a unit of the last map whose units are still positions (before GAP or Dense).
template <class Net>
inline constexpr auto receptive_field = detail::ask<Net>([](const auto& t) { return t.layers.back().receptive_field; });

template <class Net, std::size_t I>
inline constexpr auto receptive_field_at = detail::ask_at<Net, I>([](const layer_info& l) {
    return l.receptive_field;
});

/// How many input positions behind its own an output unit sees: time steps in 1-D; in 2-D the larger of rows and
/// columns.
/// Like receptive_field, of the last map whose units are positions.
template <class Net>
inline constexpr auto lookahead = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.layers.back().receptive_field;
    return f.height.after > f.width.after ? f.height.after : f.width.after;
});

/// No unit sees anything behind its own position; GAP and Dense over more than one position do.
template <class Net>
inline constexpr auto is_causal = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.layers.back().receptive_field;
    for (const layer_info& l : t.layers) {
        if ((l.kind == brick_kind::global_average_pool || l.kind == brick_kind::dense) && l.input.positions() > 1) {
            return false;
        }
    }
    return f.height.after == 0 && f.width.after == 0;
});

/// Input positions between neighbouring units of the last map of positions; 1 without downsampling.
template <class Net>
inline constexpr auto total_stride = detail::ask<Net>([](const auto& t) {
    return t.layers.back().receptive_field.stride();
});

/// Whether the receptive field is at least as large as the input on every axis.
template <class Net>
inline constexpr auto sees_whole_input = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.layers.back().receptive_field;
    return f.height.size >= t.input.height && f.width.size >= t.input.width;
});

/// Multiply-accumulates of convolutions and dense layers for one input; taps in the padding are counted.
template <class Net>
inline constexpr auto mac_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, [](const layer_info& l) { return l.macs; });
});

/// The same without taps in the padding: what the kernels have to compute.
template <class Net>
inline constexpr auto executed_mac_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, detail::executed_macs);
});

/// Bytes of the input and of every layer's output in float32, for one input: what training keeps.
template <class Net>
inline constexpr auto activation_bytes = detail::ask<Net>([](const auto& t) {
    return sizeof(float) *
           (t.input.size() + detail::sum_of(t.layers, [](const layer_info& l) { return l.output.size(); }));
});

}  // namespace fovea
