// SPDX-License-Identifier: BSD-3-Clause
// What remains of the BatchNorms behind a layer at inference? One scale and one shift per channel.
#pragma once

#include <cmath>
#include <vector>

#include <fovea/execute/weights.hpp>
#include <fovea/plan/steps.hpp>

namespace fovea::detail {

struct channel_transform {
    std::vector<double> scale;
    std::vector<double> shift;
};

/// y = x * scale + shift for all BatchNorms in layers [begin, end), after a bias of `layer` if it has one.
template <class Net>
channel_transform fold_norms(const Weights<Net>& weights, std::size_t layer, std::size_t end, std::size_t channels) {
    channel_transform f{std::vector<double>(channels, 1.0), std::vector<double>(channels, 0.0)};
    const auto tensor = [&](std::size_t i, std::string_view field) { return weights[tensor_of<Net>(i, field)]; };
    if (layers_of<Net>[layer].bias) {
        const auto bias = tensor(layer, "bias");
        f.shift.assign(bias.begin(), bias.end());
    }
    for (std::size_t i = layer; i < end; ++i) {
        const layer_info& l = layers_of<Net>[i];
        if (l.kind != brick_kind::batch_norm) {
            continue;
        }
        const auto weight = tensor(i, "weight"), bias = tensor(i, "bias");
        const auto mean = tensor(i, "running_mean"), variance = tensor(i, "running_var");
        for (std::size_t c = 0; c < channels; ++c) {
            const double s = double{weight[c]} / std::sqrt(double{variance[c]} + l.epsilon.value());
            f.scale[c] *= s;
            f.shift[c] = (f.shift[c] - double{mean[c]}) * s + double{bias[c]};
        }
    }
    return f;
}

/// The tap of a window that meets a one-element axis, or -1 if all lie in the padding.
constexpr std::ptrdiff_t only_tap(const axis_window& w) {
    return w.pad_before % w.dilation == 0 && w.pad_before / w.dilation < w.kernel
               ? static_cast<std::ptrdiff_t>(w.pad_before / w.dilation)
               : -1;
}

/// The weights of a FixedConv, O, 1, KH, KW: each input channel meets every kernel.
template <class T>
std::vector<T> fixed_weights(const layer_info& l) {
    std::vector<T> w;
    const std::size_t kernels = l.output.channels / l.input.channels;
    for (std::size_t o = 0; o < l.output.channels; ++o) {
        for (std::size_t y = 0; y < l.rows.kernel; ++y) {
            for (std::size_t x = 0; x < l.columns.kernel; ++x) {
                w.push_back(static_cast<T>(
                    l.fixed(static_cast<int>(o % kernels), static_cast<int>(y), static_cast<int>(x))));
            }
        }
    }
    return w;
}

/// Weights of a step of `layer` with its output channels scaled, in their canonical order; a
/// FixedConv's come from its function.
template <class Net>
std::vector<float> scaled_weights(const Weights<Net>& weights, std::size_t layer, const std::vector<double>& scale) {
    const layer_info& l = layers_of<Net>[layer];
    std::vector<float> m;
    if (l.is_fixed) {
        const std::vector<double> w = fixed_weights<double>(l);
        for (std::size_t k = 0; k < w.size(); ++k) {
            m.push_back(static_cast<float>(w[k] * scale[k / (w.size() / l.output.channels)]));
        }
        return m;
    }
    const auto w = weights[tensor_of<Net>(layer, "weight")];
    m.reserve(w.size());
    const std::size_t window = l.rows.kernel * l.columns.kernel;
    if (l.kind == brick_kind::deconv) {  // I, O / groups, KH, KW
        const std::size_t per_group = l.output.channels / l.groups, inputs = l.input.channels / l.groups;
        for (std::size_t k = 0; k < w.size(); ++k) {
            const std::size_t i = k / window / per_group, o = k / window % per_group;
            m.push_back(static_cast<float>(double{w[k]} * scale[i / inputs * per_group + o]));
        }
        return m;
    }
    for (std::size_t o = 0; o < l.output.channels; ++o) {
        const std::size_t row = l.input.channels / l.groups * taps_of(l, o).count(window);
        for (std::size_t k = 0; k < row; ++k) {
            m.push_back(static_cast<float>(double{w[m.size()]} * scale[o]));
        }
    }
    return m;
}

/// Weights of a `dense` step as one matrix O x I: a Dense's own, or the one tap of a convolution on a 1x1 map.
template <class Net>
std::vector<float> dense_matrix(const Weights<Net>& weights, std::size_t layer) {
    const layer_info& l = layers_of<Net>[layer];
    const auto w = weights[tensor_of<Net>(layer, "weight")];
    if (l.kind == brick_kind::dense) {
        return {w.begin(), w.end()};
    }
    const std::size_t rows = l.output.channels * l.input.channels, taps = l.rows.kernel * l.columns.kernel;
    std::vector<float> m(rows, 0.0F);
    const std::ptrdiff_t y = only_tap(l.rows), x = only_tap(l.columns);
    if (y >= 0 && x >= 0) {
        const std::size_t tap = static_cast<std::size_t>(y) * l.columns.kernel + static_cast<std::size_t>(x);
        for (std::size_t i = 0; i < rows; ++i) {
            m[i] = w[i * taps + tap];
        }
    }
    return m;
}

}  // namespace fovea::detail
