// SPDX-License-Identifier: BSD-3-Clause
// Are the random numbers the same everywhere, and are they random?
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "support.hpp"

using fovea::detail::random_bits;
using fovea::detail::random_stream;

// Evaluated by the compiler: the same on every one of them, or this does not build.
static_assert(random_bits(1, 2, 3) != random_bits(1, 3, 2));
static_assert(random_bits(0, 0, 0) == 0xD37690236F2CBF70ULL);
static_assert([] {
    random_stream random{42, 7};
    double sum = 0.0;
    for (int i = 0; i < 100; ++i) {
        sum += random.normal();
    }
    return sum;
}() == -0x1.771b8247699a9p+1);

TEST_CASE("random numbers at run time are those of the compiler") {
    volatile std::uint64_t seed = 42;
    random_stream random{seed, 7};
    double sum = 0.0;
    for (int i = 0; i < 100; ++i) {
        sum += random.normal();
    }
    CHECK(sum == -0x1.771b8247699a9p+1);
}

TEST_CASE("uniform, normal and bounded numbers have their moments") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    random_stream random{seed};
    constexpr int count = 200'000;
    double u1 = 0.0, u2 = 0.0, n1 = 0.0, n2 = 0.0, n4 = 0.0;
    int beyond_two = 0;
    std::array<int, 7> seen{};
    for (int i = 0; i < count; ++i) {
        const double u = random.uniform();
        CHECK((u >= 0.0 && u < 1.0));
        u1 += u;
        u2 += u * u;
        const double n = random.normal();
        n1 += n;
        n2 += n * n;
        n4 += n * n * n * n;
        beyond_two += std::abs(n) > 2.0 ? 1 : 0;
        ++seen[static_cast<std::size_t>(random.below(7))];
    }
    // Six standard errors each: one false alarm in 10^8 runs.
    const double six = 6.0 / std::sqrt(static_cast<double>(count));
    CHECK(std::abs(u1 / count - 0.5) < six * std::sqrt(1.0 / 12.0));
    CHECK(std::abs(u2 / count - 1.0 / 3.0) < six * std::sqrt(4.0 / 45.0));
    CHECK(std::abs(n1 / count) < six);
    CHECK(std::abs(n2 / count - 1.0) < six * std::sqrt(2.0));
    CHECK(std::abs(n4 / count - 3.0) < six * std::sqrt(96.0));
    CHECK(std::abs(beyond_two / static_cast<double>(count) - 0.0455003) < six * std::sqrt(0.0455 * 0.9545));
    for (const int n : seen) {
        CHECK(std::abs(n / static_cast<double>(count) - 1.0 / 7.0) < six * std::sqrt(6.0 / 49.0));
    }
    CHECK(random.below(1) == 0);
}

TEST_CASE("shuffle permutes, every element to every place") {
    std::array<std::array<int, 5>, 5> places{};
    constexpr int count = 20'000;
    for (std::uint64_t s = 0; s < count; ++s) {
        std::array<std::size_t, 5> values{0, 1, 2, 3, 4};
        random_stream{s}.shuffle(std::span{values});
        for (std::size_t i = 0; i < 5; ++i) {
            ++places[i][values[i]];
        }
        std::sort(values.begin(), values.end());
        REQUIRE(values == std::array<std::size_t, 5>{0, 1, 2, 3, 4});
    }
    for (const auto& row : places) {
        for (const int n : row) {
            CHECK(std::abs(n - count / 5) < 6.0 * std::sqrt(count * 0.16));
        }
    }
}
