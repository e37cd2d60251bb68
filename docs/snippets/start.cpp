// SPDX-License-Identifier: BSD-3-Clause
// docs/start.md: a first network from declaration to answer. Without arguments it trains on a few random images, so that
// every line runs; with the folder of Fashion-MNIST it trains on that.
#include <cstdio>
#include <random>
#include <string>

// [declare]
#include <fovea/train.hpp>   // fovea.hpp (declare, check, run, load, save) and learning
using namespace fovea;

using Net = Network<Input<1, 28, 28>,
    Conv<out<8>>, BatchNorm, ReLU,
    Conv<out<16>, dil<2>>, BatchNorm, ReLU,
    Conv<out<16>, dil<4>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;

static_assert(claim<output_shape<Net>, Shape{10, 1, 1}>);
static_assert(claim<receptive_field<Net>, 15>);
static_assert(claim<total_stride<Net>, 1>);
static_assert(parameter_count<Net> < 5'000);
// [declare]

namespace {

dataset_split random_images() {
    std::mt19937 random(1);
    const auto make = [&](std::size_t n) {
        dataset set{detail::byte_images(n, 1, 28, 28), xt::xtensor<std::uint8_t, 3>({n, 1, 1}),
                    {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}};
        for (auto& pixel : set.images) {
            pixel = static_cast<std::uint8_t>(random() % 256);
        }
        for (auto& label : set.labels) {
            label = static_cast<std::uint8_t>(random() % 10);
        }
        return set;
    };
    return {make(64), make(16)};
}

// [train]
training_result learn(const dataset_split& data, std::size_t epochs, std::size_t steps) {
    auto weights = he_normal<Net>(/* seed */ 1);
    Trainer<Net> trainer(weights, {.epochs = epochs,
                                   .steps_per_epoch = steps,
                                   .augment = shift_and_flip(),
                                   .csv = "log.csv",
                                   .checkpoint = "run.checkpoint",
                                   .resume = true});
    auto result = trainer.fit(data.train, data.test);    // Ctrl-C: checkpoint, then return; run again to go on
    save(weights, "net.safetensors", {{"normalisation", to_string(result.normalisation)}});
    return result;
}
// [train]

// [run]
int class_of(Engine<Net>& engine, const xt::xtensor<float, 3>& image) {
    auto&& probability = engine(image);
    int best = 0;
    for (int c = 1; c < 10; ++c) {
        best = probability(c, 0, 0) > probability(best, 0, 0) ? c : best;
    }
    return best;
}
// [run]

int evaluate(const dataset& set) {
    // [load]
    const safetensors::file file = safetensors::read("net.safetensors");
    Engine<Net> engine(load<Net>(file));
    const channel_normalisation normalisation = normalisation_from_string(file.metadata().at("normalisation"));
    // [load]
    int right = 0;
    // [normalise]
    xt::xtensor<float, 3> image({1, 28, 28});
    for (std::size_t n = 0; n < set.size(); ++n) {
        for (std::size_t y = 0; y < 28; ++y) {
            for (std::size_t x = 0; x < 28; ++x) {
                const float byte = set.images(n, 0, y, x);
                image(0, y, x) = (byte / 255 - normalisation.mean[0]) / normalisation.deviation[0];
            }
        }
        right += class_of(engine, image) == set.labels(n, 0, 0);
    }
    // [normalise]
    return right;
}

}  // namespace

int main(int argc, char** argv) {
    const bool real = argc > 1;
    for (const char* old : {"log.csv", "run.checkpoint", "run.checkpoint.previous"}) {
        std::remove(old);
    }
    const dataset_split data = real ? load_fashion(argv[1]) : random_images();
    const training_result result = learn(data, real ? 2 : 1, real ? 1000 : 2);
    const int right = evaluate(data.test);
    std::printf("%d of %zu right\n", right, data.test.size());
    // The engine and the trainer's validation count the same answers.
    const double share = static_cast<double>(right) / static_cast<double>(data.test.size());
    return std::abs(share - result.best_score) < 0.002 ? 0 : 1;
}
