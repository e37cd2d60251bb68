// SPDX-License-Identifier: BSD-3-Clause
// Do the constexpr functions agree with <cmath>?
#include <fovea/detail/constexpr_math.hpp>

#include <cmath>
#include <random>

#include "catch.hpp"

namespace detail = fovea::detail;

static_assert(detail::square_root(4) == 2 && detail::square_root(0) == 0 && detail::square_root(-1) == 0);
static_assert(detail::exponential(0) == 1 && detail::exponential(-1'000) == 0);
static_assert(detail::arc_tangent(0, 1) == 0 && detail::arc_tangent(0, 0) == 0);

TEST_CASE("Constexpr root, exponential and angle", "[math]") {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> unit(0, 1);
    const auto ulps = [](double a, double b) { return std::abs(a - b) / (std::nextafter(b, INFINITY) - b); };
    double root = 0, power = 0, angle = 0;
    for (int i = 0; i < 200'000; ++i) {
        const double x = std::ldexp(unit(random) + 0.5, static_cast<int>(random() % 2'000) - 1'000);
        root = std::max(root, ulps(detail::square_root(x), std::sqrt(x)));
        const double e = unit(random) * 1'400 - 700;
        power = std::max(power, ulps(detail::exponential(e), std::exp(e)));
        const double a = unit(random) - 0.5, b = (unit(random) - 0.5) * (i % 3 == 0 ? 1e-6 : 1);
        angle = std::max(angle, std::abs(detail::arc_tangent(a, b) - std::atan2(a, b)));
    }
    CHECK(root <= 2);
    CHECK(power <= 4);
    CHECK(angle <= 1e-15);
    CHECK(std::isinf(detail::exponential(710)));
    CHECK(std::isinf(detail::square_root(INFINITY)));
}
