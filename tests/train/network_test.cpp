// SPDX-License-Identifier: BSD-3-Clause
// Does a whole training of a network learn, and end the same, bit for bit, with any number of threads and however often
// it was stopped?
#include "../catch.hpp"

#include <fovea/train.hpp>

#include "support.hpp"

using namespace fovea;

namespace {

using Stripes =
    Network<Input<1, 8, 12>, Conv<out<4>>, BatchNorm, ReLU,
            Residual<Sequential<Conv<out<6>, dil<2>>, BatchNorm, ReLU, Dropout<10>>, Conv1x1<6>>,
            Heads<Sequential<Conv1x1<3>, Softmax>, Sequential<Conv<out<3>, taps<cross>>, BatchNorm, Softmax>>>;

/// A noisy image whose left part has one class and whose right part another; a label a pixel, some of them ignored.
dataset stripes(std::size_t n, std::uint64_t seed) {
    detail::random_stream random(seed);
    dataset d{xt::xtensor<std::uint8_t, 4>({n, 1, 8, 12}),
              xt::xtensor<std::uint8_t, 3>({n, 8, 12}),
              {"dark", "grey", "light"}};
    for (std::size_t i = 0; i < n; ++i) {
        const auto left = random.below(3), right = random.below(3), edge = 3 + random.below(6);
        for (std::size_t y = 0; y < 8; ++y) {
            for (std::size_t x = 0; x < 12; ++x) {
                const auto label = x < edge ? left : right;
                d.images(i, 0, y, x) = static_cast<std::uint8_t>(30 + 80 * label + random.below(30));
                d.labels(i, y, x) = random.chance(0.05) ? ignore_label : static_cast<std::uint8_t>(label);
            }
        }
    }
    return d;
}

trainer_options options(std::size_t threads) {
    return {.epochs = 3,
            .steps_per_epoch = 20,
            .batch = 5,
            .threads = threads,
            .seed = 3,
            .learning_rate = constant_rate{1e-2},
            .augment = shift_and_flip(),
            .progress = false,
            .handle_signals = false,
            .on_message = [](std::string_view) {}};
}

/// Wide enough for `fast` to choose Winograd's filtering.
using Wide = Network<Input<1, 8, 12>, Conv<out<16>>, BatchNorm, ReLU, Conv<out<24>, dil<2>>, BatchNorm, ReLU,
                     Conv1x1<3>, Softmax>;

template <class Mode>
training_result wide_run() {
    const dataset train = stripes(60, 1), test = stripes(20, 2);
    auto weights = he_normal<Wide>(7);
    return Trainer<Wide, Mode>(weights, options(2)).fit(train, test);
}

}  // namespace

TEST_CASE("training with fast ends at the loss of exact training") {
    const epoch_record a = wide_run<exact>().history.back(), b = wide_run<fast>().history.back();
    CHECK(a.validation_accuracy > 0.9);
    CHECK(b.train_loss == Approx(a.train_loss).epsilon(0.01));
    CHECK(b.validation_loss == Approx(a.validation_loss).epsilon(0.03));
    CHECK(b.train_loss != a.train_loss);  // other roundings, or this compares nothing
}

TEST_CASE("a network trains to the same weights with 1, 2 and 3 threads, and learns") {
    const dataset train = stripes(60, 1), test = stripes(20, 2);
    Weights<Stripes> first;
    for (std::size_t threads : {1U, 2U, 3U}) {
        auto weights = he_normal<Stripes>(7);
        Trainer<Stripes> trainer(weights, options(threads));
        const training_result r = trainer.fit(train, test);
        CHECK(r.history.back().validation_accuracy > 0.9);
        if (threads == 1) {
            first = weights;
        }
        CHECK(weights == first);
    }
}

TEST_CASE("a run that was stopped and resumed ends with the weights of one that was not") {
    const dataset train = stripes(60, 1), test = stripes(20, 2);
    auto expected = he_normal<Stripes>(7);
    Trainer<Stripes>(expected, options(1)).fit(train, test);

    train_test::scratch folder;
    Weights<Stripes> weights;
    int runs = 0;
    for (bool finished = false; !finished; ++runs) {
        REQUIRE(runs < 20);
        weights = he_normal<Stripes>(7);
        trainer_options o = options(1 + static_cast<std::size_t>(runs) % 2);
        o.checkpoint = folder / "run.ckpt";
        o.resume = true;
        int steps = 0;
        o.on_step = [&](step_report& r) { r.stop = ++steps == 13; };
        finished = Trainer<Stripes>(weights, o).fit(train, test).status == training_status::finished;
    }
    CHECK(runs == 5);  // 60 steps, 13 at a time
    CHECK(weights == expected);
    save(weights, folder / "a.safetensors");
    save(expected, folder / "b.safetensors");
    CHECK(train_test::get(folder / "a.safetensors") == train_test::get(folder / "b.safetensors"));
}
