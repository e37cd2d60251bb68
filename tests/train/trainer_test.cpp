// SPDX-License-Identifier: BSD-3-Clause
// Does a run that was stopped and resumed end as one that was not, and does the loop report what happened?
#include <cmath>
#include <csignal>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/train/fit.hpp>
#include "child.hpp"
#include "support.hpp"

using namespace fovea;
using train_test::contains;
using train_test::made_up_data;
using train_test::refusal;
using train_test::scratch;
using train_test::tiny_model;

static_assert(trainable<tiny_model>);

namespace {

const made_up_data& training_data() {
    static const made_up_data data(97, 1, 4, 5, 3, false, 11);
    return data;
}
const made_up_data& validation_data() {
    static const made_up_data data(21, 1, 4, 5, 3, false, 12);
    return data;
}

const std::vector<figure> accuracy{{"accuracy", better::up, true}};

trainer_options quiet() {
    trainer_options o;
    o.epochs = 3;
    o.steps_per_epoch = 17;  // 17 * 8 = 136 samples: epochs and passes of 97 do not coincide
    o.batch = 8;
    o.seed = 5;
    o.learning_rate = keras_decay_rate{1e-2, 1e-3};
    o.augment = {.shift = 0.3, .flip = true};
    o.progress = false;
    o.on_message = [](std::string_view) {};
    return o;
}

struct outcome {
    training_result result;
    std::vector<float> weights;
};

outcome run(trainer_options options) {
    tiny_model model;
    fit_loop<tiny_model> loop{model, std::move(options), "tiny"};
    auto result = loop.fit(training_data().view, validation_data().view);
    return {std::move(result), model.everything()};
}

/// Rows without their last column, the seconds.
std::string without_seconds(const std::string& csv) {
    std::string text;
    for (std::size_t at = 0; at < csv.size();) {
        const std::size_t end = csv.find('\n', at);
        REQUIRE(end != std::string::npos);
        const std::string row = csv.substr(at, end - at);
        text += row.substr(0, row.rfind(',')) + "\n";
        at = end + 1;
    }
    return text;
}

bool same_history(const std::vector<epoch_record>& a, const std::vector<epoch_record>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](epoch_record x, epoch_record y) {
        x.seconds = y.seconds = 0.0;
        return x == y;
    });
}

bool all_finite(const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return detail::is_finite(v); });
}

struct crash : std::runtime_error {
    crash() : std::runtime_error{"crash"} {}
};

