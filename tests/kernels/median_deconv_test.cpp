// SPDX-License-Identifier: BSD-3-Clause
// Do median pools and transposed convolutions, forward and backward, compute what the plain loops do?
#include <fovea/execute/kernels/deconv.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>
#include <fovea/train/kernels/elementwise_backward.hpp>
#include <fovea/train/kernels/median_pool_backward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

/// A pool with windows up to 4 x 9; `kernel` gives a square one on a map that it fits.
constexpr conv_geometry random_pool(std::uint64_t n, std::ptrdiff_t kernel = 0) {
    conv_geometry g = random_geometry(kernel > 0 || n % 2 == 0 ? family::plain : family::strided, 700 + n);
    const auto channels = 1 + static_cast<std::ptrdiff_t>(n % 3);
    if (kernel > 0) {
        g.kernel_height = g.kernel_width = kernel;
        g.dilation_height = g.dilation_width = 1;
        g.pad_top = g.pad_left = kernel / 2;
        g.in.height = g.out.height = 6 + kernel / 2;
        g.in.width = g.out.width = 17 + kernel;
    }
    g.in = make_map_layout(channels, g.in.height, g.in.width, static_cast<std::ptrdiff_t>(n % 3) * 9);
    g.out = make_map_layout(channels, g.out.height, g.out.width, static_cast<std::ptrdiff_t>(n % 2) * 5);
    g.groups = channels;
    return g;
}

template <class T, conv_geometry G>
void check_median(std::uint64_t seed, data_kind kind) {
    using forward = kernels::median_pool_forward<T, G>;
    using backward = kernels::median_pool_backward<T, G>;
    detail::random_stream random(seed);
    const double eps = std::numeric_limits<T>::epsilon();
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, data_kind::integers);
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> gradient(G.out, dout);
    map_in_memory<T> din(G.in);
    detail::aligned_array<T> scratch(at(forward::scratch_size + backward::scratch_size));

    std::vector<std::array<std::size_t, 2>> which;
    const values expected = reference::median_pool(G, in, &which);
    check_rows<T>(G, expected, kind == data_kind::integers ? 0 : eps, "median_pool_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
                      forward::run(source.first(), out, scratch.data(), a, b);
                  });
    std::vector<bool> filled(dout.size());
    reference::for_each_product(G, [&](std::size_t, std::size_t o, std::size_t) { filled[o] = true; });
    values given(in.size());
    for (std::size_t o = 0; o < dout.size(); ++o) {
        for (const std::size_t i : which[o]) {
            given[i] += filled[o] ? dout[o] / 2 : 0;
        }
    }
    backward::run(source.first(), gradient.first(), din.first(), scratch.data());
    expect_same(din.difference(given, 0), "median_pool_backward", G, seed);
}

/// The mirrored convolution of a random Deconv: strides up to twice the kernel, crops, output padding.
constexpr conv_geometry random_deconv(std::uint64_t n) {
    detail::random_stream random(geometry_seed + 200, n);
    const auto draw = [&](std::ptrdiff_t low, std::ptrdiff_t high) {
        return low + static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    };
    for (;;) {
        conv_geometry g;
        const bool line = n % 5 == 4;
        g.kernel_height = line ? 1 : draw(1, 4);
        g.kernel_width = draw(1, 5);
        g.dilation_height = line ? 1 : draw(1, 2);
        g.dilation_width = draw(1, 3);
        g.stride_height = line || n % 4 == 0 ? 1 : draw(1, 4);
        g.stride_width = n % 4 == 0 ? 1 : draw(1, 4);
        g.groups = n % 3 == 2 ? draw(2, 3) : 1;
        const std::ptrdiff_t in = g.groups * draw(1, 7), out = g.groups * draw(1, 9);
        const std::ptrdiff_t height = line ? 1 : draw(1, 6), width = draw(1, 24);
        const auto larger = [](std::ptrdiff_t a, std::ptrdiff_t b) { return a > b ? a : b; };
        const auto extent = [&](std::ptrdiff_t from, std::ptrdiff_t stride, std::ptrdiff_t kernel,
                                std::ptrdiff_t dilation, std::ptrdiff_t& pad) {
            pad = draw(0, (kernel - 1) * dilation + (n % 6 == 0 ? 2 : 0));
            const std::ptrdiff_t pad_after = draw(0, (kernel - 1) * dilation);
            return (from - 1) * stride - pad - pad_after + (kernel - 1) * dilation + 1 +
                   draw(0, larger(stride, dilation) - 1);
        };
        const std::ptrdiff_t out_height =
            line ? 1 : extent(height, g.stride_height, g.kernel_height, g.dilation_height, g.pad_top);
        const std::ptrdiff_t out_width = extent(width, g.stride_width, g.kernel_width, g.dilation_width, g.pad_left);
        if (out_height < 1 || out_width < 1) {
            continue;
        }
        g.in = make_map_layout(out, out_height, out_width, 0);
        g.out = make_map_layout(in, height, width, 0);
        const std::ptrdiff_t reach = larger(g.reach_left(), g.reach_right());
        g.in = make_map_layout(out, out_height, out_width, reach);
        g.out = make_map_layout(in, height, width, g.transposed_reach());
        return g;
    }
}

