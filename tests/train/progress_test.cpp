// SPDX-License-Identifier: BSD-3-Clause
// Does progress fit the terminal, and leave files and pipes in peace?
#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include <fovea/train/progress.hpp>
#include "support.hpp"

using namespace fovea;

namespace {

const std::vector<figure> accuracy{{"accuracy", better::up, true}};
const std::vector<double> half{0.5}, none{0.0};

std::string drawn(std::size_t columns, std::size_t done) {
    std::ostringstream out;
    progress_bar bar{out, true, columns};
    bar.begin("epoch 3/10");
    bar.update({.done = done, .total = 1000, .images = done * 32, .loss = 1.2345, .metrics = accuracy, .values = half});
    return out.str();
}

}  // namespace

TEST_CASE("a bar fits every width") {
    for (std::size_t columns = 2; columns < 200; ++columns) {
        for (const std::size_t done : {0U, 1U, 999U, 1000U}) {
            const std::string text = drawn(columns, done);
            REQUIRE(text.front() == '\r');
            REQUIRE(text.find("\033[K") <= columns);
        }
    }
    const std::string wide = drawn(150, 500);
    CHECK(train_test::contains(wide, "epoch 3/10 [===============               ] 500/1,000 ETA 0:00 "));
    CHECK(train_test::contains(wide, "images/s loss 1.2345 accuracy 50.0 %"));
}

TEST_CASE("80 columns have room for a bar in the middle of a long epoch") {
    std::ostringstream out;
    progress_bar bar{out, true, 80};
    bar.begin("epoch 3/10");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    bar.update({.done = 500, .total = 1000, .images = 100, .loss = 1.2345, .metrics = accuracy, .values = half});
    CHECK(train_test::contains(out.str(), "epoch 3/10 [="));
    CHECK(train_test::contains(out.str(), "accuracy 50.0 %\033[K"));
}

TEST_CASE("neither terminal nor file is flooded") {
    for (const bool interactive : {true, false}) {
        std::ostringstream out;
        progress_bar bar{out, interactive, 80};
        bar.begin("epoch 1/1");
        for (std::size_t i = 1; i < 100'000; ++i) {
            bar.update({.done = i, .total = 100'000, .images = i, .loss = 1.0, .metrics = accuracy, .values = half});
        }
        const std::string text = out.str();
        if (interactive) {
            CHECK(std::count(text.begin(), text.end(), '\r') < 100);  // ten a second
        } else {
            CHECK(text.empty());
        }
    }
    std::ostringstream out;
    progress_bar bar{out, false, 0, std::chrono::seconds{0}};
    bar.begin("epoch 1/1");
    bar.update({.done = 5, .total = 10, .images = 160, .loss = 1.0, .metrics = accuracy, .values = half});
    CHECK(train_test::contains(out.str(), "epoch 1/1 5/10 ETA "));
    CHECK(out.str().back() == '\n');
    CHECK(!train_test::contains(out.str(), "\033"));
}

TEST_CASE("a message goes above the bar, and the bar goes away at the end") {
    std::ostringstream out;
    {
        progress_bar bar{out, true, 80};
        bar.begin("x");
        bar.update({.done = 1, .total = 2, .images = 1, .loss = 0.0, .metrics = accuracy, .values = none});
        bar.print("hello");
        CHECK(train_test::contains(out.str(), "\r\033[Khello\n"));
        bar.update({.done = 2, .total = 2, .images = 1, .loss = 0.0, .metrics = accuracy, .values = none});
    }
    CHECK(out.str().ends_with("\r\033[K"));
}

TEST_CASE("times as text") {
    CHECK(detail::clock_text(0.2) == "0:00");
    CHECK(detail::clock_text(65.0) == "1:05");
    CHECK(detail::clock_text(3723.0) == "1:02:03");
    CHECK(detail::clock_text(std::nan("")) == "0:00");
}