/// No file may grow beyond `bytes` while this lives.
class small_disk {
public:
    explicit small_disk(rlim_t bytes) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~small_disk() { lift(); }
    void lift() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("training learns, validates and keeps the best epoch") {
    auto options = quiet();
    options.epochs = 12;
    std::vector<double> seen_scores;
    options.on_epoch = [&](epoch_report& report) { seen_scores.push_back(report.score.value()); };
    const auto [result, weights] = run(options);
    CHECK(result.status == training_status::finished);
    CHECK(result.steps == 12 * 17);
    REQUIRE(result.history.size() == 12);
    CHECK(result.history.back().train_loss < 0.7 * result.history.front().train_loss);
    CHECK(result.history.back().validation_metrics.at(0) > 0.8);
    CHECK(result.history[4].epoch == 5);
    CHECK(result.history[4].learning_rate == 1e-2 / (1.0 + 1e-3 * (5 * 17 - 1)));
    const auto best = std::max_element(seen_scores.begin(), seen_scores.end());
    CHECK(result.best_epoch == static_cast<std::uint64_t>(best - seen_scores.begin()) + 1);
    CHECK(result.best_score == *best);

    // the weights are those of that epoch: the same run, cut off there, has them as its last
    auto shorter = quiet();
    shorter.epochs = static_cast<std::size_t>(result.best_epoch);
    shorter.restore_best = false;
    CHECK(run(shorter).weights == weights);

    // and an own measure overrides the preset: prefer the first epoch
    options.on_epoch = [](epoch_report& report) { report.score = -static_cast<double>(report.record.epoch); };
    CHECK(run(options).result.best_epoch == 1);
    options.on_epoch = {};
    options.best = "none";
    CHECK(run(options).result.best_epoch == 0);
}

TEST_CASE("same seed, same bits; another seed, others") {
    const auto options = quiet();
    const auto first = run(options).weights;
    CHECK(run(options).weights == first);
    auto other = options;
    other.seed = 6;
    CHECK(run(other).weights != first);
    other = options;
    other.threads = 7;
    CHECK(run(other).weights == first);
}

TEST_CASE("stopped at any step and resumed, a run ends the same, and so does its log") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    const optimiser_options kinds[] = {sgd_options{.momentum = 0.9}, adam_options{}, adamw_options{}};
    const schedule schedules[] = {keras_decay_rate{1e-2, 1e-3}, one_cycle_rate{.peak = 1e-2},
                                  cosine_rate{.rate = 1e-2, .warm_up = 9}};
    for (int round = 0; round < 60; ++round) {
        const scratch dir;
        auto options = quiet();
        options.optimiser = kinds[round % 3];
        options.learning_rate = schedules[round / 3 % 3];
        options.csv = dir / "a.csv";
        const auto expected = run(options);

        options.csv = dir / "b.csv";
        options.checkpoint = dir / "run.ckpt";
        options.resume = true;
        outcome got;
        int parts = 0;
        for (bool done = false; !done; ++parts) {
            REQUIRE(parts < 500);
            // by a callback's wish, a signal, or an exception out of nowhere, after which only older checkpoints exist
            const auto way = random.below(4);
            const auto at = 1 + random.below(20);
            options.checkpoint_steps = static_cast<std::size_t>(random.below(6));
            std::uint64_t steps = 0;
            options.on_step = [&](step_report& report) {
                if (++steps == at) {
                    if (way == 0) {
                        report.stop = true;
                    } else if (way == 1) {
                        std::raise(random.chance(0.5) ? SIGINT : SIGTERM);
                    } else if (way == 2) {
                        throw crash{};
                    }
                }
            };
            options.on_epoch = [&](epoch_report& report) { report.stop = random.chance(0.1); };
            try {
                got = run(options);
                done = got.result.status == training_status::finished;
                if (!done) {
                    CHECK(got.result.checkpoint_written);
                    CHECK((got.result.signal != 0) == (got.result.status == training_status::interrupted));
                }
            } catch (const crash&) {
            }
        }
        CHECK(got.weights == expected.weights);
        CHECK(same_history(got.result.history, expected.result.history));
        CHECK(got.result.best_epoch == expected.result.best_epoch);
        CHECK(without_seconds(train_test::get(dir / "b.csv")) == without_seconds(train_test::get(dir / "a.csv")));

        // resumed once more there is nothing to do; with more epochs it goes on
        options.on_step = {};
        options.on_epoch = {};
        CHECK(run(options).weights == expected.weights);
        if (round % 9 < 3) {  // its schedule does not depend on the number of epochs
            options.epochs = 4;
            auto longer = quiet();
            longer.epochs = 4;
            longer.optimiser = options.optimiser;
            CHECK(run(options).weights == run(longer).weights);
        }
    }
}

TEST_CASE("stopped before or during validation, the epoch is finished after the resume") {
    const auto expected = run(quiet());
    for (const bool during : {false, true}) {
        const scratch dir;
        auto options = quiet();
        options.checkpoint = dir / "run.ckpt";
        if (!during) {
            options.on_step = [](step_report& report) {
                if (report.step == 17) {
                    std::raise(SIGTERM);
                }
            };
        }
        tiny_model model;
        int batches = 0;
        model.on_evaluate = [&] {  // the second of three batches
            if (during && ++batches == 2) {
                std::raise(SIGTERM);
            }
        };
        const auto part =
            fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view, validation_data().view);
        CHECK(part.status == training_status::interrupted);
        CHECK(part.signal == SIGTERM);
        CHECK(part.steps == 17);
        CHECK(part.history.empty());
        options.on_step = {};
        options.resume = true;
        const auto got = run(options);
        CHECK(got.weights == expected.weights);
        CHECK(same_history(got.result.history, expected.result.history));
    }
}

TEST_CASE("signal handlers are those of before, and only while fit() runs") {
    static volatile std::sig_atomic_t caught = 0;
    const auto before = std::signal(SIGINT, [](int) { caught = 1; });
    auto options = quiet();
    options.on_step = [](step_report& report) {
        if (report.step == 3) {
            std::raise(SIGINT);
        }
    };
    CHECK(run(options).result.steps == 3);
    CHECK(caught == 0);
    std::raise(SIGINT);
    CHECK(caught == 1);
    caught = 0;
    options.handle_signals = false;
    CHECK(run(options).result.status == training_status::finished);
    CHECK(caught == 1);
    std::signal(SIGINT, SIG_IGN);  // as under nohup
    options.handle_signals = true;
    CHECK(run(options).result.status == training_status::finished);
    std::signal(SIGINT, before);
}

