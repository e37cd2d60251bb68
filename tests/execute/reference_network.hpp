// SPDX-License-Identifier: BSD-3-Clause
// What must a whole network compute? Brick by brick in double, unfused, from the records of layers<Net> alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fovea/execute/kernels/reference.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/plan/steps.hpp>

namespace fovea::test {

using kernels::reference::values;

template <class Net, class T>
values tensor_values(const Weights<Net, T>& w, std::size_t layer, std::string_view field) {
    const tensor_info t = detail::tensor_of<Net>(layer, field);
    if (t.size() == 0) {
        return {};
    }
    const auto v = w[t];
    return {v.begin(), v.end()};
}

/// Logits or probabilities of one input, C x H x W flattened.
template <class Net, class T>
values reference_forward(const Weights<Net, T>& w, values x) {
    for (std::size_t i = 0; i < layers<Net>.size(); ++i) {
        const layer_info& l = layers<Net>[i];
        const std::size_t positions = l.input.positions(), channels = l.input.channels;
        const conv_geometry g = detail::geometry_of(l, detail::layout_of(l.input, 0), detail::layout_of(l.output, 0));
        switch (l.kind) {
            case brick_kind::conv:
                x = kernels::reference::conv_forward(g, x, tensor_values(w, i, "weight"), tensor_values(w, i, "bias"));
                break;
            case brick_kind::dense: {
                const values m = tensor_values(w, i, "weight"), b = tensor_values(w, i, "bias");
                values y(l.output.channels);
                for (std::size_t o = 0; o < y.size(); ++o) {
                    y[o] = b.empty() ? 0 : b[o];
                    for (std::size_t k = 0; k < x.size(); ++k) {
                        y[o] += m[o * x.size() + k] * x[k];
                    }
                }
                x = y;
                break;
            }
            case brick_kind::batch_norm: {
                const values scale = tensor_values(w, i, "weight"), shift = tensor_values(w, i, "bias"),
                             mean = tensor_values(w, i, "running_mean"), variance = tensor_values(w, i, "running_var");
                for (std::size_t k = 0; k < x.size(); ++k) {
                    const std::size_t c = k / positions;
                    x[k] = (x[k] - mean[c]) / std::sqrt(variance[c] + l.epsilon.value()) * scale[c] + shift[c];
                }
                break;
            }
            case brick_kind::max_pool: x = kernels::reference::max_pool(g, x); break;
            case brick_kind::average_pool: x = kernels::reference::average_pool(g, x); break;
            case brick_kind::global_average_pool: {
                values y(channels);
                for (std::size_t k = 0; k < x.size(); ++k) {
                    y[k / positions] += x[k] / static_cast<double>(positions);
                }
                x = y;
                break;
            }
            case brick_kind::softmax:
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
                break;
            default: {
                const activation a = detail::activation_of(l.kind);
                const values slope = tensor_values(w, i, "weight");
                for (std::size_t k = 0; k < x.size(); ++k) {
                    x[k] =
                        kernels::reference::activate(a, x[k], slope.empty() ? l.slope.value() : slope[k / positions]);
                }
            }
        }
    }
    return x;
}

}  // namespace fovea::test
