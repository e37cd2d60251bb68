// SPDX-License-Identifier: BSD-3-Clause
// Are batches a function of (seed, number) alone, whatever the threads do?
#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include <fovea/train/batches.hpp>
#include "support.hpp"

using namespace fovea;

namespace {

struct copied {
    std::vector<float> images;
    std::vector<std::uint8_t> labels;
    friend bool operator==(const copied&, const copied&) = default;
};

copied copy(const batch_view<float>& b, const sample_view& d) {
    const auto* labels = b.labels_as<std::uint8_t>();
    return {{b.images, b.images + b.size * d.image_size()}, {labels, labels + b.size * d.labels[0].shape.size()}};
}

void wait(detail::random_stream& random, double milliseconds) {
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(random.uniform() * milliseconds));
}

}  // namespace

TEST_CASE("every pass holds every sample once, and passes differ") {
    for (const std::size_t count : {1U, 2U, 7U, 100U}) {
        sample_order order{count, 3};
        std::vector<std::vector<std::size_t>> passes;
        for (std::uint64_t pass = 0; pass < 4; ++pass) {
            std::vector<std::size_t> seen;
            for (std::uint64_t i = 0; i < count; ++i) {
                seen.push_back(order.at(pass * count + i));
            }
            passes.push_back(seen);
            std::sort(seen.begin(), seen.end());
            for (std::size_t i = 0; i < count; ++i) {
                REQUIRE(seen[i] == i);
            }
        }
        if (count == 100) {
            CHECK(passes[0] != passes[1]);
            CHECK(passes[1] != passes[2]);
            sample_order other{count, 4};
            CHECK(other.at(0) + 1000 * other.at(1) + 1000000 * other.at(2) !=
                  passes[0][0] + 1000 * passes[0][1] + 1000000 * passes[0][2]);
        }
        sample_order jumping{count, 3};  // any position first
        CHECK(jumping.at(3 * count) == passes[3][0]);
        CHECK(jumping.at(0) == passes[0][0]);
    }
}

TEST_CASE("batches do not depend on timing, on the queue's depth or on where the stream starts") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    const bool per_pixel = GENERATE(false, true);
    const train_test::made_up_data data(23, 2, 6, 5, 3, per_pixel, seed);
    const auto norm = measure_normalisation(data.images.data(), 23, 2, 30);
    augment_options augment{.shift = 0.3, .flip = true};
    const bool custom = GENERATE(false, true);
    if (custom) {
        augment.custom = [](std::span<std::uint8_t> image, std::span<std::uint8_t>, detail::random_stream& random) {
            for (auto& byte : image) {
                byte = static_cast<std::uint8_t>(byte ^ (random.bits() & 15U));
            }
            wait(random, 0.2);
        };
    }
    batch_options options{.batch = 4, .seed = seed, .shuffled = true, .augment = augment, .first_batch = 0, .depth = 3};
    std::vector<copied> expected;
    {
        batch_stream<float> stream{data.view, norm, options};
        for (int i = 0; i < 40; ++i) {
            expected.push_back(copy(stream.next(), data.view));
        }
    }
    CHECK(expected[0] != expected[1]);
    detail::random_stream random{seed};
    for (const std::size_t depth : {1U, 2U, 8U}) {
        for (const std::uint64_t first : {0U, 1U, 5U, 6U, 33U}) {
            options.depth = depth;
            options.first_batch = first;
            batch_stream<float> stream{data.view, norm, options};
            for (std::size_t i = first; i < std::min<std::size_t>(first + 12, 40); ++i) {
                if (random.chance(0.3)) {
                    wait(random, 1.0);
                }
                REQUIRE(copy(stream.next(), data.view) == expected[i]);
            }
        }
    }
}