TEST_CASE("a checkpoint of other options, data or network, or an unasked one, is refused") {
    const scratch dir;
    auto options = quiet();
    options.checkpoint = dir / "run.ckpt";
    options.on_step = [](step_report& report) { report.stop = report.step == 20; };
    run(options);
    const auto bytes = train_test::get(options.checkpoint);
    CHECK(contains(refusal<FileError>([&] { run(options); }), "got one of an earlier run; resume it"));
    options.resume = true;
    const auto refused = [&](auto change, const char* text) {
        auto changed = options;
        change(changed);
        CHECK(contains(refusal<FileError>([&] { run(changed); }), text));
    };
    refused([](auto& o) { o.seed = 6; }, "option 'seed': expected 6, got 5");
    refused([](auto& o) { o.batch = 4; }, "option 'batch'");
    refused([](auto& o) { o.steps_per_epoch = 18; }, "option 'steps_per_epoch'");
    refused([](auto& o) { o.optimiser = sgd_options{}; }, "option 'optimiser': expected sgd(");
    refused([](auto& o) { o.learning_rate = constant_rate{}; }, "option 'learning_rate'");
    refused([](auto& o) { o.augment = {}; }, "option 'augment'");
    refused([](auto& o) { o.normalisation = unit_normalisation(1); }, "option 'normalisation'");
    tiny_model model;
    const auto initial = model.everything();
    CHECK(contains(refusal<FileError>([&] {
                       fit_loop<tiny_model>{model, options, "huge"}.fit(training_data().view, validation_data().view);
                   }),
                   "network: expected huge, got tiny"));
    CHECK(contains(refusal<FileError>([&] {
                       fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view);
                   }),
                   "option 'validation set': expected none"));
    CHECK(contains(refusal<FileError>([&] {
                       fit_loop<tiny_model>{model, options, "tiny"}.fit(validation_data().view, validation_data().view);
                   }),
                   "option 'training set'"));
    CHECK(model.everything() == initial);
    CHECK(train_test::get(options.checkpoint) == bytes);
}

TEST_CASE("a damaged checkpoint is passed over, and the run still ends the same") {
    const scratch dir;
    auto options = quiet();
    const auto expected = run(options).weights;
    options.checkpoint = dir / "run.ckpt";
    options.checkpoint_steps = 5;
    options.on_step = [](step_report& report) { report.stop = report.step == 33; };
    run(options);
    auto bytes = train_test::get(options.checkpoint);
    bytes[bytes.size() / 2] ^= 8;
    train_test::put(options.checkpoint, bytes);
    options.on_step = {};
    options.resume = true;
    std::string said;
    options.on_message = [&](std::string_view text) { said += std::string{text} + "\n"; };
    CHECK(run(options).weights == expected);
    CHECK(contains(said, "CRC-32"));
    CHECK(contains(said, "going on from"));
}

TEST_CASE("a disk that is full for a while costs a warning, one that stays full an error at the end") {
    const scratch dir;
    auto options = quiet();
    options.csv = dir / "log.csv";
    const auto expected = run(options);
    const auto log = without_seconds(train_test::get(options.csv));
    std::filesystem::remove(options.csv);

    options.checkpoint = dir / "run.ckpt";
    options.checkpoint_steps = 3;
    std::string said;
    options.on_message = [&](std::string_view text) { said += std::string{text} + "\n"; };
    std::optional<small_disk> full;
    std::string older;
    tiny_model model;
    fit_loop<tiny_model> loop{model, options, "tiny"};
    for (const bool lifted : {true, false}) {
        CAPTURE(lifted);
        said.clear();
        auto current = options;
        current.on_step = [&](step_report& report) {
            if (report.step == 10) {
                older = train_test::get(options.checkpoint);
                full.emplace(100);  // neither checkpoint nor a row beyond the header fits
            } else if (report.step == 40 && lifted) {
                full.reset();
            }
        };
        tiny_model trained;
        fit_loop<tiny_model> fit{trained, current, "tiny"};
        if (lifted) {
            CHECK(fit.fit(training_data().view, validation_data().view).status == training_status::finished);
            CHECK(without_seconds(train_test::get(options.csv)) == log);
        } else {
            const auto text = refusal<FileError>([&] { fit.fit(training_data().view, validation_data().view); });
            full.reset();
            CHECK(contains(text, "File too large"));
            CHECK(train_test::get(options.checkpoint) == older);
            CHECK(fit.history().size() == 3);
            CHECK(train_test::get(options.csv) == csv_log::header(accuracy));  // whole rows only
        }
        CHECK(trained.everything() == expected.weights);
        CHECK(contains(said, "warning: checkpoint not written"));
        CHECK(contains(said, "warning: log not written"));
        CHECK(std::count(said.begin(), said.end(), '\n') <= 4);
        std::filesystem::remove(options.checkpoint);
        std::filesystem::remove(options.checkpoint + ".previous");
    }
    // what is left of a run that could not save goes on from its older checkpoint
    train_test::put(options.checkpoint, older);
    options.resume = true;
    CHECK(run(options).weights == expected.weights);
    CHECK(without_seconds(train_test::get(options.csv)) == log);
}

