// SPDX-License-Identifier: BSD-3-Clause
// What must a whole network compute? Brick by brick in double, unfused, from the records of layers<Net> alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include <fovea/execute/kernels/reference.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/plan/steps.hpp>

namespace fovea::test {

using kernels::reference::values;

/// A network as values: what is compiled once serves all.
struct plain_network {
    std::span<const layer_info> layers;
    std::span<const std::size_t> edges;
    std::span<const std::size_t> outputs;
    std::span<const tensor_info> tensors;
    values weights;

    /// The tensor `field` of a layer, of its owner if it shares weights; empty where there is none.
    values tensor(std::size_t layer, std::string_view field) const {
        for (const tensor_info& t : tensors) {
            const std::string_view name = t.name;
            if (t.layer == layers[layer].owner && name.substr(name.rfind('.') + 1) == field) {
                const auto first = weights.begin() + static_cast<std::ptrdiff_t>(t.offset);
                return {first, first + static_cast<std::ptrdiff_t>(t.size())};
            }
        }
        return {};
    }
    /// The weights of a convolution; a FixedConv's come from its function.
    values weight(std::size_t layer) const {
        const layer_info& l = layers[layer];
        if (!l.is_fixed) {
            return tensor(layer, "weight");
        }
        values v;
        const std::size_t kernels = l.output.channels / l.input.channels;
        for (std::size_t o = 0; o < l.output.channels; ++o) {
            for (std::size_t k = 0; k < l.rows.kernel * l.columns.kernel; ++k) {
                v.push_back(l.fixed(static_cast<int>(o % kernels), static_cast<int>(k / l.columns.kernel),
                                    static_cast<int>(k % l.columns.kernel)));
            }
        }
        return v;
    }
};

template <class Net, class T>
plain_network plain(const Weights<Net, T>& w) {
    const auto& trace = detail::network_traits<Net>::trace;
    return {trace.layers, trace.edges, trace.outputs(), detail::tensor_list<Net>, {w.values().begin(), w.values().end()}};
}

inline values softmax(values x, std::size_t channels, std::size_t positions) {
    for (std::size_t p = 0; p < positions; ++p) {
        double largest = x[p], sum = 0;
        for (std::size_t c = 0; c < channels; ++c) {
            largest = std::max(largest, x[c * positions + p]);
        }
        for (std::size_t c = 0; c < channels; ++c) {
            sum += x[c * positions + p] = std::exp(x[c * positions + p] - largest);
        }
        for (std::size_t c = 0; c < channels; ++c) {
            x[c * positions + p] /= sum;
        }
    }
    return x;
}

/// What layer i gives for the maps that it reads.
inline values reference_layer(const plain_network& net, std::size_t i, const std::vector<const values*>& inputs) {
    layer_info l = net.layers[i];
    values x = *inputs[0];
    if (detail::pads_with_values(l)) {
        const map_layout in = detail::layout_of(l.input, 0), out = detail::layout_of(detail::padded_shape(l), 0);
        x = kernels::reference::pad(in, out, detail::signed_of(l.rows.pad_before),
                                    detail::signed_of(l.columns.pad_before), l.mode, x);
        l = detail::on_padded_map(l);
    }
    const std::size_t positions = l.input.positions(), channels = l.input.channels;
    const map_layout in = detail::layout_of(l.input, 0), out = detail::layout_of(l.output, 0);
    const conv_geometry g = detail::geometry_of(l, in, out);
    switch (l.kind) {
        case brick_kind::conv: {
            kernels::reference::tap_patterns patterns;
            for (std::size_t p = 0; p < l.patterns.count; ++p) {
                patterns.push_back(taps_of(l, p));
            }
            return kernels::reference::conv_forward(g, x, net.weight(i),
                                                    l.bias ? net.tensor(i, "bias") : values{}, patterns);
        }
        case brick_kind::deconv:
            return kernels::reference::deconv_forward(g, x, net.weight(i),
                                                      l.bias ? net.tensor(i, "bias") : values{});
        case brick_kind::dense: {
            const values m = net.tensor(i, "weight"), b = net.tensor(i, "bias");
            values y(l.output.channels);
            for (std::size_t o = 0; o < y.size(); ++o) {
                y[o] = b.empty() ? 0 : b[o];
                for (std::size_t k = 0; k < x.size(); ++k) {
                    y[o] += m[o * x.size() + k] * x[k];
                }
            }
            return y;
        }
        case brick_kind::batch_norm: {
            const values scale = net.tensor(i, "weight"), shift = net.tensor(i, "bias"),
                         mean = net.tensor(i, "running_mean"), variance = net.tensor(i, "running_var");
            for (std::size_t k = 0; k < x.size(); ++k) {
                const std::size_t c = k / positions;
                x[k] = (x[k] - mean[c]) / std::sqrt(variance[c] + l.epsilon.value()) * scale[c] + shift[c];
            }
            return x;
        }
        case brick_kind::max_pool: return kernels::reference::max_pool(g, x);
        case brick_kind::average_pool: return kernels::reference::average_pool(g, x);
        case brick_kind::median_pool: return kernels::reference::median_pool(g, x);
        case brick_kind::upsample: return kernels::reference::upsample(in, out, l.bilinear, x);
        case brick_kind::gate: return kernels::reference::gate(x);
        case brick_kind::add:
            for (std::size_t n = 1; n < inputs.size(); ++n) {
                for (std::size_t k = 0; k < x.size(); ++k) {
                    x[k] += (*inputs[n])[k];
                }
            }
            return x;
        case brick_kind::concat:
            for (std::size_t n = 1; n < inputs.size(); ++n) {
                x.insert(x.end(), inputs[n]->begin(), inputs[n]->end());
            }
            return x;
        case brick_kind::global_average_pool: {
            values y(channels);
            for (std::size_t k = 0; k < x.size(); ++k) {
                y[k / positions] += x[k] / static_cast<double>(positions);
            }
            return y;
        }
        case brick_kind::softmax: return softmax(x, channels, positions);
        case brick_kind::identity:
        case brick_kind::dropout:
        case brick_kind::tap: return x;
        default: {
            const activation a = detail::activation_of(l.kind);
            const values slope = net.tensor(i, "weight");
            for (std::size_t k = 0; k < x.size(); ++k) {
                x[k] = kernels::reference::activate(a, x[k], slope.empty() ? l.slope.value() : slope[k / positions]);
            }
            return x;
        }
    }
}

/// The outputs (logits or probabilities) for one input, C x H x W flattened.
inline std::vector<values> reference_outputs(const plain_network& net, values x) {
    std::vector<values> maps{std::move(x)};
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
        std::vector<const values*> inputs;
        for (std::size_t n = 0; n < net.layers[i].input_count; ++n) {
            inputs.push_back(&maps[net.edges[net.layers[i].first_input + n]]);
        }
        maps.push_back(reference_layer(net, i, inputs));
    }
    std::vector<values> outputs;
    for (std::size_t v : net.outputs) {
        outputs.push_back(maps[v]);
    }
    return outputs;
}

}  // namespace fovea::test
