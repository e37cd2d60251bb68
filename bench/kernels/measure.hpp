// SPDX-License-Identifier: BSD-3-Clause
// How fast is a kernel, and how fast could it be? Times a piece of work and bursts of multiply-adds in turn.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/execute/kernels/simd.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea::bench {
using clock_type = std::chrono::steady_clock;

inline double seconds_of(auto&& work, int repeats) {
    const auto begin = clock_type::now();
    for (int i = 0; i < repeats; ++i) {
        work();
        asm volatile("" ::: "memory");
    }
    return std::chrono::duration<double>(clock_type::now() - begin).count() / repeats;
}

inline double median(std::vector<double> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return v[v.size() / 2];
}

/// One burst of independent FMA chains; GFLOP/s. Operands are not zero: zeros cost less power and flatter the clock.
template <class T>
struct peak {
    using vector = kernels::batch<T>;
    static constexpr std::size_t chains = kernels::vector_registers > 16 ? 24 : 12;
    static constexpr int steps = 20000;

    template <std::size_t... I>
    FOVEA_INLINE static void step(vector* acc, vector a, vector b, std::index_sequence<I...>) {
        ((acc[I] = kernels::fmadd(acc[I], a, b)), ...);
    }
    [[gnu::noinline]] static T burst(T start) {
        vector acc[chains];
        for (std::size_t i = 0; i < chains; ++i) {
            acc[i] = vector(start + static_cast<T>(i));
        }
        const vector a(T(0.999) + start * T(1e-9));
        const vector b(T(0.37) + start * T(1e-9));
        for (int i = 0; i < steps; ++i) {
            step(acc, a, b, std::make_index_sequence<chains>{});
            asm volatile("");
        }
        T sum = 0;
        for (auto& v : acc) {
            sum += kernels::reduce_add(v);
        }
        return sum;
    }
    static double measure() {
        const double s = seconds_of(
            [] {
                const T sum = burst(T(1));
                asm volatile("" : : "m"(sum));
            },
            1);
        return 2.0 * chains * steps * static_cast<double>(kernels::lanes<T>) / s * 1e-9;
    }
};

struct result {
    double macs = 0;
    std::vector<double> seconds;
    std::vector<double> share;
};

inline void measure(result& r, auto&& work, int rounds) {
    const double once = seconds_of(work, 3);
    const int repeats = std::max(1, static_cast<int>(1.5e-3 / once));
    for (int i = 0; i < rounds; ++i) {
        const double before = peak<float>::measure();
        const double s = seconds_of(work, repeats);
        const double after = peak<float>::measure();
        r.seconds.push_back(s);
        r.share.push_back(2 * r.macs / s * 1e-9 / std::max(before, after));
    }
}

/// A "same" convolution; gaps as an engine would lay them out.
constexpr conv_geometry same(std::ptrdiff_t in, std::ptrdiff_t out, std::ptrdiff_t height, std::ptrdiff_t width,
                             std::ptrdiff_t kernel, std::ptrdiff_t dilation, std::ptrdiff_t stride = 1,
                             std::ptrdiff_t groups = 1) {
    const std::ptrdiff_t reach = (kernel - 1) * dilation / 2;
    return {.in = make_map_layout(in, height, width, reach),
            .out = make_map_layout(out, (height + stride - 1) / stride, (width + stride - 1) / stride, reach),
            .groups = groups,
            .kernel_height = kernel,
            .kernel_width = kernel,
            .dilation_height = dilation,
            .dilation_width = dilation,
            .stride_height = stride,
            .stride_width = stride,
            .pad_top = reach,
            .pad_left = reach};
}

struct map_buffer {
    explicit map_buffer(const map_layout& m, std::uint64_t seed)
        : memory(static_cast<std::size_t>(m.footprint())), first(memory.data() + m.guard) {
        detail::random_stream random(seed);
        for (std::ptrdiff_t c = 0; c < m.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < m.height; ++y) {
                for (std::ptrdiff_t x = 0; x < m.width; ++x) {
                    first[c * m.plane + y * m.pitch + x] = static_cast<float>(random.symmetric(1));
                }
            }
        }
    }
    detail::aligned_array<float> memory;
    float* first;
};

}  // namespace fovea::bench
