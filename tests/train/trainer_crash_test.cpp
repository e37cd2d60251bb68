// SPDX-License-Identifier: BSD-3-Clause
// Does a run survive kill -9 at any instant?
#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <fovea/train/fit.hpp>
#include "support.hpp"

using namespace fovea;

namespace {

constexpr std::size_t steps_of_run = 4 * 60;
constexpr std::size_t kills_wanted = 12;

trainer_options options_in(const train_test::scratch& dir) {
    trainer_options o;
    o.epochs = 4;
    o.steps_per_epoch = 60;
    o.batch = 8;
    o.csv = dir / "log.csv";
    o.checkpoint = dir / "run.ckpt";
    o.checkpoint_steps = 1;  // so that many of the kills fall into the writing of a checkpoint
    o.resume = true;
    o.restore_best = false;
    o.progress = false;
    o.on_message = [](std::string_view) {};
    return o;
}

std::vector<float> train(trainer_options options) {
    static const train_test::made_up_data data(97, 1, 4, 5, 3, false, 11);
    static const train_test::made_up_data validation(21, 1, 4, 5, 3, false, 12);
    train_test::tiny_model model;
    fit_loop<train_test::tiny_model>{model, std::move(options), "tiny"}.fit(data.view, validation.view);
    return model.everything();
}

}  // namespace

TEST_CASE("killed at random instants, always resumed, the run ends with the same bits") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    const train_test::scratch dir;
    auto undisturbed = options_in(dir);
    undisturbed.csv = dir / "undisturbed.csv";
    undisturbed.checkpoint.clear();
    undisturbed.resume = false;
    const auto expected = train(undisturbed);

    std::size_t kills = 0;
    int checkpoints_grew = 0;
    std::uint64_t last_step = 0;
    bool finished = false;
    for (std::size_t attempt = 0; attempt <= kills_wanted && !finished; ++attempt) {
        const bool to_be_killed = kills < kills_wanted;
        const std::uint64_t steps_allowed = 1 + random.below(steps_of_run / kills_wanted - 1);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {  // nothing of Catch2 in here, and no destructors of the parent's objects
            try {
                auto options = options_in(dir);
                std::uint64_t steps = 0;
                options.on_step = [&](step_report&) {
                    while (to_be_killed && steps >= steps_allowed) {  // it cannot finish before its turn
                        ::pause();
                    }
                    ++steps;
                    std::this_thread::sleep_for(std::chrono::microseconds{500});
                };
                train(options);
                ::_exit(0);
            } catch (...) {
                ::_exit(1);
            }
        }
        if (to_be_killed) {
            std::this_thread::sleep_for(std::chrono::microseconds{1000 + random.below(25'000)});
            ::kill(child, SIGKILL);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        if (WIFSIGNALED(status)) {
            REQUIRE(WTERMSIG(status) == SIGKILL);
            ++kills;
            if (checkpoint_exists(dir / "run.ckpt")) {
                const auto state = load_checkpoint<float>(dir / "run.ckpt");  // never a damaged one
                REQUIRE(state.step >= last_step);                             // and never lost ground
                checkpoints_grew += state.step > last_step ? 1 : 0;
                last_step = state.step;
            }
        } else {
            REQUIRE(WIFEXITED(status));
            REQUIRE(WEXITSTATUS(status) == 0);
            finished = true;
        }
    }
    REQUIRE(finished);
    CAPTURE(kills, checkpoints_grew, last_step);
    CHECK(kills == kills_wanted);
    CHECK(checkpoints_grew >= 2);
    const auto final_state = load_checkpoint<float>(dir / "run.ckpt");
    CHECK(final_state.step == steps_of_run);
    auto got = final_state.parameters;
    got.insert(got.end(), final_state.buffers.begin(), final_state.buffers.end());
    CHECK(got == expected);

    const auto figures = [](const std::string& csv) {
        std::string text;
        for (std::size_t at = 0, end = 0; (end = csv.find('\n', at)) != std::string::npos; at = end + 1) {
            text += csv.substr(at, csv.rfind(',', end) - at) + "\n";
        }
        return text;
    };
    CHECK(figures(train_test::get(dir / "log.csv")) == figures(train_test::get(dir / "undisturbed.csv")));
}
