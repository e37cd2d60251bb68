// SPDX-License-Identifier: BSD-3-Clause
// How fast are the kernels that do little with each value? exp and its kin against xsimd's and the C library's; pools,
// softmax and deconvolutions on maps in the second-level cache, in bytes of values read and written a second beside a
// copy's; 1x1 convolutions as a share of the multiply-add peak.
// usage: bench_passes [text in the name]
#include <cmath>
#include <cstdio>
#include <cstring>

#include <fovea/execute/kernels/deconv.hpp>
#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/pool.hpp>

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

/// work(in, out): a kernel from a map of layout In to one of Out.
template <map_layout In, map_layout Out, class Work>
void maps(const char* name, Work work, double macs = 0) {
    if (std::strstr(name, wanted) == nullptr) {
        return;
    }
    map_buffer in(In, 1);
    map_buffer out(Out, 2);
    result r;
    r.macs = macs;
    measure(r, [&] { work(in.first, out.first); }, 9);
    const double bytes = 4.0 * static_cast<double>(In.channels * In.height * In.width + Out.channels * Out.height * Out.width);
    std::printf("%-28s %8.2f us %7.1f GB/s", name, median(r.seconds) * 1e6, bytes / median(r.seconds) * 1e-9);
    std::printf(macs > 0 ? "  %.2f of the peak\n" : "\n", median(r.share));
}

constexpr conv_geometry pool(std::ptrdiff_t kernel, std::ptrdiff_t stride) {
    conv_geometry g = same(32, 32, 32, 32, kernel, 1, stride, 32);
    g.pad_top = g.pad_left = stride == 1 ? kernel / 2 : (kernel - stride) / 2;
    return g;
}

template <conv_geometry G>
void pools(const char* most, const char* mean) {
    detail::aligned_array<float> scratch(kernels::max_pool_forward<float, G>::scratch_size + 64);
    maps<G.in, G.out>(most, [&](const float* in, float* out) {
        kernels::max_pool_forward<float, G>::run(in, out, scratch.data(), 0, G.out.height);
    });
    maps<G.in, G.out>(mean, [&](const float* in, float* out) {
        kernels::average_pool_forward<float, G>::run(in, out, scratch.data(), 0, G.out.height);
    });
}

template <conv_geometry G>
void pointwise(const char* name) {
    using kernel = kernels::conv_forward<float, G, activation::relu>;
    detail::aligned_array<float> packed(kernel::packed_size + 1), scratch(kernel::scratch_size + 1);
    std::vector<float> bias(static_cast<std::size_t>(G.out.channels), 0.1F);
    maps<G.in, G.out>(
        name,
        [&](const float* in, float* out) {
            kernel::run(in, packed.data(), bias.data(), nullptr, out, scratch.data(), 0, G.out.height);
        },
        static_cast<double>(G.weight_count() * G.out.height * G.out.width));
}

template <conv_geometry G>
void deconv(const char* name) {
    using kernel = kernels::deconv_forward<float, G, activation::relu>;
    detail::aligned_array<float> packed(kernel::packed_size + 1), scratch(kernel::scratch_size + 1);
    std::vector<float> bias(static_cast<std::size_t>(G.in.channels), 0.1F);
    maps<G.out, G.in>(
        name,
        [&](const float* in, float* out) {
            kernel::run(in, packed.data(), bias.data(), nullptr, out, scratch.data(), 0, G.in.height);
        },
        static_cast<double>(G.weight_count() * G.out.height * G.out.width));
}

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

    constexpr map_layout map = make_map_layout(32, 32, 32, 1);
    maps<map, map>("copy 32x32x32", [](const float* in, float* out) {
        kernels::activation_forward<float, map, activation::none>::run(in, nullptr, out, 0, 32);
    });
    pools<pool(3, 1)>("MaxPool 3x3", "AvgPool 3x3");
    pools<pool(2, 2)>("MaxPool 2x2 stride 2", "AvgPool 2x2 stride 2");
    maps<map, make_map_layout(32, 1, 1, 0)>("GAP 32x32x32", [](const float* in, float* out) {
        kernels::global_average_pool_forward<float, map>::run(in, out);
    });
    constexpr map_layout scores = make_map_layout(11, 64, 84, 0);
    maps<scores, scores>("Softmax 11x64x84", [](const float* in, float* out) {
        kernels::softmax_forward<float, scores>::run(in, out, 0, 64);
    });
    pointwise<same(16, 64, 32, 32, 1, 1)>("Conv1x1 16->64");
    pointwise<same(64, 64, 32, 32, 1, 1)>("Conv1x1 64->64");
    pointwise<same(48, 11, 64, 84, 1, 1)>("Conv1x1 48->11 64x84");
    pointwise<same(64, 128, 14, 14, 1, 1)>("Conv1x1 64->128 14x14");
    pointwise<same(256, 256, 7, 7, 1, 1)>("Conv1x1 256->256 7x7");
    constexpr conv_geometry doubled{.in = make_map_layout(16, 64, 64, 0),
                                    .out = make_map_layout(32, 32, 32, 0),
                                    .kernel_height = 2,
                                    .kernel_width = 2,
                                    .stride_height = 2,
                                    .stride_width = 2};
    deconv<doubled>("Deconv 2x2 stride 2 32->16");
}
