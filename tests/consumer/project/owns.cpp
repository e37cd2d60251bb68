// SPDX-License-Identifier: BSD-3-Clause
// Do bricks of the consumer's own learn, and is a model of them for two levels the engine?
#include <fovea/report.hpp>
#include <fovea/train.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

#include <models/owns_model.hpp>

#include "own.hpp"

int main() {
    using namespace fovea;
    const double gradient = check_gradient<OwnNet>().worst;

    dataset set{detail::byte_images(12, 1, 8, 8), xt::xtensor<std::uint8_t, 3>({12, 1, 1}), {"dark", "grey", "bright"}};
    for (std::size_t i = 0; i < 12; ++i) {
        set.labels(i, 0, 0) = static_cast<std::uint8_t>(i % 3);
        for (std::size_t k = 0; k < 64; ++k) {
            set.images(i, 0, k / 8, k % 8) = static_cast<std::uint8_t>(100 * (i % 3) + (7 * k + i) % 40);
        }
    }
    auto weights = he_normal<OwnNet>(1);
    const auto before = weights;
    Trainer<OwnNet> trainer(weights, {.epochs = 2, .steps_per_epoch = 4, .batch = 4});
    trainer.fit(set, set);
    save(weights, "own.safetensors");
    write_report<OwnNet>("own.html");

    const std::vector<float> image(64, 0.5F);
    std::vector<float> answer(3), shipped(3);
    Engine<OwnNet> engine(load<OwnNet>("own.safetensors"));
    engine.run(image.data(), answer.data());
    models::owns_model model("own.safetensors");
    model.run(image.data(), shipped.data());
    float apart = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        apart = std::max(apart, std::abs(answer[i] - shipped[i]));
    }
    std::printf("gradient %g, scale %g, level %s, apart %g\n", gradient,
                static_cast<double>(weights.tensor("2.weight")(0)), model.level().data(), static_cast<double>(apart));
    return gradient < 1e-5 && !(weights == before) && apart < 1e-6F ? 0 : 1;
}
