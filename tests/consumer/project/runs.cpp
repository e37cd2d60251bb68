// SPDX-License-Identifier: BSD-3-Clause
// Does fovea::fovea run, save and load the consumer's network?
#include <fovea/fovea.hpp>

#include <cmath>
#include <cstdio>

#include "net.hpp"

float first_probability_of_second_file();

int main() {
    fovea::Weights<Net> weights;
    weights.tensor("0.weight").fill(0.25F);
    weights.tensor("4.bias")(1) = 1.0F;
    fovea::save(weights, "net.safetensors");
    const auto loaded = fovea::load<Net>("net.safetensors");
    fovea::Engine<Net> engine(loaded);

    xt::xtensor<float, 3> image = xt::ones<float>({1, 8, 8});
    auto&& answer = engine(image);
    float sum = 0;
    for (const float probability : answer) {
        sum += probability;
    }
    const float first = *answer.begin();
    std::printf("sum of probabilities %g, first %g\n", static_cast<double>(sum), static_cast<double>(first));
    return std::abs(sum - 1) < 1e-5F && first == first_probability_of_second_file() ? 0 : 1;
}
