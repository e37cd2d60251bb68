// SPDX-License-Identifier: BSD-3-Clause
// How far is an Engine from the plain network? One engine a network: several families together are a minute to compile.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../catch.hpp"
#include "../execute/compare_engines.hpp"
#include "reduced.hpp"

namespace fovea::test {

/// The largest difference of two vectors as a share of the largest value of the first.
inline double relative_difference(const values& expected, const std::vector<double>& got) {
    double worst = 0, largest = 0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
        largest = std::max(largest, std::abs(expected[k]));
        const double error = std::abs(expected[k] - got[k]);
        worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
    }
    return worst / largest;
}

/// An engine and the plain network in double give the same, and something else for another input.
template <class Net>
void runs(const char* name) {
    INFO(name);
    constexpr std::size_t size = input_shape<Net>.size();
    const auto w = random_weights<Net>(7);
    const auto x = random_inputs<Net>(2, 11);
    Engine<Net> engine(w);
    std::vector<std::vector<float>> y;
    typename Engine<Net>::output_pointers pointers{};
    const auto& trace = detail::network_traits<Net>::trace;
    for (std::size_t map : trace.outputs()) {
        y.emplace_back(trace.shape(map).size());
    }
    std::transform(y.begin(), y.end(), pointers.begin(), [](std::vector<float>& o) { return o.data(); });
    engine.run(x.data(), pointers);
    const plain_network net = plain(w);
    const auto expected = reference_outputs(net, {x.begin(), x.begin() + size});
    const auto other = reference_outputs(net, {x.begin() + size, x.end()});
    for (std::size_t o = 0; o < y.size(); ++o) {
        INFO("output " << o);
        CHECK(relative_difference(expected[o], {y[o].begin(), y[o].end()}) < 2e-5);
        CHECK(relative_difference(expected[o], other[o]) > 1e-2);
    }
}

}  // namespace fovea::test
