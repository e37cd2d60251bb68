// SPDX-License-Identifier: BSD-3-Clause
// program LEVEL: does a model choose LEVEL ("highest": this processor's), compute what the engine of this file
// computes, and keep code and initialisers of the other levels from running? Compiled for the compiler's default.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <vector>

#include <models/dispatched.hpp>

#include <fovea/execute/engine.hpp>

#include "net.hpp"

using namespace fovea;
using dispatch_test::Net;

namespace {

constinit std::array<int, 5> initialised{};  // how often, by level
int failures = 0;

void expect(bool right, const char* what) {
    if (!right) {
        ++failures;
        std::printf("wrong: %s\n", what);
    }
}

// --- the rules, on invented processors ---

constexpr detail::x86_features v2{0x00982201, 0, 0x01, 0};
constexpr detail::x86_features v3{0x00982201 | 0x38401000, 0x128, 0x21, 0x07};
constexpr detail::x86_features v4{v3.basic, 0x128 | 0xD0030000, v3.amd, 0xE7};
static_assert(detail::x86_level({}) == 1);
static_assert(detail::x86_level(v2) == 2);
static_assert(detail::x86_level(v3) == 3);
static_assert(detail::x86_level(v4) == 4);
static_assert(detail::x86_level({v3.basic, v3.extended, v3.amd, 0x03}) == 2, "the system does not save YMM registers");
static_assert(detail::x86_level({v4.basic, v4.extended, v4.amd, 0x07}) == 3, "the system does not save ZMM registers");
static_assert(detail::x86_level({v3.basic & ~0x1000U, v3.extended, v3.amd, v3.saved}) == 2, "AVX2 without FMA");

// --- the model against the engine of this file ---

std::vector<float> numbers(std::size_t count, float scale) {
    std::vector<float> v(count);
    std::uint32_t state = 1;
    for (float& x : v) {
        state = state * 1664525U + 1013904223U;
        x = scale * (static_cast<float>(state >> 8U) / 8388608.0F - 1.0F);
    }
    return v;
}

void check_model(std::string_view wanted) {
    static const std::array<const char*, 5> names{"", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
    if (wanted == "highest") {
        wanted = names[static_cast<std::size_t>(detail::x86_level(detail::this_processor()))];
    }
    const auto level = static_cast<std::size_t>(detail::level_number(wanted));
    expect(dispatch_test::level_of_file() == 1,
           "this file runs an inline function that was compiled for another level");
    expect(initialised == std::array{0, 1, 0, 0, 0}, "initialisers of levels ran before one was chosen");

    Weights<Net> weights;
    const std::vector<float> values = numbers(weights.values().size(), 0.3F);
    std::copy(values.begin(), values.end(), weights.values().begin());
    for (float& v : weights.buffers()) {
        v = std::abs(v) + 0.5F;
    }
    models::dispatched model(weights.values());
    const models::dispatched second(weights.values());
    std::printf("level %s\n", model.level().data());
    expect(model.level() == wanted, "the level");
    std::array expected{0, 1, 0, 0, 0};
    expected[level] += 1;
    expect(initialised == expected, "initialisers of the chosen level run once, the others' never");

    Engine<Net, batch<2>> engine(weights);
    expect(model.batch() == 2 && model.input() == input_shape<Net> && model.outputs().size() == 2 &&
               model.outputs()[0] == output_shape<Net, 0> && model.outputs()[1] == output_shape<Net, 1>,
           "shapes");
    const std::vector<float> x = numbers(2 * input_shape<Net>.size(), 1.0F);
    std::vector<float> y(2 * model.output_size());
    std::vector<float> z(y.size());
    model.run(x.data(), y.data());
    engine.run(x.data(), {z.data(), z.data() + 2 * output_shape<Net, 0>.size()});
    float largest = 0, difference = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
        largest = std::max(largest, std::abs(z[i]));
        const float here = std::abs(y[i] - z[i]);
        difference = std::isnan(difference) || here <= difference ? difference : here;  // a NaN stays
    }
    std::printf("largest difference %g of %g\n", static_cast<double>(difference), static_cast<double>(largest));
    expect(largest > 0.1F && difference <= 1e-5F * largest, "the outputs");

    try {
        models::dispatched(std::span<const float>(weights.values()).first(7));
        expect(false, "seven weights were accepted");
    } catch (const Error&) {
    }
}

}  // namespace

void dispatch_test::note_initialised(int level) { ++initialised[static_cast<std::size_t>(level)]; }

int main(int argc, char** argv) {
    try {
        check_model(argc > 1 ? argv[1] : "highest");
    } catch (const std::exception& e) {
        std::printf("%s\n", e.what());
        return 2;
    }
    return failures == 0 ? 0 : 1;
}
