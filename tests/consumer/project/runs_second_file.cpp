// SPDX-License-Identifier: BSD-3-Clause
// A second file with the same headers and the same engine.
#include <fovea/fovea.hpp>

#include "net.hpp"

float first_probability_of_second_file() {
    fovea::Weights<Net> weights;
    weights.tensor("0.weight").fill(0.25F);
    weights.tensor("4.bias")(1) = 1.0F;
    fovea::Engine<Net> engine(weights);
    xt::xtensor<float, 3> image = xt::ones<float>({1, 8, 8});
    auto&& answer = engine(image);
    return *answer.begin();
}