template <class T, conv_geometry G, activation A>
void check_deconv(std::uint64_t seed, data_kind kind) {
    using kernel = kernels::deconv_forward<T, G, A>;
    detail::random_stream random(seed);
    const values in = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    const values weights = random_values(G.weight_count(), random, kind_of_weights(kind));
    const values bias = random.chance(0.8) ? random_values(G.in.channels, random, kind_of_weights(kind)) : values{};
    const values slope = random_slopes(G.in.channels, random);
    values expected = reference::deconv_forward(G, in, weights, bias);
    activate(A, expected, slope, G.in.height * G.in.width);
    const double bound = bound_of<T>(kind, G.out_per_group() * G.kernel_height * G.kernel_width, 1, 1) +
                         (kernels::is_cheap<A> ? 0 : 4e-6);
    map_in_memory<T> source(G.out, in);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size + 1));
    kernel::pack(w.data(), packed.data());
    constexpr conv_geometry shown = {.in = G.out,
                                     .out = G.in,
                                     .groups = G.groups,
                                     .kernel_height = G.kernel_height,
                                     .kernel_width = G.kernel_width,
                                     .dilation_height = G.dilation_height,
                                     .dilation_width = G.dilation_width,
                                     .stride_height = G.stride_height,
                                     .stride_width = G.stride_width,
                                     .pad_top = G.pad_top,
                                     .pad_left = G.pad_left};
    check_rows<T>(shown, expected, bound, "deconv_forward", seed, random,
                  [&](T* out, std::ptrdiff_t first, std::ptrdiff_t last) {
                      kernel::run(source.first(), packed.data(), bias.empty() ? nullptr : b.data(), s.data(), out,
                                  scratch.data(), first, last);
                  });
}

/// The gradients of a Deconv are the mirrored convolution and its weights' gradient with the maps exchanged.
template <class T, conv_geometry G>
void check_deconv_backward(std::uint64_t seed) {
    using data = kernels::conv_forward<T, G>;
    using weight = kernels::conv_backward_weights<T, G>;
    detail::random_stream random(seed);
    const auto draw = [&](std::ptrdiff_t count) { return random_values(count, random, data_kind::integers); };
    const values x = draw(G.out.channels * G.out.height * G.out.width);
    const values dy = draw(G.in.channels * G.in.height * G.in.width);
    const values weights = draw(G.weight_count());
    values expected_x(x.size());
    values expected_w(weights.size());
    values expected_b(at(G.in.channels));
    reference::for_each_product(G, [&](std::size_t to, std::size_t from, std::size_t w) {
        expected_x[from] += dy[to] * weights[w];
        expected_w[w] += dy[to] * x[from];
    });
    for (std::size_t i = 0; i < dy.size(); ++i) {
        expected_b[i / at(G.in.height * G.in.width)] += dy[i];
    }
    map_in_memory<T> gradient(G.in, dy);
    map_in_memory<T> saved(G.out, x);
    map_in_memory<T> dx(G.out);
    detail::aligned_array<T> packed(at(data::packed_size));
    detail::aligned_array<T> scratch(at(data::scratch_size + weight::scratch_size + 1));
    const auto w = compact<T>(weights);
    data::pack(w.data(), packed.data());
    data::run(gradient.first(), packed.data(), nullptr, nullptr, dx.first(), scratch.data(), 0, G.out.height);
    expect_same(dx.difference(expected_x, 0), "deconv, gradient of the input", G, seed);

    detail::aligned_array<T> dw(weights.size());
    detail::aligned_array<T> db(expected_b.size());
    std::fill_n(dw.data(), dw.size(), T(0));
    std::fill_n(db.data(), db.size(), T(0));
    weight::run(gradient.first(), saved.first(), dw.data(), nullptr, scratch.data());
    kernels::channel_sums<T, G.in>::run(gradient.first(), db.data());
    const auto same = [](const values& expected, const detail::aligned_array<T>& got) {
        return std::equal(expected.begin(), expected.end(), got.data(),
                          [](double a, T b) { return std::abs(a - static_cast<double>(b)) <= 0; });
    };
    expect_same(same(expected_w, dw) ? "" : "values differ", "deconv, gradient of the weights", G, seed);
    expect_same(same(expected_b, db) ? "" : "values differ", "deconv, gradient of the bias", G, seed);
}

