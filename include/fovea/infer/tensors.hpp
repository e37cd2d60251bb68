// SPDX-License-Identifier: BSD-3-Clause
// Which weight tensors has a network, what are they called and where do they lie? Names are those of PyTorch's
// state_dict
// of the equal nn.Sequential; trainable tensors come first in storage, running statistics behind them.
#pragma once

#include <fovea/infer/questions.hpp>

namespace fovea {

using tensor_name = detail::text<240>;  // the deepest path, and ".running_mean"

struct tensor_info {
    tensor_name name{};  ///< "3.weight"
    std::array<std::size_t, 4> extents{1, 1, 1, 1};
    std::size_t rank = 1;
    std::size_t offset = 0;  ///< elements from the start of the network's storage
    bool trainable = true;
    double first_value = 0;  ///< of all its elements, in weights that nobody has set
    std::size_t layer = 0;   ///< index into layers<Net>

    constexpr std::size_t size() const { return extents[0] * extents[1] * extents[2] * extents[3]; }
};

namespace detail {

/// Not so: a layer that uses another one's (SharedWeights), and a FixedConv.
constexpr bool owns_tensors(const layer_info& l, std::size_t index) { return l.owner == index && !l.is_fixed; }

/// A convolution's weight: O, I / groups, KH, KW; of a Deconv I, O / groups, KH, KW, of a Dense O, I. With patterns
/// only the taps that exist, O, I / groups, T, or one row of values where the channels have different numbers of them.
struct weight_shape {
    std::array<std::size_t, 4> extents{1, 1, 1, 1};
    std::size_t rank = 1;
};
constexpr weight_shape weight_shape_of(const layer_info& l, bool one_dimensional) {
    if (sees_whole_map(l)) {
        return {{l.output.channels, l.input.size(), 1, 1}, 2};
    }
    const bool transposed = l.kind == brick_kind::deconv;
    const std::size_t out = transposed ? l.input.channels : l.output.channels;
    const std::size_t in = (transposed ? l.output.channels : l.input.channels) / l.groups;
    if (l.patterns.count > 0) {
        const std::size_t window = l.rows.kernel * l.columns.kernel, first = taps_of(l, 0).count(window);
        for (std::size_t p = 1; p < l.patterns.count && p < out; ++p) {
            if (taps_of(l, p).count(window) != first) {
                return {{in * taps_of_all_outputs(l), 1, 1, 1}, 1};
            }
        }
        if (first != window) {
            return {{out, in, first, 1}, 3};
        }
    }
    return one_dimensional ? weight_shape{{out, in, l.columns.kernel, 1}, 3}
                           : weight_shape{{out, in, l.rows.kernel, l.columns.kernel}, 4};
}

/// Calls add(field, extents, rank, trained, first value) for every tensor that a layer has, in PyTorch's order.
template <class Add>
constexpr void visit_tensors(const layer_info& l, bool one_dimensional, Add add) {
    const std::size_t channels = l.input.channels;
    const auto per_channel = [&](std::string_view field, bool trained, double first) {
        add(field, std::array<std::size_t, 4>{channels, 1, 1, 1}, 1, trained, first);
    };
    switch (facts_of(l).weights) {
        case brick_weights::none: return;
        case brick_weights::sums: {
            const weight_shape w = weight_shape_of(l, one_dimensional);
            add("weight", w.extents, w.rank, true, 0);
            if (l.bias) {
                add("bias", std::array<std::size_t, 4>{l.output.channels, 1, 1, 1}, 1, true, 0);
            }
            return;
        }
        case brick_weights::norm:
            per_channel("weight", true, 1);
            per_channel("bias", true, 0);
            per_channel("running_mean", false, 0);
            per_channel("running_var", false, 1);
            return;
        case brick_weights::slopes:
            if (has_slope_per_channel(l)) {
                per_channel("weight", true, 0.25);
            }
            return;
    }
    missing_rule();
}

template <std::size_t Count, std::size_t N, std::size_t M>
constexpr std::array<tensor_info, Count> list_tensors(const traced<N, M>& trace) {
    std::array<tensor_info, Count> list{};
    std::size_t trainable = 0, at = 0;
    std::size_t buffer = sum_of(trace.layers, [](const layer_info& l) { return l.parameters; });
    for (std::size_t i = 0; i < N; ++i) {
        const layer_info& l = trace.layers[i];
        if (!owns_tensors(l, i)) {
            continue;
        }
        visit_tensors(l, trace.one_dimensional,
                      [&](std::string_view field, std::array<std::size_t, 4> extents, std::size_t rank, bool trained,
                          double first) {
                          tensor_info& t = list[at++];
                          t.name.put(l.path).put('.').put(field);
                          t.extents = extents;
                          t.rank = rank;
                          t.trainable = trained;
                          t.first_value = first;
                          t.layer = i;
                          std::size_t& offset = trained ? trainable : buffer;
                          t.offset = offset;
                          offset += t.size();
                      });
    }
    return list;
}

/// The list itself; empty for a refused network, which has been reported where its weights were asked for.
template <class Net>
inline constexpr auto tensor_list = [] {
    if constexpr (sound<Net>) {
        constexpr std::size_t count =
            [] {
            std::size_t n = 0;
            for (std::size_t i = 0; i < layers_of<Net>.size(); ++i) {
                if (owns_tensors(layers_of<Net>[i], i)) {
                    visit_tensors(layers_of<Net>[i], false, [&](auto&&...) { ++n; });
                }
            }
            return n;
        }();
        return list_tensors<count>(network_traits<Net>::trace);
    } else {
        return std::array<tensor_info, 0>{};
    }
}();

}  // namespace detail

/// std::array of tensor_info in the order of PyTorch's state_dict.
template <class Net>
inline constexpr auto tensors = [] {
    if constexpr (detail::sound<Net>) {
        return detail::tensor_list<Net>;
    } else {
        return detail::refuse_network<Net>();
    }
}();

}  // namespace fovea
