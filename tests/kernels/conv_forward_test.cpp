// SPDX-License-Identifier: BSD-3-Clause
// Does the forward convolution compute what the plain loops do, for any geometry, activation and split of rows?
#include <fovea/execute/kernels/conv_forward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

template <class T, conv_geometry G, activation A>
void check_forward(std::uint64_t seed, data_kind kind) {
    using kernel = kernels::conv_forward<T, G, A>;
    detail::random_stream random(seed);
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values weights = random_values(G.weight_count(), random, kind_of_weights(kind));
    const values bias = random.chance(0.8) ? random_values(G.out.channels, random, kind_of_weights(kind)) : values{};
    const values slope = random_slopes(G.out.channels, random);
    values expected = reference::conv_forward(G, in, weights, bias);
    activate(A, expected, slope, G.out.height * G.out.width);
    const std::ptrdiff_t terms = G.in_per_group() * G.kernel_height * G.kernel_width;
    double bound = bound_of<T>(kind, terms, 1, 1);
    if (!kernels::is_cheap<A>) {
        bound = bound + 4e-6;
    }

    map_in_memory<T> source(G.in, in);
    map_in_memory<T> whole(G.out);
    map_in_memory<T> split(G.out);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size + 1));
    kernel::pack(w.data(), packed.data());
    const T* bias_or_not = bias.empty() ? nullptr : b.data();
    kernel::run(source.first(), packed.data(), bias_or_not, s.data(), whole.first(), scratch.data(), 0, G.out.height);
    expect_same(whole.difference(expected, bound), "conv_forward", G, seed);

    for (std::ptrdiff_t y = 0; y < G.out.height;) {
        const auto rows = 1 + static_cast<std::ptrdiff_t>(random.below(5));
        const std::ptrdiff_t end = y + rows < G.out.height ? y + rows : G.out.height;
        kernel::run(source.first(), packed.data(), bias_or_not, s.data(), split.first(), scratch.data(), y, end);
        y = end;
    }
    expect_same(whole.same_bits(split) ? "" : "rows done apart differ", "conv_forward", G, seed);
}

template <class T, family F, std::uint64_t First, std::uint64_t Count>
void check_family() {
    for_geometries<F, First, Count>([]<conv_geometry G>(std::uint64_t n) {
        constexpr std::array kinds = {activation::none, activation::relu, activation::leaky_relu, activation::prelu};
        constexpr activation a = kinds[static_cast<std::size_t>(G.in.width + G.out.channels) % kinds.size()];
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            check_forward<T, G, a>(100 * n + seed, data_kind::integers);
            check_forward<T, G, a>(100 * n + seed + 50, data_kind::reals);
            check_forward<T, G, a>(100 * n + seed + 70, data_kind::specials);
        }
    });
}

TEST_CASE("forward convolution, stride 1") {
    check_family<float, family::plain, 0, 20>();
    check_family<double, family::plain, 20, 5>();
}

TEST_CASE("forward convolution, stride above 1") {
    check_family<float, family::strided, 0, 15>();
    check_family<double, family::strided, 15, 4>();
}

TEST_CASE("forward convolution, narrow maps") {
    check_family<float, family::narrow, 0, 15>();
    check_family<double, family::narrow, 15, 4>();
}

TEST_CASE("forward convolution, groups") {
    check_family<float, family::grouped, 0, 6>();
    check_family<float, family::depthwise, 0, 12>();
    check_family<double, family::depthwise, 12, 3>();
}

TEST_CASE("forward convolution, lines") { check_family<float, family::line, 0, 8>(); }

TEST_CASE("forward convolution, wide maps and dilations") {
    check_family<float, family::wide, 0, 8>();
    check_family<double, family::wide, 8, 3>();
}

/// A map is added before the activation: one apart, and what the output holds.
template <class T, conv_geometry G, activation A>
void check_added(std::uint64_t seed) {
    using kernel = kernels::conv_forward<T, G, A, true>;
    detail::random_stream random(seed);
    const data_kind kind = kernels::is_cheap<A> ? data_kind::integers : data_kind::reals;
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values weights = random_values(G.weight_count(), random, kind);
    const values bias = random.chance(0.8) ? random_values(G.out.channels, random, kind) : values{};
    const values before = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    const values slope = random_slopes(G.out.channels, random);
    values expected = reference::conv_forward(G, in, weights, bias);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] += before[i];
    }
    activate(A, expected, slope, G.out.height * G.out.width);
    const double bound =
        bound_of<T>(kind, G.in_per_group() * G.tap_count() + 1, 1, 1) + (kernels::is_cheap<A> ? 0 : 4e-6);

    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size + 1));
    kernel::pack(w.data(), packed.data());
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> added(G.out, before);
    const auto run = [&](T* out, std::ptrdiff_t begin, std::ptrdiff_t end, const T* other) {
        kernel::run(source.first(), packed.data(), bias.empty() ? nullptr : b.data(), s.data(), out, scratch.data(),
                    begin, end, other);
    };
    check_rows<T>(G, expected, bound, "conv_forward, added", seed, random,
                  [&](T* out, std::ptrdiff_t begin, std::ptrdiff_t end) { run(out, begin, end, added.first()); });
    map_in_memory<T> own(G.out);
    std::fill_n(own.first(), G.out.extent(), T(0));
    own.fill(before);
    run(own.first(), 0, G.out.height, nullptr);
    expect_same(own.difference(expected, bound), "conv_forward, added in place", G, seed);
}

template <family F, std::uint64_t First, std::uint64_t Count>
void check_added_family() {
    for_geometries<F, First, Count>([]<conv_geometry G>(std::uint64_t n) {
        constexpr std::array kinds = {activation::none, activation::relu, activation::leaky_relu, activation::prelu,
                                      activation::tanh};
        check_added<float, G, kinds[static_cast<std::size_t>(G.in.width + G.out.channels) % kinds.size()]>(n);
    });
}

TEST_CASE("a map is added before the activation") {
    check_added_family<family::wide, 0, 6>();
    check_added_family<family::plain, 0, 3>();
    check_added_family<family::strided, 0, 3>();
    check_added_family<family::narrow, 0, 3>();
    check_added_family<family::depthwise, 0, 3>();
    check_added_family<family::grouped, 0, 2>();
}

TEST_CASE("activations that need exp") {
    constexpr conv_geometry g = random_geometry(family::plain, 1000);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        check_forward<float, g, activation::sigmoid>(seed, data_kind::reals);
        check_forward<float, g, activation::tanh>(seed, data_kind::reals);
        check_forward<float, g, activation::silu>(seed, data_kind::reals);
        check_forward<float, g, activation::silu>(seed, data_kind::specials);
        check_forward<double, g, activation::silu>(seed, data_kind::reals);
    }
}

}  // namespace
}  // namespace fovea::test
