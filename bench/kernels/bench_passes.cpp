// SPDX-License-Identifier: BSD-3-Clause
// How fast are the kernels that do little with each value? exp and its kin against xsimd's and the C library's.
// usage: bench_passes [text in the name]
#include <cmath>
#include <cstdio>
#include <cstring>

#include <fovea/execute/kernels/elementwise.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;
using kernels::batch;

const char* wanted = "";

/// Nanoseconds a value of the ways to do one thing, taking turns; values in the first-level cache.
template <class... Ways>
void values(const char* name, double from, double to, Ways... ways) {
    if (std::strstr(name, wanted) == nullptr) {
        return;
    }
    constexpr std::size_t count = 2048;
    detail::aligned_array<float> x(count);
    detail::aligned_array<float> y(count);
    for (std::size_t i = 0; i < count; ++i) {
        x.data()[i] = static_cast<float>(from + (to - from) * static_cast<double>(i * 1237 % count) / count);
    }
    std::vector<double> times[sizeof...(Ways)];
    for (int round = 0; round < 15; ++round) {
        std::size_t w = 0;
        ((times[w++].push_back(seconds_of(
              [&] {
                  for (std::size_t i = 0; i < count; i += ways.step) {
                      ways(x.data() + i, y.data() + i);
                  }
              },
              200) / count)),
         ...);
    }
    std::printf("%-20s", name);
    for (const auto& t : times) {
        std::printf(" %8.3f", median(t) * 1e9);
    }
    std::printf("  ns a value\n");
}

template <class Function>
struct on_vectors {
    static constexpr auto step = static_cast<std::size_t>(kernels::lanes<float>);
    Function f;
    void operator()(const float* x, float* y) const { kernels::store(y, f(kernels::load(x))); }
};
template <class Function>
on_vectors(Function) -> on_vectors<Function>;

template <class Function>
struct on_values {
    static constexpr std::size_t step = 1;
    Function f;
    void operator()(const float* x, float* y) const { *y = f(*x); }
};
template <class Function>
on_values(Function) -> on_values<Function>;

}  // namespace

int main(int argc, char** argv) {
    wanted = argc > 1 ? argv[1] : "";
    const batch<float> one(1.0F);
    std::printf("%-20s %8s %8s %8s\n", "function", "fovea", "xsimd", "C");
    values("exp", -20, 20, on_vectors{[](batch<float> x) { return kernels::exponential(x); }},
           on_vectors{[](batch<float> x) { return xsimd::exp(x); }}, on_values{[](float x) { return std::exp(x); }});
    values("tanh", -3, 3, on_vectors{[](batch<float> x) { return kernels::hyperbolic_tangent(x); }},
           on_vectors{[](batch<float> x) { return xsimd::tanh(x); }}, on_values{[](float x) { return std::tanh(x); }});
    values("logistic", -20, 20, on_vectors{[](batch<float> x) { return kernels::logistic(x); }},
           on_vectors{[&](batch<float> x) { return one / (one + xsimd::exp(-x)); }},
           on_values{[](float x) { return 1 / (1 + std::exp(-x)); }});
    values("silu", -20, 20, on_vectors{[](batch<float> x) { return kernels::silu(x); }},
           on_vectors{[&](batch<float> x) { return x / (one + xsimd::exp(-x)); }},
           on_values{[](float x) { return x / (1 + std::exp(-x)); }});
}