TEST_CASE("labels per pixel go where their pixels go") {
    train_test::made_up_data data(5, 1, 8, 9, 3, true, 1);
    data.images = data.labels;  // a picture of its own labels
    data.view.images = data.images.data();
    batch_stream<float> stream{data.view,
                               unit_normalisation(1),
                               {.batch = 3,
                                .seed = 9,
                                .shuffled = true,
                                .augment = {.shift = 0.5, .flip = true},
                                .first_batch = 0,
                                .depth = 2}};
    for (int i = 0; i < 50; ++i) {
        const auto b = stream.next();
        for (std::size_t k = 0; k < b.size * 72; ++k) {
            REQUIRE(b.images[k] == static_cast<float>(b.labels_as<std::uint8_t>()[k] / 255.0));
        }
    }
}

TEST_CASE("unshuffled: every sample once, in order, unchanged, then the end") {
    const train_test::made_up_data data(11, 2, 3, 4, 3, false, 2);
    batch_stream<float> stream{
        data.view,
        unit_normalisation(2),
        {.batch = 4, .seed = 9, .shuffled = false, .augment = shift_and_flip(), .first_batch = 0, .depth = 3}};
    std::size_t seen = 0;
    for (auto b = stream.next(); b.size > 0; b = stream.next()) {
        CHECK(b.size == std::min<std::size_t>(4, 11 - seen));
        for (std::size_t i = 0; i < b.size * 24; ++i) {
            REQUIRE(b.images[i] == static_cast<float>(data.images[seen * 24 + i] / 255.0));
        }
        for (std::size_t i = 0; i < b.size; ++i) {
            REQUIRE(b.labels_as<std::uint8_t>()[i] == data.labels[seen + i]);
        }
        seen += b.size;
    }
    CHECK(seen == 11);
    CHECK(stream.next().size == 0);
}

TEST_CASE("an exception of the background thread arrives after the good batches, and stays") {
    const train_test::made_up_data data(10, 1, 2, 2, 3, false, 2);
    int left = 14;
    augment_options augment;
    augment.custom = [&left](std::span<std::uint8_t>, std::span<std::uint8_t>, detail::random_stream&) {
        if (--left < 0) {
            throw Error{"the lamp is broken"};
        }
    };
    batch_stream<float> stream{
        data.view,
        unit_normalisation(1),
        {.batch = 4, .seed = 1, .shuffled = true, .augment = augment, .first_batch = 0, .depth = 8}};
    for (int i = 0; i < 3; ++i) {
        CHECK(stream.next().size == 4);
    }
    CHECK(train_test::refusal([&] { stream.next(); }) == "the lamp is broken");
    CHECK(train_test::refusal([&] { stream.next(); }) == "the lamp is broken");
}

TEST_CASE("a stream can be dropped at any moment") {
    const train_test::made_up_data data(10, 1, 2, 2, 3, false, 2);
    detail::random_stream random{train_test::seed()};
    for (int i = 0; i < 200; ++i) {
        batch_stream<float> stream{
            data.view,
            unit_normalisation(1),
            {.batch = 2, .seed = 1, .shuffled = random.chance(0.7), .augment = {}, .first_batch = 0, .depth = 2}};
        for (std::uint64_t n = random.below(5); n > 0; --n) {
            stream.next();
        }
    }
}

TEST_CASE("streams that make no sense are refused") {
    const train_test::made_up_data data(10, 1, 2, 2, 3, false, 2);
    using train_test::refusal;
    CHECK(train_test::contains(refusal([&] {
                                   batch_stream<float>{data.view, unit_normalisation(2), {}};
                               }),
                               "channels"));
    CHECK(train_test::contains(refusal([&] {
                                   batch_stream<float>{data.view, unit_normalisation(1), {.batch = 0, .augment = {}}};
                               }),
                               "at least one"));
    CHECK(train_test::contains(refusal([&] {
                                   batch_stream<float>{sample_view{}, unit_normalisation(0), {}};
                               }),
                               "empty"));
    batch_options far;
    far.augment.shift = 1.5;
    CHECK(train_test::contains(refusal([&] { batch_stream<float>{data.view, unit_normalisation(1), far}; }), "shift"));
}