TEST_CASE("a place that cannot be written is an error before training") {
    const scratch dir;
    auto options = quiet();
    bool trained = false;
    options.on_step = [&](step_report&) { trained = true; };
    options.checkpoint = dir / "missing/run.ckpt";
    refusal<FileError>([&] { run(options); });
    options.checkpoint.clear();
    options.csv = dir / "missing/log.csv";
    refusal<FileError>([&] { run(options); });
    options.csv = dir / "poem.txt";
    train_test::put(options.csv, "Shall I compare thee\n");
    CHECK(contains(refusal<FileError>([&] { run(options); }), "got 'Shall I compare thee'"));
    CHECK(train_test::get(options.csv) == "Shall I compare thee\n");
    CHECK(!trained);
}

TEST_CASE("data that do not fit, options that make no sense, and a loss that is not finite are errors") {
    tiny_model model;
    const auto fails = [&](const sample_view& train, auto change) {
        auto options = quiet();
        change(options);
        return refusal([&] { fit_loop<tiny_model>{model, options, "tiny"}.fit(train); });
    };
    const auto nothing = [](trainer_options&) {};
    CHECK(contains(fails({}, nothing), "no images"));
    CHECK(contains(fails(made_up_data(3, 1, 5, 4, 3, false, 1).view, nothing),
                   "images of 1x5x4, the network takes 1x4x5"));
    CHECK(contains(fails(made_up_data(3, 1, 4, 5, 3, true, 1).view, nothing),
                   "labels of 1x4x5 uint8, cross_entropy of an output of 3x1x1 takes 1x1x1 uint8"));
    CHECK(contains(fails(made_up_data(90, 1, 4, 5, 4, false, 1).view, nothing),
                   "cross_entropy of an output of 3x1x1 takes 0 to 2, or 255 to ignore it"));
    const auto good = training_data().view;
    CHECK(contains(fails(good, [](auto& o) { o.epochs = 0; }), "epochs"));
    CHECK(contains(fails(good, [](auto& o) { o.batch = 0; }), "batch"));
    CHECK(contains(fails(good, [](auto& o) { o.steps_per_epoch = 0; }), "steps_per_epoch"));
    CHECK(contains(fails(good, [](auto& o) { o.resume = true; }), "resume needs"));
    CHECK(contains(fails(good,
                         [](auto& o) {
                             o.optimiser = sgd_options{};
                             o.learning_rate = constant_rate{1e30};
                         }),
                   "the loss is not finite at 0 of 3 epochs done"));
    made_up_data ignoring(30, 1, 4, 5, 3, false, 1);
    ignoring.labels[7] = 254;
    CHECK(contains(fails(ignoring.view, nothing), "label 254"));
    std::fill(ignoring.labels.begin(), ignoring.labels.end(), std::uint8_t{255});
    CHECK(contains(fails(ignoring.view, nothing), "no label counts, all 30 samples are to be ignored"));
    for (const float wrong : {0.0F, -1.0F, std::nanf(""), 1e-45F}) {
        CHECK(contains(fails(good,
                             [&](auto& o) {
                                 o.normalisation = {{0.5F}, {wrong}};
                             }),
                       "normalisation of channel 0"));
    }
    CHECK(contains(fails(good,
                         [](auto& o) {
                             o.normalisation = {{HUGE_VALF}, {1.0F}};
                         }),
                   "normalisation of channel 0"));
}

