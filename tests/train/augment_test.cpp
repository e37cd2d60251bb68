// SPDX-License-Identifier: BSD-3-Clause
// Do shift and flip move image and labels together, and is normalisation exact?
#include <cmath>
#include <set>

#include <fovea/train/augment.hpp>
#include "support.hpp"

using namespace fovea;

TEST_CASE("shifts are uniform over the range, flips are every second") {
    const augment_options options{.shift = 0.1, .flip = true};
    std::array<int, 41> down{}, right{};
    int mirrored = 0;
    constexpr int count = 40'000;
    for (std::uint64_t i = 0; i < count; ++i) {
        detail::random_stream random{train_test::seed(), i};
        const auto p = detail::draw_placement(options, 64, 84, random);  // up to 6.4 and 8.4 pixels
        REQUIRE(std::abs(p.down) <= 6);
        REQUIRE(std::abs(p.right) <= 8);
        ++down[static_cast<std::size_t>(p.down + 20)];
        ++right[static_cast<std::size_t>(p.right + 20)];
        mirrored += p.mirrored ? 1 : 0;
    }
    const auto near = [](int got, double share) {
        return std::abs(got - share * count) < 6.0 * std::sqrt(count * share * (1.0 - share));
    };
    CAPTURE(train_test::seed());
    CHECK(near(mirrored, 0.5));
    for (std::size_t i = 15; i <= 25; ++i) {
        CHECK(near(down[i], 1.0 / 12.8));
        CHECK(near(right[i], 1.0 / 16.8));
    }
    CHECK(near(down[14], 0.9 / 12.8));
}

TEST_CASE("image and labels move together, edges repeat") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    for (int round = 0; round < 300; ++round) {
        const auto h = 1 + static_cast<std::ptrdiff_t>(random.below(9));
        const auto w = 1 + static_cast<std::ptrdiff_t>(random.below(9));
        const detail::placement p{static_cast<std::ptrdiff_t>(random.below(21)) - 10,
                                  static_cast<std::ptrdiff_t>(random.below(21)) - 10, random.chance(0.5)};
        std::vector<std::size_t> rows(static_cast<std::size_t>(h)), columns(static_cast<std::size_t>(w));
        detail::source_indices(rows, p.down, false);
        detail::source_indices(columns, p.right, p.mirrored);
        std::vector<std::uint8_t> from(static_cast<std::size_t>(h * w)), to(from.size());
        for (auto& byte : from) {
            byte = static_cast<std::uint8_t>(random.below(256));
        }
        detail::place_plane(from.data(), to.data(), rows, columns, [](std::uint8_t b) { return b; });
        for (std::ptrdiff_t y = 0; y < h; ++y) {
            for (std::ptrdiff_t x = 0; x < w; ++x) {
                // Keras's order: shift the picture, then mirror the result
                const std::ptrdiff_t shifted_x = p.mirrored ? w - 1 - x : x;
                const std::ptrdiff_t sy = std::min(std::max<std::ptrdiff_t>(y - p.down, 0), h - 1);
                const std::ptrdiff_t sx = std::min(std::max<std::ptrdiff_t>(shifted_x - p.right, 0), w - 1);
                REQUIRE(to[static_cast<std::size_t>(y * w + x)] == from[static_cast<std::size_t>(sy * w + sx)]);
            }
        }
    }
}

TEST_CASE("normalisation has mean 0 and deviation 1, and survives as text") {
    const train_test::made_up_data data(50, 3, 6, 7, 4, false, train_test::seed());
    const auto n = measure_normalisation(data.images.data(), 50, 3, 42);
    const detail::byte_table<double> table{n};
    for (std::size_t c = 0; c < 3; ++c) {
        double sum = 0.0, squares = 0.0;
        for (std::size_t i = 0; i < 50; ++i) {
            for (std::size_t k = 0; k < 42; ++k) {
                const double x = table.channel(c)[data.images[(i * 3 + c) * 42 + k]];
                sum += x;
                squares += x * x;
            }
        }
        CHECK(std::abs(sum / (50 * 42)) < 1e-6);
        CHECK(squares / (50 * 42) == Approx(1.0).epsilon(1e-6));
    }
    CHECK(normalisation_from_string(to_string(n)) == n);
    CHECK(to_string(channel_normalisation{{0.5F, 0.1F}, {1.0F, 0.25F}}) == "mean=0.5,0.1;deviation=1,0.25");

    const std::vector<std::uint8_t> flat(20, 51);
    const auto constant = measure_normalisation(flat.data(), 2, 1, 10);
    CHECK(constant.mean[0] == 0.2F);
    CHECK(constant.deviation[0] == 1.0F);
}

TEST_CASE("text that is no normalisation is refused") {
    for (const char* text :
         {"", "mean=1", "mean=1;deviation=", "mean=;deviation=", "mean=1,2;deviation=1", "mean=1;deviation=0",
          "mean=1;deviation=-1", "mean=x;deviation=1", "mean=1;deviation=nan", "mean=inf;deviation=1",
          "mean=1,,2;deviation=1,1,1", "deviation=1;mean=1", "mean=1 ;deviation=1"}) {
        CAPTURE(text);
        CHECK(train_test::contains(train_test::refusal([&] { normalisation_from_string(text); }), "normalisation"));
    }
}