template <class T, std::ptrdiff_t Kernel, std::uint64_t N>
void check_medians() {
    constexpr conv_geometry g = random_pool(N, Kernel);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        check_median<T, g>(100 * N + seed, data_kind::integers);
        check_median<T, g>(100 * N + seed + 50, data_kind::reals);
        check_median<T, g>(100 * N + seed + 70, data_kind::specials);
    }
}

TEST_CASE("median pools, any window") {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (check_medians<std::conditional_t<N % 4 == 1, double, float>, 0, N>(), ...);
    }
    (std::make_integer_sequence<std::uint64_t, 14>{});
}

TEST_CASE("median pools, square windows") {
    check_medians<float, 1, 20>();
    check_medians<float, 2, 21>();
    check_medians<float, 3, 22>();
    check_medians<double, 3, 23>();
    check_medians<float, 5, 24>();
    check_medians<float, 7, 25>();
    check_medians<float, 11, 26>();
}

TEST_CASE("median network sorts the middle of every order of zeros and ones") {
    // A network that sorts all of these sorts everything (Knuth, section 5.3.4, theorem Z).
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (
            [&] {
                constexpr std::ptrdiff_t n = static_cast<std::ptrdiff_t>(I) + 1;
                using network = kernels::median_network<n>;
                std::size_t wrong = 0;
                for (std::uint32_t order = 0; order < (1U << n); ++order) {
                    std::array<int, I + 1> v{};
                    int ones = 0;
                    for (std::size_t i = 0; i < v.size(); ++i) {
                        v[i] = static_cast<int>(order >> i & 1U);
                        ones += v[i];
                    }
                    for (std::size_t e = network::needed.begin; e < network::needed.of.size(); ++e) {
                        const auto x = network::needed.of[e];
                        const int a = v[x.first], b = v[x.second];
                        v[x.first] = x.smaller ? std::min(a, b) : -9;
                        v[x.second] = x.larger ? std::max(a, b) : -9;
                    }
                    const auto sorted = [&](std::ptrdiff_t i) { return i >= n - ones ? 1 : 0; };
                    wrong += v[at(kernels::middle_low(n))] != sorted(kernels::middle_low(n)) ||
                                     v[at(kernels::middle_high(n))] != sorted(kernels::middle_high(n))
                                 ? 1
                                 : 0;
                }
                CHECK(wrong == 0);
            }(),
            ...);
    }
    (std::make_index_sequence<13>{});
}

TEST_CASE("transposed convolutions") {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (
            [&] {
                using T = std::conditional_t<N % 4 == 1, double, float>;
                constexpr conv_geometry g = random_deconv(N);
                constexpr std::array kinds = {activation::none, activation::relu, activation::prelu,
                                              activation::leaky_relu, activation::silu};
                for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                    check_deconv<T, g, kinds[N % kinds.size()]>(100 * N + seed, data_kind::reals);
                    check_deconv<T, g, kinds[N % kinds.size()]>(100 * N + seed + 70, data_kind::specials);
                    if constexpr (kernels::is_cheap<kinds[N % kinds.size()]>) {
                        check_deconv<T, g, kinds[N % kinds.size()]>(100 * N + seed + 50, data_kind::integers);
                    }
                }
            }(),
            ...);
    }
    (std::make_integer_sequence<std::uint64_t, 14>{});
}

TEST_CASE("gradients of transposed convolutions") {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (
            [&] {
                for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                    check_deconv_backward<float, random_deconv(20 + N)>(100 * N + seed);
                }
            }(),
            ...);
    }
    (std::make_integer_sequence<std::uint64_t, 7>{});
}

}  // namespace
}  // namespace fovea::test
