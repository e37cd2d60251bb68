// SPDX-License-Identifier: BSD-3-Clause
// With which weights does training begin?
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include <fovea/detail/random.hpp>
#include <fovea/execute/weights.hpp>

namespace fovea {

/// Normal weights with standard deviation sqrt(2 / fan_in) (He et al. 2015, eq. 10; PyTorch: kaiming_normal_ with
/// fan_in), biases 0, BatchNorm the identity, PReLU 0.25. fan_in: the weights of an output channel, so absent taps do
/// not count; of a Deconv, those of an input channel, as in PyTorch. The same seed gives the same weights on every
/// machine; a tensor's values depend on the seed and its place in the network alone.
template <class Net, class T = float>
Weights<Net, T> he_normal(std::uint64_t seed) {
    Weights<Net, T> weights;
    std::uint64_t stream = 0;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        ++stream;
        const layer_info& l = detail::layers_of<Net>[t.layer];
        if (!detail::has_sums(l) || !std::string_view(t.name).ends_with(".weight")) {
            continue;
        }
        detail::random_stream random(seed, detail::streams::initialise + (stream << 8U));
        const std::size_t rows = l.kind == brick_kind::deconv ? l.input.channels : l.output.channels;
        auto w = weights[t].begin();
        for (std::size_t row = 0; row < rows; ++row) {
            const std::size_t fan_in = l.patterns.count == 0
                                           ? t.size() / rows
                                           : l.input.channels / l.groups *
                                                 taps_of(l, row).count(l.rows.kernel * l.columns.kernel);
            const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
            for (std::size_t i = 0; i < fan_in; ++i) {
                *w++ = static_cast<T>(deviation * random.normal());
            }
        }
    }
    return weights;
}

}  // namespace fovea