TEST_CASE("whatever the learning rate, weights and checkpoint stay finite, and the error says what the file holds") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    const optimiser_options kinds[] = {sgd_options{}, sgd_options{.momentum = 0.9}, adam_options{}, adamw_options{}};
    int finished = 0, failed = 0;
    for (int round = 0; round < 200; ++round) {
        const scratch dir;
        auto options = quiet();
        options.optimiser = kinds[round % 4];
        const double rate = round < 4 ? HUGE_VAL : round < 8 ? std::nan("") : std::pow(10.0, 45 * random.uniform() - 3);
        options.learning_rate = constant_rate{rate};
        options.checkpoint = dir / "run.ckpt";
        options.checkpoint_steps = static_cast<std::size_t>(random.below(4));
        options.resume = true;
        options.epochs = 1 + static_cast<std::size_t>(random.below(2));
        options.steps_per_epoch = 1 + static_cast<std::size_t>(random.below(4));
        CAPTURE(round, rate, to_string(options.optimiser));
        std::vector<float> left;
        for (int attempt = 0; attempt < 2; ++attempt) {
            tiny_model model;
            try {
                fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view, validation_data().view);
                ++finished;
            } catch (const Error& error) {
                ++failed;
                const auto kept = load_checkpoint<float>(options.checkpoint);
                CHECK(contains(error.what(), "in training step "));
                CHECK(contains(error.what(), "learning rate"));
                CHECK(contains(error.what(), "run.ckpt holds step " + std::to_string(kept.step) + ","));
                CHECK(kept.step <= options.epochs * options.steps_per_epoch);
            }
            const auto all = model.everything();
            CHECK(all_finite(all));
            CHECK((attempt == 0 || all == left));  // the second attempt goes on from the checkpoint, to the same end
            left = all;
            const auto kept = load_checkpoint<float>(options.checkpoint);
            CHECK(all_finite(kept.parameters));
            CHECK(all_finite(kept.buffers));
            for (const auto& array : kept.optimiser) {
                CHECK(all_finite(array.values));
            }
            CHECK((!kept.best || all_finite(kept.best->parameters)));
        }
    }
    CAPTURE(finished, failed);
    CHECK(finished > 20);
    CHECK(failed > 20);
}

TEST_CASE("a loss, gradient or statistic that is not finite ends the run with the weights of before") {
    struct fault {
        const char* text;
        float* (*value)(tiny_model&);
        std::vector<double> bad{HUGE_VAL, -HUGE_VAL, std::nan("")};
    };
    const fault faults[] = {{"the loss is not finite at 0 of 3 epochs done, step 4 of 17", nullptr},
                            {"gradient of parameter 5 is not finite", [](tiny_model& m) { return &m.gradient()[5]; }},
                            {"buffer 3 is not finite", [](tiny_model& m) { return &m.buffers()[3]; }},
                            // whose square is infinite: the parameter would never move again
                            {"second_moment of parameter 5 is not finite",
                             [](tiny_model& m) { return &m.gradient()[5]; },
                             {1e30, -1e25}}};
    for (const fault& f : faults) {
        for (const double bad : f.bad) {
            CAPTURE(f.text, bad);
            struct faulty : tiny_model {
                std::function<void(step_result&)> spoil;
                int steps = 0;
                std::vector<float> before{};
                step_result train_step(const float* x, const std::uint8_t* labels, std::size_t n, std::uint64_t noise) {
                    before = everything();
                    step_result result = tiny_model::train_step(x, labels, n, noise);
                    if (++steps == 5) {
                        spoil(result);
                    }
                    return result;
                }
            } model;
            model.spoil = [&](tiny_model::step_result& result) {
                if (f.value == nullptr) {
                    result.loss = bad;
                } else {
                    *f.value(model) = static_cast<float>(bad);
                }
            };
            const auto text = refusal([&] { fit_loop<faulty>{model, quiet(), "tiny"}.fit(training_data().view); });
            CHECK(contains(text, f.text));
            CHECK(contains(text, "in training step 5"));
            CHECK(model.everything() == model.before);
        }
    }
}

