// SPDX-License-Identifier: BSD-3-Clause
// docs/adding-a-brick.md: bricks of a program's own in an engine, in strips, in training and in a report.
#include "own_bricks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <fovea/execute/tiled.hpp>
#include <fovea/report.hpp>
#include <fovea/train/gradient_check.hpp>
#include <fovea/train/initialise.hpp>

using namespace fovea;

// [use]
using Net = Network<Input<2, 6, 7>, mine::LayerNorm, Conv<out<8>>, mine::LayerNorm, mine::Soft, mine::PixelShuffle<2>,
                    Residual<Sequential<Conv<>, mine::LayerNorm>>, GAP, Conv1x1<4>, Softmax>;
static_assert(claim<parameter_count<Net>, 226> && layers<Net>[2].name == "LayerNorm");
static_assert(claim<output_shape<Net>, Shape{4, 1, 1}> && tensors<Net>[0].name == std::string_view("0.weight"));

bool gradient_is_right() { return check_gradient<Net>().worst < 1e-5; }
// [use]

static_assert(claim<receptive_field<Net>, Extent{4, 4}>);  // two 3x3, the second on a grid of half steps
static_assert(claim<is_causal<Network<Input<1, 9>, Conv<causal>, mine::Soft>>, true>);

using Flat = Network<Input<2, 40, 45>, Conv<out<8>>, mine::LayerNorm, mine::Soft, Conv<out<3>>, mine::Soft>;

bool ok = true;
void check(bool holds, const char* what) {
    ok = ok && holds;
    if (!holds) {
        std::printf("wrong: %s\n", what);
    }
}

std::vector<float> values(std::size_t n) {
    std::vector<float> v(n);
    for (std::size_t i = 0; i < n; ++i) {
        v[i] = std::sin(static_cast<float>(i * i % 97));
    }
    return v;
}

/// Against the formulas, with slopes and offsets that are no identity.
void check_values() {
    using Two = Network<Input<3, 4, 21>, mine::LayerNorm, mine::Soft>;
    Weights<Two> w;
    const std::vector<float> p = values(6), x = values(input_shape<Two>.size());
    std::copy(p.begin(), p.end(), w.parameters().begin());
    std::vector<float> y(x.size());
    Engine<Two> engine(w);
    engine.run(x.data(), y.data());
    constexpr std::size_t n = 4 * 21;
    double worst = 0;
    for (std::size_t at = 0; at < n; ++at) {
        double mean = 0, variance = 0;
        for (std::size_t c = 0; c < 3; ++c) {
            mean += double{x[c * n + at]} / 3;
        }
        for (std::size_t c = 0; c < 3; ++c) {
            variance += std::pow(double{x[c * n + at]} - mean, 2) / 3;
        }
        for (std::size_t c = 0; c < 3; ++c) {
            const double v =
                double{p[c]} * (double{x[c * n + at]} - mean) / std::sqrt(variance + 1e-5) + double{p[3 + c]};
            worst = std::max(worst, std::abs(v / (1 + std::abs(v)) - double{y[c * n + at]}));
        }
    }
    check(worst < 1e-5, "LayerNorm, Soft");

    using Shuffle = Network<Input<8, 2, 3>, mine::PixelShuffle<2>>;
    std::vector<float> from = values(48), to(48);
    Engine<Shuffle> shuffle{Weights<Shuffle>{}};
    shuffle.run(from.data(), to.data());
    // Channel 1, row 3, column 4 of 2x4x6: channel 1 * 4 + 1 * 2 + 0, row 1, column 2.
    check(to[1 * 24 + 3 * 6 + 4] == from[6 * 6 + 1 * 3 + 2], "PixelShuffle");
}

void check_executors() {
    const auto w = he_normal<Flat>(5);
    const std::vector<float> x = values(input_shape<Flat>.size());
    std::vector<float> once(output_shape<Flat>.size()), shared(once.size());
    Engine<Flat> engine(w);
    Engine<Flat, threads<2>> team(w);
    engine.run(x.data(), once.data());
    team.run(x.data(), shared.data());
    check(once == shared, "two threads");

    xt::xtensor<float, 3> image = xt::zeros<float>({2, 40, 45});
    std::copy(x.begin(), x.end(), image.begin());
    Tiled<Flat, strip_columns<16>> tiled(w);
    const auto y = tiled(image);
    check(std::equal(once.begin(), once.end(), y.begin()), "Tiled");
}

int main() {
    check_values();
    check_executors();
    check(gradient_is_right(), "gradient");
    write_report<Net>("own_brick.html");
    return ok ? 0 : 1;
}
