// SPDX-License-Identifier: BSD-3-Clause
// Does one network of random_graphs.py run as the plain network does? Where FOVEA_GRAPH_DIR is set, its weights, input and
// outputs are written there, for compare_with_pytorch.py.
#pragma once

#include <cstdlib>
#include <string>

#include <fovea/io/npy.hpp>
#include <fovea/io/weights.hpp>

#include "arena_bound.hpp"
#include "compare_engines.hpp"

namespace fovea::test {

/// The part that does not depend on the network's type.
inline void check_outputs(const plain_network& net, const std::vector<float>& x,
                          const std::vector<std::vector<float>>& got, std::ptrdiff_t arena, std::ptrdiff_t least) {
    const std::vector<values> expected = reference_outputs(net, {x.begin(), x.end()});
    for (std::size_t o = 0; o < got.size(); ++o) {
        double worst = 0, largest = 0;
        for (std::size_t k = 0; k < got[o].size(); ++k) {
            const double error = std::abs(expected[o][k] - double{got[o][k]});
            worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
            largest = std::max(largest, std::abs(expected[o][k]));
        }
        INFO("output " << o << ", largest " << largest << ", largest error " << worst);
        CHECK(worst <= 3e-5 * std::max(largest, 1.0));
    }
    INFO("arena of " << arena << " elements, " << least << " are alive at once");
    CHECK(arena >= least);
    CHECK(static_cast<double>(arena) <= 1.3 * static_cast<double>(least));  // the mean is 1.02
}

template <class Net>
void try_graph(int number) {
    INFO("graph " << number << "\n" << summary<Net>);
    using plan = engine_plan<Net>;
    const auto w = random_weights<Net>(static_cast<std::uint64_t>(number));
    const auto x = random_inputs<Net>(1, 11);
    Engine<Net, threads<2>> engine(w);
    std::vector<std::vector<float>> y;
    typename Engine<Net, threads<2>>::output_pointers pointers{};
    const auto& trace = detail::network_traits<Net>::trace;
    for (std::size_t v : trace.outputs()) {
        y.emplace_back(trace.shape(v).size());
    }
    for (std::size_t o = 0; o < y.size(); ++o) {
        pointers[o] = y[o].data();
    }
    engine.run(x.data(), pointers);
    check_outputs(plain(w), x, y, plan::arena_size, arena_lower_bound(plan::lives, plan::map_count));

    if (const char* folder = std::getenv("FOVEA_GRAPH_DIR")) {
        const std::string stem = std::string(folder) + "/" + std::to_string(number);
        save(w, stem + ".safetensors");
        npy::save(stem + ".input.npy", xt::adapt(x, std::vector<std::size_t>{x.size()}));
        for (std::size_t o = 0; o < y.size(); ++o) {
            npy::save(stem + ".output" + std::to_string(o) + ".npy", xt::adapt(y[o], std::vector<std::size_t>{y[o].size()}));
        }
    }
}

}  // namespace fovea::test
