// SPDX-License-Identifier: BSD-3-Clause
// Does a whole training of a network learn, and end the same, bit for bit, with any number of threads and however often
// it was stopped?
#include "../catch.hpp"

#include <cmath>

#include <fovea/train.hpp>

#include "child.hpp"
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
    CHECK(a.validation_metrics[0] > 0.9);
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
        CHECK(r.history.back().validation_metrics[1] > 0.9);
        if (threads == 1) {
            first = weights;
        }
        CHECK(weights == first);
    }
}

TEST_CASE("a step with one value that is not finite says so and leaves the running statistics") {
    auto weights = he_normal<Stripes>(7);
    learner<Stripes> model(weights, thread_count{2});
    std::vector<float> images(2 * 8 * 12, 0.5F);
    for (std::size_t i = 0; i < images.size(); ++i) {
        images[i] = static_cast<float>(i % 7) / 7;
    }
    const std::vector<std::uint8_t> labels(2 * model.labels_per_image, 1);
    CHECK(model.train_step(images.data(), labels.data(), 2).not_finite.empty());
    CHECK(model.evaluate(images.data(), labels.data(), 2).not_finite.empty());
    const Weights<Stripes> before = weights;
    for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
        for (const std::size_t at : {0U, 50U, 191U}) {
            CAPTURE(bad, at);
            auto spoilt = images;
            spoilt[at] = bad;
            CHECK(!model.train_step(spoilt.data(), labels.data(), 2).not_finite.empty());
            CHECK(weights == before);
        }
    }
    images[3] = 3e38F;  // its square is not finite
    CHECK(!model.train_step(images.data(), labels.data(), 2).not_finite.empty());
    CHECK(weights == before);
    CHECK(first_not_finite(weights) == nullptr);

    images[3] = 0;
    weights.tensor("0.weight")(0, 0, 1, 1) = HUGE_VALF;
    CHECK(!model.train_step(images.data(), labels.data(), 2).not_finite.empty());
    CHECK(weights.tensor("1.running_mean")(0) == before.tensor("1.running_mean")(0));
    CHECK(std::string_view(first_not_finite(weights)->name) == "0.weight");
}

TEST_CASE("a rate far too large ends with an error and weights that are finite") {
    const dataset train = stripes(60, 1);
    for (const double rate : {1e10, 1e25, 1e39}) {
        CAPTURE(rate);
        auto weights = he_normal<Stripes>(7);
        trainer_options o = options(2);
        o.learning_rate = constant_rate{rate};
        o.optimiser = sgd_options{.momentum = 0.9};
        const std::string text = train_test::refusal([&] { Trainer<Stripes>(weights, o).fit(train, train); });
        CHECK(train_test::contains(text, "is not finite"));
        CHECK(first_not_finite(weights) == nullptr);
    }
}

TEST_CASE("a BatchNorm of one value a channel is refused in training, and evaluated") {
    using Pooled = Network<Input<1, 8, 12>, Conv<out<4>>, BatchNorm, GAP, Conv1x1<6>, BatchNorm, ReLU, Conv1x1<3>>;
    auto weights = he_normal<Pooled>(7);
    trainer_options o = options(1);
    o.batch = 1;
    const std::string text = train_test::refusal([&] { Trainer<Pooled> trainer(weights, o); });
    CHECK(train_test::contains(text, "BatchNorm '4': expected more than 1 value per channel in training, got 1"));
    CHECK(train_test::contains(text, "batches of 2 images or more"));
    learner<Pooled> model(weights);
    const std::vector<float> images(2 * 8 * 12, 0.5F);
    const std::vector<std::uint8_t> labels{0, 1};
    CHECK(text == train_test::refusal([&] { model.train_step(images.data(), labels.data(), 1); }));
    CHECK(weights == he_normal<Pooled>(7));
    CHECK(model.train_step(images.data(), labels.data(), 2).counted == 2);
    CHECK(model.evaluate(images.data(), labels.data(), 1).counted == 1);
    learner<Stripes>::require_batch(1);  // 96 values
}

TEST_CASE("in a child made by fork() a learner takes the same step, and a run under way ends with an error") {
    if (test::sanitized) {
        return;
    }
    const dataset train = stripes(60, 1);
    auto weights = he_normal<Stripes>(7);
    Trainer<Stripes> trainer(weights, options(3));
    const std::vector<float> images(2 * 8 * 12, 0.5F);
    const std::vector<std::uint8_t> labels(2 * trainer.model().labels_per_image, 1);
    const double loss = trainer.model().train_step(images.data(), labels.data(), 2).loss;
    CHECK(test::true_in_child([&] {
        return trainer.model().train_step(images.data(), labels.data(), 2).loss == loss &&
               trainer.fit(train, train).status == training_status::finished;
    }));
    auto o = options(2);
    pid_t parent = ::getpid(), child = 0;
    o.on_step = [&](step_report& r) {
        if (r.step == 30 && child == 0) {
            child = ::fork();
            ::alarm(child == 0 ? 20 : 0);
        }
    };
    bool finished = false;
    try {
        finished = Trainer<Stripes>(weights, o).fit(train).status == training_status::finished;
    } catch (const Error& error) {
        if (::getpid() != parent) {
            ::_exit(train_test::contains(error.what(), "forked") ? 0 : 1);
        }
    }
    if (::getpid() != parent) {
        ::_exit(1);
    }
    CHECK(finished);
    int status = 1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
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
