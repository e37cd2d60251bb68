// SPDX-License-Identifier: BSD-3-Clause
// Do the schedules pass through the values that their sources give?
#include <cmath>
#include <numbers>

#include <fovea/train/schedule.hpp>
#include "support.hpp"

using namespace fovea;

TEST_CASE("constant, step and Keras's decay") {
    CHECK(rate_at(constant_rate{0.3}, 0) == 0.3);
    CHECK(rate_at(constant_rate{0.3}, 1'000'000) == 0.3);
    const schedule stairs = step_rate{.rate = 1.0, .every = 10, .factor = 0.5};
    CHECK(rate_at(stairs, 9) == 1.0);
    CHECK(rate_at(stairs, 10) == 0.5);
    CHECK(rate_at(stairs, 35) == 0.125);
    const schedule keras = keras_decay_rate{.rate = 1e-3, .decay = 1e-5};
    CHECK(rate_at(keras, 0) == 1e-3);
    CHECK(rate_at(keras, 100'000) == Approx(5e-4));
}

TEST_CASE("cosine with warm-up") {
    const schedule s = cosine_rate{.rate = 1.0, .total = 105, .warm_up = 4, .final_rate = 0.1};
    CHECK(rate_at(s, 0) == 0.25);
    CHECK(rate_at(s, 3) == 1.0);
    CHECK(rate_at(s, 4) == 1.0);
    CHECK(rate_at(s, 54) == Approx(0.55));
    CHECK(rate_at(s, 104) == 0.1);
    CHECK(rate_at(s, 500) == 0.1);
    for (std::uint64_t i = 4; i < 104; ++i) {
        CHECK(rate_at(s, i + 1) < rate_at(s, i));
    }
    CHECK(rate_at(cosine_rate{.rate = 1.0, .total = 1}, 0) == 1.0);
}

TEST_CASE("one cycle: the values of PyTorch's OneCycleLR(max_lr=0.1, total_steps=10)") {
    const schedule s = one_cycle_rate{.peak = 0.1, .total = 10};
    CHECK(rate_at(s, 0) == Approx(0.004));
    CHECK(rate_at(s, 1) == Approx(0.052));
    CHECK(rate_at(s, 2) == Approx(0.1));
    CHECK(rate_at(s, 9) == Approx(4e-7));
    CHECK(rate_at(s, 50) == Approx(4e-7));
    // 2 + 7/2 lies between steps 5 and 6, symmetric around the half
    CHECK((rate_at(s, 5) + rate_at(s, 6)) / 2 == Approx((0.1 + 4e-7) / 2));
}

TEST_CASE("one cycle: the ends of OneCycleLR, whatever share of the steps rises") {
    // Its formula, phase by phase: the first that `step` does not pass, else the last.
    const auto torch = [](double share, std::uint64_t total, std::uint64_t step) {
        const double ends[] = {share * static_cast<double>(total) - 1, static_cast<double>(total) - 1};
        const double rates[] = {0.1 / 25, 0.1, 0.1 / 25 / 1e4};
        const std::size_t phase = static_cast<double>(step) <= ends[0] ? 0 : 1;
        const double begin = phase == 0 ? 0 : ends[0];
        const double done = (static_cast<double>(step) - begin) / (ends[phase] - begin);
        return rates[phase + 1] + (rates[phase] - rates[phase + 1]) / 2 * (1 + std::cos(std::numbers::pi * done));
    };
    CHECK(rate_at(one_cycle_rate{0.1, 10, 1.0}, 9) == 0.1);
    CHECK(rate_at(one_cycle_rate{0.1, 10, 1.0}, 8) == Approx(0.0971052458));
    for (const double share : {0.0, 0.05, 0.3, 0.5, 0.75, 0.95, 1.0}) {
        for (const std::uint64_t total : {1U, 2U, 3U, 4U, 7U, 10U, 20U, 1000U}) {
            const schedule s = one_cycle_rate{0.1, total, share};
            CAPTURE(share, total);
            for (std::uint64_t i = 0; i < total; ++i) {
                CAPTURE(i);
                const bool rises_at_once = share * static_cast<double>(total) == 1.0;  // 0 / 0 in the formula
                CHECK(rate_at(s, i) == Approx(rises_at_once && i == 0 ? 0.1 : torch(share, total, i)));
            }
            CHECK(rate_at(s, total + 5) == rate_at(s, total - 1));
        }
    }
}

TEST_CASE("cosine: warm-ups that leave one step or none to the fall") {
    for (const std::uint64_t total : {1U, 2U, 3U, 10U}) {
        for (std::uint64_t warm_up = 0; warm_up <= total + 2; ++warm_up) {
            CAPTURE(total, warm_up);
            const schedule s = cosine_rate{.rate = 1.0, .total = total, .warm_up = warm_up, .final_rate = 0.1};
            const double rises = static_cast<double>(std::min(total, warm_up)) / static_cast<double>(warm_up);
            CHECK(rate_at(s, total - 1) == Approx(warm_up + 1 < total ? 0.1 : warm_up < total ? 1.0 : rises));
            CHECK(rate_at(s, total) == rate_at(s, total - 1));
            CHECK(rate_at(s, total + 50) == rate_at(s, total - 1));
        }
    }
}

TEST_CASE("total is filled in only where it was left open, and text tells schedules apart") {
    CHECK(std::get<cosine_rate>(with_total(cosine_rate{}, 77)).total == 77);
    CHECK(std::get<one_cycle_rate>(with_total(one_cycle_rate{.total = 5}, 77)).total == 5);
    CHECK(to_string(schedule{keras_decay_rate{1e-3, 1e-5}}) == "keras_decay(rate=0.001,decay=1e-05)");
    CHECK(to_string(schedule{constant_rate{0.1}}) != to_string(schedule{constant_rate{std::nextafter(0.1, 1.0)}}));
}
