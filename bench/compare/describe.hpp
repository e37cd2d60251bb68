// SPDX-License-Identifier: BSD-3-Clause
// What do the other libraries need to know of a network? Its layers as JSON, its weights as safetensors.
#pragma once

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include <fovea/fovea.hpp>
#include <fovea/train/initialise.hpp>

namespace compare {

inline const char* operation_name(const fovea::layer_info& l) {
    using fovea::brick_kind;
    switch (l.kind) {
        case brick_kind::conv: return "conv";
        case brick_kind::batch_norm: return "batch_norm";
        case brick_kind::activation: return l.act == fovea::activation::relu ? "relu" : nullptr;
        case brick_kind::softmax: return "softmax";
        case brick_kind::global_average_pool: return "mean";
        case brick_kind::add: return "add";
        default: return nullptr;
    }
}

inline nlohmann::json json_of(const fovea::Shape& s) { return {s.channels, s.height, s.width}; }

/// Layers in order; "inputs" are numbers of maps: 0 is the network's input, i + 1 the output of layer i.
template <class Net>
nlohmann::json description(const std::string& name) {
    constexpr const auto& trace = fovea::detail::network_traits<Net>::trace;
    nlohmann::json layers = nlohmann::json::array();
    for (std::size_t i = 0; i < trace.layers.size(); ++i) {
        const fovea::layer_info& l = trace.layers[i];
        const char* operation = operation_name(l);
        if (operation == nullptr || l.patterns.count > 0 || l.mode != fovea::padding_mode::zeros) {
            throw fovea::Error("bench/compare cannot describe " + std::string(l.name) + " to other libraries");
        }
        nlohmann::json layer = {{"operation", operation},
                                {"path", std::string(l.path)},
                                {"inputs", trace.inputs_of(i)},
                                {"input", json_of(l.input)},
                                {"output", json_of(l.output)}};
        if (l.kind == fovea::brick_kind::conv) {
            layer["kernel"] = {l.rows.kernel, l.columns.kernel};
            layer["dilation"] = {l.rows.dilation, l.columns.dilation};
            layer["stride"] = {l.rows.stride, l.columns.stride};
            // top, left, bottom, right
            layer["padding"] = {l.rows.pad_before, l.columns.pad_before, l.rows.pad_after, l.columns.pad_after};
            layer["groups"] = l.groups;
        } else if (l.kind == fovea::brick_kind::batch_norm) {
            layer["epsilon"] = l.epsilon.value();
            layer["momentum"] = l.momentum.value();
        }
        layers.push_back(layer);
    }
    return {{"name", name}, {"macs", fovea::mac_count<Net>}, {"input", json_of(fovea::input_shape<Net>)},
            {"output", json_of(fovea::output_shape<Net>)}, {"layers", layers}};
}

/// He's weights, with biases and normalisations that are not the identity, so that a mistake in folding shows.
template <class Net>
fovea::Weights<Net> weights_to_compare() {
    auto weights = fovea::he_normal<Net>(1);
    fovea::detail::random_stream random(2);
    for (const fovea::tensor_info& t : fovea::detail::tensor_list<Net>) {
        const std::string name(std::string_view(t.name));
        const bool normalises = fovea::detail::layers_of<Net>[t.layer].kind == fovea::brick_kind::batch_norm;
        for (float& w : weights[t]) {
            const double r = random.uniform();
            if (name.ends_with("running_var") || (normalises && name.ends_with(".weight"))) {
                w = static_cast<float>(0.7 + 0.6 * r);
            } else if (name.ends_with(".bias") || name.ends_with("running_mean")) {
                w = static_cast<float>(0.4 * r - 0.2);
            }
        }
    }
    return weights;
}

template <class Net>
void write_description(const std::string& name, const std::string& folder) {
    std::ofstream(folder + "/network.json") << description<Net>(name).dump(1) << '\n';
}

}  // namespace compare
