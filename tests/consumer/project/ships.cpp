// SPDX-License-Identifier: BSD-3-Clause
// Does the class that fovea_add_model makes load and run the consumer's network? Needs the file that `runs` leaves.
#include <cmath>
#include <cstdio>
#include <vector>

#include <models/ships_model.hpp>

int main() {
    models::ships_model model("net.safetensors");
    const std::vector<float> image(model.input().size(), 1.0F);
    std::vector<float> answer(model.output_size());
    model.run(image.data(), answer.data());
    float sum = 0;
    for (const float probability : answer) {
        sum += probability;
    }
    std::printf("level %s, sum of probabilities %g\n", model.level().data(), static_cast<double>(sum));
    return answer.size() == 3 && std::abs(sum - 1) < 1e-5F ? 0 : 1;
}
