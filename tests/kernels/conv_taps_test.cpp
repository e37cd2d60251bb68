// SPDX-License-Identifier: BSD-3-Clause
// Do convolutions with absent taps compute what the plain loops do, with one pattern of taps and with several dealt
// over the output channels, forward and backward, in every family?
#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

/// Pattern number n of a kernel: few or many taps, at least one.
constexpr tap_set random_mask(std::ptrdiff_t taps, std::uint64_t n) {
    detail::random_stream random(geometry_seed, 5000 + n);
    const double share = 0.15 + 0.35 * static_cast<double>(random.below(3));
    tap_set m = tap_set::of({static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(taps)))});
    for (std::ptrdiff_t k = 0; k < taps; ++k) {
        if (random.chance(share)) {
            m.add(k);
        }
    }
    return m.within(static_cast<std::size_t>(taps));
}

template <std::size_t N>
constexpr std::array<tap_set, N> random_patterns(const conv_geometry& g, std::uint64_t n) {
    std::array<tap_set, N> p{};
    for (std::size_t i = 0; i < N; ++i) {
        p[i] = random_mask(g.kernel_height * g.kernel_width, 10 * n + i);
    }
    return p;
}

std::string describe(const conv_geometry& g, const reference::tap_patterns& patterns, const char* kernel) {
    std::string s = kernel;
    for (const tap_set& m : patterns) {
        for (std::ptrdiff_t k = 0; k < g.kernel_height * g.kernel_width; ++k) {
            s += k % g.kernel_width == 0 ? " " : "";
            s += m.has(k) ? '1' : '0';
        }
        s += ';';
    }
    return s;
}

/// All three kernels of one geometry, data of one seed.
template <class T, conv_geometry G, auto Patterns, activation A>
void check(std::uint64_t seed, data_kind kind) {
    using forward = kernels::conv_patterns<T, G, Patterns, A>;
    constexpr conv_geometry one = kernels::with_taps(G, Patterns[0]);
    constexpr bool dealt = Patterns.size() > 1;
    using backward = std::conditional_t<dealt, kernels::dealt_conv_backward_data<T, G, Patterns>,
                                        kernels::conv_backward_data<T, one>>;
    using gradient = std::conditional_t<dealt, kernels::dealt_conv_backward_weights<T, G, Patterns>,
                                        kernels::conv_backward_weights<T, one>>;
    const reference::tap_patterns patterns(Patterns.begin(), Patterns.end());
    const auto expect = [&](const std::string& difference, const char* kernel) {
        expect_same(difference, describe(G, patterns, kernel).c_str(), G, seed);
    };
    detail::random_stream random(seed);
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    const values weights =
        random_values(static_cast<std::ptrdiff_t>(reference::weight_count(G, patterns)), random, kind);
    const values bias = random_values(G.out.channels, random, kind);
    const values slope = random_values(G.out.channels, random, data_kind::integers);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> scratch(
        at(std::max({forward::scratch_size, backward::scratch_size, gradient::scratch_size}) + 1));
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> dsource(G.out, dout);

    values expected = reference::conv_forward(G, in, weights, bias, patterns);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = plain_activation(A, expected[i], &slope[i / at(G.out.height * G.out.width)]);
    }
    detail::aligned_array<T> packed(at(forward::packed_size));
    forward::pack(w.data(), packed.data());
    map_in_memory<T> out(G.out);
    const std::ptrdiff_t middle = G.out.height / 3;
    forward::run(source.first(), packed.data(), b.data(), s.data(), out.first(), scratch.data(), 0, middle);
    forward::run(source.first(), packed.data(), b.data(), s.data(), out.first(), scratch.data(), middle, G.out.height);
    const std::ptrdiff_t terms = G.in_per_group() * G.kernel_height * G.kernel_width;
    expect(out.difference(expected, bound_of<T>(kind, terms, 3, 1)), "forward");

    detail::aligned_array<T> packed_back(at(backward::packed_size));
    backward::pack(w.data(), packed_back.data());
    map_in_memory<T> din(G.in);
    const std::ptrdiff_t row = G.in.height / 2;
    backward::run(dsource.first(), packed_back.data(), din.first(), scratch.data(), 0, row);
    backward::run(dsource.first(), packed_back.data(), din.first(), scratch.data(), row, G.in.height);
    expect(din.difference(reference::conv_backward_data(G, dout, weights, patterns),
                          bound_of<T>(kind, G.out_per_group() * G.kernel_height * G.kernel_width, 1, 1)),
           "gradient of the input");

    values expected_gradient = reference::conv_backward_weights(G, in, dout, patterns);
    values expected_bias = bias;
    auto dw = compact<T>(weights);
    auto db = compact<T>(bias);
    gradient::run(source.first(), dsource.first(), dw.data(), db.data(), scratch.data());
    const double bound = bound_of<T>(kind, G.out.height * G.out.width, 1, 1);
    std::string difference;
    for (std::size_t i = 0; i < expected_gradient.size(); ++i) {
        if (!(std::abs(static_cast<double>(dw.data()[i]) - weights[i] - expected_gradient[i]) <= bound)) {
            difference = "weight " + std::to_string(i);
        }
    }
    for (std::size_t i = 0; i < dout.size(); ++i) {
        expected_bias[i / at(G.out.height * G.out.width)] += dout[i];
    }
    for (std::size_t i = 0; i < expected_bias.size(); ++i) {
        if (!(std::abs(static_cast<double>(db.data()[i]) - expected_bias[i]) <= bound)) {
            difference = "bias " + std::to_string(i);
        }
    }
    expect(difference, "gradient of the weights");
}

