// SPDX-License-Identifier: BSD-3-Clause
// Are numbers written as short as they can be and still read back, and as people write them?
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include <fovea/detail/number_from_text.hpp>
#include <fovea/detail/number_text.hpp>

#include "support.hpp"

using namespace fovea::detail;

namespace {

template <class T, class Bits>
void check_round_trip() {
    std::mt19937_64 random(io_test::seed());
    for (int i = 0; i < 20'000; ++i) {
        const auto bits = static_cast<Bits>(random());
        T value{};
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) {
            continue;
        }
        const std::string text = exact_text(value);
        CAPTURE(text);
        REQUIRE(static_cast<T>(sizeof(T) == 4 ? std::strtof(text.c_str(), nullptr)
                                              : std::strtod(text.c_str(), nullptr)) == value);
        // One digit less is another number.
        char shorter[64];
        const auto digits =
            std::count_if(text.begin(),
                          text.begin() + static_cast<std::ptrdiff_t>(std::min(text.find('e'), text.size())),
                          [](char c) { return c >= '0' && c <= '9'; });
        if (digits > 1 && text.find('e') != std::string::npos) {
            std::snprintf(shorter, sizeof shorter, "%.*e", static_cast<int>(digits) - 2, static_cast<double>(value));
            CHECK(static_cast<T>(sizeof(T) == 4 ? std::strtof(shorter, nullptr) : std::strtod(shorter, nullptr)) !=
                  value);
        }
    }
}

}  // namespace

TEST_CASE("numbers: exact ones read back and have no digit too many") {
    check_round_trip<double, std::uint64_t>();
    check_round_trip<float, std::uint32_t>();
    CHECK(exact_text(0.1) == "0.1");
    CHECK(exact_text(0.1F) == "0.1");
    CHECK(exact_text(0.0001) == "0.0001");
    CHECK(exact_text(1e-7) == "1e-07");
    CHECK(exact_text(0.0) == "0");
    CHECK(exact_text(100.0) == "100");
    CHECK(exact_text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(number_from_text<double>(exact_text(1.0 / 3.0)) == 1.0 / 3.0);
    CHECK(!number_from_text<double>("1.0x"));
    CHECK(!number_from_text<double>(""));
}

TEST_CASE("numbers: for readers") {
    CHECK(grouped_text(7) == "7");
    CHECK(grouped_text(123) == "123");
    CHECK(grouped_text(1'234'567) == "1,234,567");
    CHECK(grouped_text(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
    CHECK(fixed_text(0.05, 1) == "0.1");
    CHECK(brief_count(999) == "999");
    CHECK(brief_count(25'215'456) == "25.2 M");
    CHECK(brief_count(999'999) == "1.00 M");
    CHECK(byte_count(1'536) == "1.50 KiB");
    CHECK(percent(0.0312) == "3.1 %");
    CHECK(percent(0.972) == "97 %");
}
