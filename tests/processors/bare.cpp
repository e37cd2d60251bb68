// SPDX-License-Identifier: BSD-3-Clause
// Does a program run a network that has no exceptions, no run-time types, no files, and no threads if FOVEA_NO_THREADS?
// With a name as its argument it asks for a tensor of that name.
#include <cmath>
#include <cstdio>

#include <fovea/dsl.hpp>
#include <fovea/execute/engine.hpp>
#include <fovea/execute/model.hpp>
#include <fovea/execute/tiled.hpp>

#if defined(__cpp_exceptions)
#error "this program is for builds without exceptions"
#endif

using namespace fovea;

namespace {

constexpr std::size_t height = 7, width = 9;
using Net = Network<Input<2, height, width>, Conv<out<3>>, ReLU>;

float pixel(std::size_t c, std::size_t y, std::size_t x) {
    return static_cast<float>((c * 31 + y * 7 + x * 3) % 11) / 4 - 1;
}
float weight(std::size_t i) { return static_cast<float>(i * 5 % 13) / 8 - 0.7F; }

/// One output, from the definition.
double expected(const Weights<Net>& w, std::size_t o, std::size_t y, std::size_t x) {
    const auto kernel = w.tensor("0.weight");
    double sum = w.tensor("0.bias")(o);
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t k = 0; k < 9; ++k) {
            const std::size_t sy = y + k / 3, sx = x + k % 3;  // plus the padding, 1
            if (sy >= 1 && sy <= height && sx >= 1 && sx <= width) {
                sum += static_cast<double>(kernel(o, c, k / 3, k % 3)) * static_cast<double>(pixel(c, sy - 1, sx - 1));
            }
        }
    }
    return sum > 0 ? sum : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Weights<Net> weights;
    std::size_t i = 0;
    for (float& v : weights.values()) {
        v = weight(i++);
    }
    if (argc > 1) {
        return static_cast<int>(weights.tensor(argv[1]).size());
    }
    xt::xtensor<float, 3> x({2, height, width});
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t p = 0; p < height * width; ++p) {
            x(c, p / width, p % width) = pixel(c, p / width, p % width);
        }
    }
    Engine<Net, threads<2>> engine(weights);
    Tiled<Net> tiled(weights);
    const auto& whole = engine(x);
    const auto pieces = tiled(x);
    double worst = 0;
    for (std::size_t o = 0; o < 3; ++o) {
        for (std::size_t p = 0; p < height * width; ++p) {
            const double e = expected(weights, o, p / width, p % width);
            worst = std::fmax(worst, std::fabs(e - static_cast<double>(whole(o, p / width, p % width))));
            worst = std::fmax(worst, std::fabs(e - static_cast<double>(pieces(o, p / width, p % width))));
        }
    }
    std::printf("largest error %g\n", worst);
    return worst < 1e-5 ? 0 : 1;
}
