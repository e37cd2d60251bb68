// SPDX-License-Identifier: BSD-3-Clause
// Do whole engines, threads and `fast` among them, compute what their networks say on another processor?
#include "../catch.hpp"

#include "../execute/compare_engines.hpp"
#include "seed_networks.hpp"

namespace fovea::test {
namespace {

using Mixed = Network<Input<3, 9, 11>, Conv<out<8>, stride<2>>, BatchNorm, PReLU, DepthwiseConv<dil<2>>, Conv1x1<6>,
                      MaxPool<>, Sigmoid, AvgPool<>, Conv<out<5>>, SiLU, GAP, Dense<4>, Softmax>;
using Filtered = Network<Input<8, 20, 36>, Conv<out<12>, dil<2>>, ReLU, Conv<out<16>, ker<5>>>;

TEST_CASE("engines agree with the plain network") {
    compare_engines<Mixed, 2>("Mixed");
    compare_engines<seed::Dilated4, 2>("Dilated4");
}

TEST_CASE("fast engines stay within the bound") {
    const auto w = random_weights<Filtered>(17);
    const auto x = random_inputs<Filtered>(1, 5);
    std::vector<float> y(output_shape<Filtered>.size());
    Engine<Filtered, fast> engine(w);
    engine.run(x.data(), y.data());
    const values expected = reference_outputs(plain(w), values(x.begin(), x.end()))[0];
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double error = std::abs(expected[i] - double{y[i]});
        largest = std::max(largest, std::abs(expected[i]));
        worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
    }
    INFO("largest output " << largest << ", largest error " << worst);
    CHECK(worst < 4e-5 * largest);
}

}  // namespace
}  // namespace fovea::test
