// SPDX-License-Identifier: BSD-3-Clause
// What can be asked of a network? Variable templates, all usable in static_assert; the first
// one asked reports a mistake.
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

/// True, or the error that says why the network cannot be: the shortest question. A network that is never asked is never
/// checked, since naming it costs nothing.
template <class Net>
inline constexpr auto is_valid = detail::ask<Net>([](const auto&) { return true; });

/// std::array of layer_info in data-flow order, containers opened: the leaf bricks, each with the path of its weights, and
/// behind the branches of a Residual, Parallel or Gated the join that they end in.
template <class Net>
inline constexpr auto layers = [] {
    if constexpr (detail::sound<Net>) {
        return detail::network_traits<Net>::trace.layers;
    } else {
        return detail::refuse_network<Net>();
    }
}();

/// How many of them.
template <class Net>
inline constexpr auto layer_count = detail::ask<Net>([](const auto& t) { return t.layers.size(); });

template <class Net>
inline constexpr auto input_shape = detail::ask<Net>([](const auto& t) { return t.input; });

/// 1, or the number of Heads.
template <class Net>
inline constexpr auto output_count = detail::ask<Net>([](const auto& t) { return t.output_count; });

/// The shape of the output; with Heads, of output O.
template <class Net, std::size_t O = 0>
inline constexpr auto output_shape = [] {
    if constexpr (detail::sound<Net> && O >= detail::network_traits<Net>::trace.output_count) {
        return detail::refuse_output<Net, O>();
    } else {
        return detail::ask<Net>([](const auto& t) { return t.shape(t.outputs()[O]); });
    }
}();

/// The output shape of position I of the network's list (0: the first brick behind Input; a container is one position).
template <class Net, std::size_t I>
inline constexpr auto shape_at = detail::ask_at<Net, I>([](const layer_info& l) { return l.output; });

/// Trainable parameters.
template <class Net>
inline constexpr auto parameter_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, [](const layer_info& l) { return l.parameters; });
});

/// Bytes that a network of one time axis keeps from step to step when it runs sample by sample: for each convolution and
/// pool the (kernel - 1) * dilation inputs before the newest, in float32. Of images: as many columns of whole rows.
template <class Net>
inline constexpr auto state_bytes = detail::ask<Net>([](const auto& t) {
    return sizeof(float) * detail::sum_of(t.layers, [](const layer_info& l) {
               return detail::has_window(l) ? l.input.channels * l.input.height * l.columns.span() : std::size_t{0};
           });
});

/// All maps that meet at a join have the middles of their units at the same input positions, to the fraction. Even
/// kernels under `same` on one branch only, odd ones of stride 2 in front of Upsample<2>, and crops of some decoders
/// shift them.
template <class Net>
inline constexpr auto is_aligned = detail::ask<Net>([](const auto& t) {
    for (const layer_info& l : t.layers) {
        if (!l.aligned) {
            return false;
        }
    }
    return true;
});

/// Running statistics: saved with the weights, not trained.
template <class Net>
inline constexpr auto buffer_count = detail::ask<Net>([](const auto& t) {
    return detail::sum_of(t.layers, [](const layer_info& l) { return l.buffers; });
});

/// The field of a unit of the last map whose units are still positions (before GAP or Dense): the union over all paths,
/// and over the Heads.
template <class Net>
inline constexpr auto receptive_field = detail::ask<Net>([](const auto& t) { return t.field; });

template <class Net, std::size_t I>
inline constexpr auto receptive_field_at = detail::ask_at<Net, I>([](const layer_info& l) {
    return l.receptive_field;
});

/// How many input positions behind its own an output unit sees: time steps in 1-D; in 2-D the larger of rows and
/// columns. Rounded up where it stands between two.
/// Like receptive_field, of the last map whose units are positions.
template <class Net>
inline constexpr auto lookahead = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.field;
    return f.height.after > f.width.after ? f.height.after : f.width.after;
});

/// No unit sees anything behind its own position; GAP and Dense over more than one position do.
template <class Net>
inline constexpr auto is_causal = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.field;
    for (const layer_info& l : t.layers) {
        if (detail::sees_whole_map(l) && l.input.positions() > 1) {
            return false;
        }
    }
    return f.height.after == 0 && f.width.after == 0;
});

/// Input positions between neighbouring units of the last map of positions; 1 without downsampling.
template <class Net>
inline constexpr auto total_stride = detail::ask<Net>([](const auto& t) {
    return t.field.stride();
});

/// Whether the receptive field is at least as large as the input on every axis.
template <class Net>
inline constexpr auto sees_whole_input = detail::ask<Net>([](const auto& t) {
    const ReceptiveField& f = t.field;
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

/// Bytes of the input and of every layer's output in float32, for one input: what training keeps, at most.
template <class Net>
inline constexpr auto activation_bytes = detail::ask<Net>([](const auto& t) {
    return sizeof(float) *
           (t.input.size() + detail::sum_of(t.layers, [](const layer_info& l) {
                return l.kind == brick_kind::tap ? std::size_t{0} : l.output.size();
            }));
});

}  // namespace fovea
