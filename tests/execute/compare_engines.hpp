// SPDX-License-Identifier: BSD-3-Clause
// Does an Engine compute what its network says, at every batch and thread count?
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fovea/detail/random.hpp>
#include <fovea/fovea.hpp>

#include "../catch.hpp"
#include "reference_network.hpp"

namespace fovea::test {

/// Weights of every kind away from their neutral values, and such that values stay near 1 through the layers.
template <class Net>
Weights<Net> random_weights(std::uint64_t seed) {
    detail::random_stream random(seed);
    Weights<Net> w;
    for (const tensor_info& t : tensors<Net>) {
        const std::string_view name = t.name;
        const layer_info& l = layers<Net>[t.layer];
        const double fan_in = static_cast<double>(t.size() / t.extents[0]);
        for (float& v : w[t]) {
            if (name.ends_with("running_var")) {
                v = static_cast<float>(0.5 + random.uniform());
            } else if (l.kind == brick_kind::batch_norm && name.ends_with("weight")) {
                v = static_cast<float>(0.5 + random.uniform());
            } else if (t.rank > 1) {
                v = static_cast<float>(random.normal() * std::sqrt(2.0 / fan_in));
            } else {
                v = static_cast<float>(0.2 * random.normal());
            }
        }
    }
    return w;
}

template <class Net>
std::vector<float> random_inputs(std::size_t n, std::uint64_t seed) {
    detail::random_stream random(seed, 1);
    std::vector<float> x(n * input_shape<Net>.size());
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    return x;
}

/// Engines of one and of two threads, and of N inputs at a time, against the plain network in double and, bit by bit,
/// against one another. Returns the largest error as a share of the largest output.
template <class Net, std::size_t N>
void compare_engines(const char* name) {
    INFO(name);
    using engine = Engine<Net>;
    constexpr std::size_t in = input_shape<Net>.size(), outputs = output_count<Net>;
    const auto& trace = detail::network_traits<Net>::trace;
    const auto w = random_weights<Net>(7);
    const auto x = random_inputs<Net>(N, 11);
    const plain_network net = plain(w);
    engine one(w);
    Engine<Net, threads<2>> rows(w);
    Engine<Net, batch<N>, threads<2>> many(w);
    std::vector<std::vector<float>> y, z, all;
    std::vector<std::size_t> sizes;
    for (std::size_t o = 0; o < outputs; ++o) {
        sizes.push_back(trace.shape(trace.outputs()[o]).size());
        y.emplace_back(N * sizes[o]);
        z.emplace_back(sizes[o]);
        all.emplace_back(N * sizes[o]);
    }
    const auto pointers = [](std::vector<std::vector<float>>& memory, const std::vector<std::size_t>& steps, std::size_t n) {
        typename engine::output_pointers p{};
        for (std::size_t o = 0; o < outputs; ++o) {
            p[o] = memory[o].data() + n * steps[o];
        }
        return p;
    };
    many.run(x.data(), pointers(all, sizes, 0));
    for (std::size_t n = 0; n < N; ++n) {
        const float* input = x.data() + n * in;
        one.run(input, pointers(y, sizes, n));
        rows.run(input, pointers(z, sizes, 0));
        const std::vector<values> expected = reference_outputs(net, values(input, input + in));
        for (std::size_t o = 0; o < outputs; ++o) {
            INFO("input " << n << ", output " << o);
            const float* got = y[o].data() + n * sizes[o];
            CHECK(std::equal(z[o].begin(), z[o].end(), got));
            double worst = 0, largest = 0;
            for (std::size_t k = 0; k < sizes[o]; ++k) {
                largest = std::max(largest, std::abs(expected[o][k]));
                const double error = std::abs(expected[o][k] - double{got[k]});
                worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
            }
            INFO("largest output " << largest << ", largest error " << worst);
            CHECK(worst < 2e-5 * largest);
            CHECK(largest > 1e-3);
        }
    }
    CHECK(all == y);
}

}  // namespace fovea::test