TEST_CASE("weights that are not finite are neither begun with, nor saved, nor the best, nor resumed") {
    const scratch dir;
    auto options = quiet();
    options.checkpoint = dir / "run.ckpt";
    const auto run_with = [&](tiny_model& model) {
        return fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view, validation_data().view);
    };
    tiny_model broken;
    broken.parameters()[7] = std::nanf("");
    CHECK(contains(refusal([&] { run_with(broken); }), "before the first step parameter 7 is not finite (nan)"));
    CHECK(!checkpoint_exists(options.checkpoint));

    tiny_model changed;  // by a callback, at the end of which nothing else asks
    options.on_epoch = [&](epoch_report& report) {
        changed.buffers()[2] = report.record.epoch == 3 ? HUGE_VALF : 0.0F;
    };
    CHECK(contains(refusal([&] { run_with(changed); }), "buffer 2 is not finite (inf)"));
    const auto kept = load_checkpoint<float>(options.checkpoint);
    CHECK(kept.step == 2 * 17);
    CHECK(all_finite(kept.buffers));

    // A checkpoint of another program, newer but broken: the one before is resumed.
    options.on_epoch = {};
    options.resume = true;
    auto newer = kept;
    newer.parameters[4] = -HUGE_VALF;
    save_checkpoint(options.checkpoint, newer);
    std::string said;
    options.on_message = [&](std::string_view text) { said += text; };
    tiny_model resumed;
    CHECK(run_with(resumed).steps == 3 * 17);
    CHECK(contains(said, "run.ckpt: parameter 4: expected finite numbers, got -inf"));
    CHECK(contains(said, "going on from " + options.checkpoint + ".previous"));
    for (const auto& spoil : std::vector<std::function<void(training_state<float>&)>>{
             [](auto& s) { s.buffers[0] = std::nanf(""); }, [](auto& s) { s.optimiser[1].values[0] = HUGE_VALF; },
             [](auto& s) { s.best->parameters[1] = std::nanf(""); }, [](auto& s) { s.best->metric = std::nan(""); }}) {
        auto state = load_checkpoint<float>(options.checkpoint);
        REQUIRE(state.best);
        spoil(state);
        const scratch other;
        options.checkpoint = other / "run.ckpt";
        save_checkpoint(options.checkpoint, state);
        CHECK(contains(refusal<FileError>([&] { run_with(resumed); }), "its run had diverged"));
        options.checkpoint = dir / "run.ckpt";
    }
}

TEST_CASE("a validation without figures gives no best epoch") {
    auto options = quiet();
    std::string said;
    options.on_message = [&](std::string_view text) { said += text; };
    made_up_data ignored(9, 1, 4, 5, 3, false, 12), empty(0, 1, 4, 5, 3, false, 12);
    std::fill(ignored.labels.begin(), ignored.labels.end(), std::uint8_t{255});
    for (const auto& validation : {ignored.view, empty.view}) {
        said.clear();
        tiny_model model;
        const auto r = fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view, validation);
        CHECK(r.best_epoch == 0);
        CHECK(!r.history.back().validated);
        CHECK(contains(said, "the validation set has no label that counts"));
    }
    said.clear();
    tiny_model model;
    CHECK(fit_loop<tiny_model>{model, options, "tiny"}.fit(training_data().view).best_epoch == 0);
    CHECK(said.empty());

    // A score that is no number, and a loss that is none.
    options.on_epoch = [](epoch_report& report) {
        report.score = report.record.epoch == 2 ? 0.5 : report.record.epoch == 3 ? -HUGE_VAL : std::nan("");
    };
    CHECK(run(options).result.best_epoch == 2);
    options.on_epoch = {};
    for (const auto best : {"loss", "accuracy"}) {
        options.best = best;
        said.clear();
        struct overflowing : tiny_model {
            int calls = 0;
            step_result evaluate(const float* x, const std::uint8_t* labels, std::size_t n) {
                step_result result = tiny_model::evaluate(x, labels, n);
                result.sums[0] = ++calls <= 3 ? std::nan("") : result.sums[0];  // the first epoch's three batches
                return result;
            }
        } unlucky;
        const auto r =
            fit_loop<overflowing>{unlucky, options, "tiny"}.fit(training_data().view, validation_data().view);
        CHECK(r.best_epoch > 1);
        CHECK(contains(said, "the validation loss of epoch 1 is not finite"));
    }
}

