// SPDX-License-Identifier: BSD-3-Clause
// With which weights does training begin?
#pragma once

#include <cmath>
#include <cstdint>

#include <fovea/detail/random.hpp>
#include <fovea/execute/weights.hpp>

namespace fovea {

/// Normal weights with standard deviation sqrt(2 / fan_in) (He et al. 2015, eq. 10; PyTorch: kaiming_normal_ with
/// fan_in), biases 0, BatchNorm the identity, PReLU 0.25. The same seed gives the same weights on every machine; a
/// tensor's values depend on the seed and its place in the network alone.
template <class Net, class T = float>
Weights<Net, T> he_normal(std::uint64_t seed) {
    Weights<Net, T> weights;
    std::uint64_t stream = 0;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        ++stream;
        const brick_kind kind = detail::layers_of<Net>[t.layer].kind;
        if ((kind != brick_kind::conv && kind != brick_kind::dense) || t.rank == 1) {
            continue;
        }
        const double deviation = std::sqrt(2.0 / static_cast<double>(t.size() / t.extents[0]));
        detail::random_stream random(seed, detail::streams::initialise + (stream << 8U));
        for (T& w : weights[t]) {
            w = static_cast<T>(deviation * random.normal());
        }
    }
    return weights;
}

}  // namespace fovea