template <class T, std::size_t N, family F, std::uint64_t First, std::uint64_t Count>
void check_family() {
    for_geometries<F, First, Count>([]<conv_geometry G>(std::uint64_t n) {
        constexpr std::array patterns = random_patterns<N>(G, static_cast<std::uint64_t>(G.in.width * 31 + G.pad_left));
        constexpr activation a = G.out.width % 2 == 0 ? activation::prelu : activation::none;
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            check<T, G, patterns, a>(100 * n + seed, data_kind::integers);
            check<T, G, patterns, a>(100 * n + seed + 50, data_kind::reals);
        }
    });
}

TEST_CASE("one pattern of taps") {
    check_family<float, 1, family::plain, 200, 10>();
    check_family<double, 1, family::plain, 212, 2>();
    check_family<float, 1, family::strided, 200, 8>();
    check_family<float, 1, family::narrow, 200, 6>();
    check_family<float, 1, family::depthwise, 200, 6>();
    check_family<float, 1, family::grouped, 200, 3>();
    check_family<float, 1, family::line, 200, 4>();
}

TEST_CASE("patterns dealt over the output channels") {
    check_family<float, 2, family::plain, 220, 3>();
    check_family<float, 4, family::plain, 223, 2>();
    check_family<float, 3, family::strided, 220, 2>();
    check_family<float, 2, family::narrow, 220, 2>();
    check_family<float, 3, family::grouped, 220, 3>();
    check_family<float, 2, family::depthwise, 220, 3>();
    check_family<double, 3, family::depthwise, 223, 1>();
}

/// A kernel too large to unroll, and the largest one that a mask can speak of.
TEST_CASE("large kernels with few taps") {
    constexpr auto geometry = [](std::ptrdiff_t kernel, std::ptrdiff_t stride) {
        const std::ptrdiff_t out = (30 - 1) / stride + 1;
        return conv_geometry{.in = make_map_layout(2, 30, 30, kernel),
                             .out = make_map_layout(9, out, out, kernel),
                             .kernel_height = kernel,
                             .kernel_width = kernel,
                             .stride_height = stride,
                             .stride_width = stride,
                             .pad_top = kernel / 2,
                             .pad_left = kernel / 2};
    };
    check<float, geometry(11, 1), std::array{random_mask(121, 1)}, activation::none>(1, data_kind::integers);
    check<float, geometry(16, 2), std::array{tap_set::of({0, 37, 255})}, activation::none>(2, data_kind::integers);
}

TEST_CASE("a mask counts its taps, and the smallest window keeps them") {
    static_assert(tap_set{}.has(std::size_t{1000}) && tap_set{}.count(81) == 81);
    constexpr tap_set corners = tap_set::of({0, 2, 6, 8});
    static_assert(corners.count(9) == 4 && corners.has(std::size_t{6}) && !corners.has(std::size_t{4}));
    static_assert(tap_set::of({0, 1, 2, 3}).within(4) == tap_set{} && corners.within(9) == corners);
    constexpr conv_geometry g{.in = make_map_layout(1, 9, 9, 3),
                              .out = make_map_layout(1, 9, 9, 3),
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .dilation_height = 3,
                              .dilation_width = 3,
                              .pad_top = 3,
                              .pad_left = 3,
                              .taps = corners};
    constexpr conv_geometry t = kernels::trimmed(g);
    static_assert(t.taps.all && t.kernel_height == 2 && t.dilation_width == 6 && t.pad_top == 3);
    constexpr conv_geometry middle = kernels::trimmed(kernels::with_taps(g, tap_set::of({3, 4, 5})));
    static_assert(middle.taps.all && middle.kernel_height == 1 && middle.pad_top == 0 && middle.pad_left == 3);
    // The instantiation of one pattern is that of the plain convolution.
    static_assert(
        std::is_same_v<kernels::conv_patterns<float, g, std::array{corners}>, kernels::conv_forward<float, g>>);
    CHECK(g.weight_count() == 4);
}

}  // namespace
}  // namespace fovea::test