TEST_CASE("a second run with the same checkpoint is refused by name, until the first ends, however it does") {
    const scratch dir;
    auto options = quiet();
    options.checkpoint = dir / "run.ckpt";
    const std::string link = dir / "link.ckpt";
    const auto names = [&] {
        std::vector<std::string> list;
        for (const auto& entry : std::filesystem::directory_iterator(dir / "")) {
            list.push_back(entry.path().filename().string());
        }
        std::sort(list.begin(), list.end());
        return list;
    };
    const auto second = [&](const std::string& checkpoint) {
        auto other = quiet();
        other.checkpoint = checkpoint;
        other.resume = true;
        return refusal<FileError>([&] { run(other); });
    };
    const std::string self = "process " + std::to_string(::getpid()) + " on ";
    bool asked = false;
    options.on_step = [&](step_report& report) {
        if (report.step == 20) {
            asked = true;
            const auto before = train_test::get(options.checkpoint);
            CHECK(contains(second(options.checkpoint),
                           options.checkpoint + ": lock: expected no other run with this file, got one, " + self));
            std::filesystem::create_symlink(options.checkpoint, link);
            CHECK(contains(second(link), self));
            std::filesystem::remove(link);
            CHECK(test::true_in_child([&] { return contains(second(options.checkpoint), self); }));
            CHECK(train_test::get(options.checkpoint) == before);
        }
        report.stop = report.step == 21;
    };
    run(options);
    CHECK(asked);
    CHECK(names() == std::vector<std::string>{"run.ckpt", "run.ckpt.previous"});  // no litter

    // Killed, it leaves its file, which locks nothing.
    options.resume = true;
    options.on_step = [](step_report& report) {
        if (report.step == 30) {
            std::raise(SIGKILL);
        }
    };
    CHECK(!test::true_in_child([&] { return run(options).result.steps > 0; }));
    CHECK(std::filesystem::exists(options.checkpoint + ".lock"));
    options.on_step = [](step_report&) { throw crash{}; };
    CHECK_THROWS_AS(run(options), crash);
    options.on_step = {};
    CHECK(run(options).result.status == training_status::finished);
    CHECK(names() == std::vector<std::string>{"run.ckpt", "run.ckpt.previous"});
}

TEST_CASE("the log's rows are exact, and empty where nothing was validated") {
    epoch_record r{
        .epoch = 7, .train_loss = 0.1, .train_metrics = {1.0 / 3.0}, .learning_rate = 1e-3, .seconds = 1.239};
    CHECK(csv_log::row(r) == "7,0.1,0.3333333333333333,,,0.001,1.24\n");
    r.validated = true;
    r.validation_metrics = {0.0};
    CHECK(csv_log::row(r) == "7,0.1,0.3333333333333333,0,0,0.001,1.24\n");

    const scratch dir;
    const std::string path = dir / "log.csv";
    train_test::put(path, csv_log::header(accuracy) + "1,old\n2,old\n3,half a ro");
    const std::vector<epoch_record> history{r};
    csv_log log{path, accuracy, history};
    CHECK(train_test::get(path) == csv_log::header(accuracy) + csv_log::row(r));
    log.append(history);
    const std::string two_rows = csv_log::header(accuracy) + csv_log::row(r) + csv_log::row(r);
    CHECK(train_test::get(path) == two_rows);

    rlimit before{};  // a limit that the system answers with a signal
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit limit = before;
    limit.rlim_cur = two_rows.size() + 5;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    const std::string full = refusal<FileError>([&] { log.append(history); });
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(contains(full, "File too large; the file ends with the row before"));
    CHECK(train_test::get(path) == two_rows);
    CHECK(log.incomplete());

    std::filesystem::create_symlink("elsewhere.csv", dir / "link.csv");
    csv_log linked{dir / "link.csv", accuracy, history};
    linked.append(history);
    CHECK(std::filesystem::read_symlink(dir / "link.csv") == "elsewhere.csv");
    CHECK(train_test::get(dir / "elsewhere.csv") == two_rows);
    CHECK_NOTHROW(csv_log("/dev/null", accuracy, history).append(history));
    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0666) == 0);
    ::alarm(60);  // to wait for the other end would be for ever
    CHECK(contains(refusal<FileError>([&] { csv_log(dir / "pipe", accuracy, history); }), "got a pipe"));
    std::filesystem::remove(dir / "elsewhere.csv");
    std::filesystem::create_symlink("pipe", dir / "elsewhere.csv");
    CHECK(contains(refusal<FileError>([&] { linked.append(history); }), "got a pipe"));
    ::alarm(0);
}
