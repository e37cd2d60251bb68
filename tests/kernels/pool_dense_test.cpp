// SPDX-License-Identifier: BSD-3-Clause
// Do pools and dense layers, forward and backward, compute what the plain loops do?
#include <fovea/execute/kernels/dense.hpp>
#include <fovea/train/kernels/dense_backward.hpp>
#include <fovea/train/kernels/pool_backward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

/// A pool's geometry: like a depthwise convolution's.
constexpr conv_geometry random_pool(std::uint64_t n) {
    conv_geometry g = random_geometry(family::strided, n);
    const std::ptrdiff_t channels = 1 + static_cast<std::ptrdiff_t>(n % 5);
    const auto with = [&](const map_layout& m) {
        return make_map_layout(channels, m.height, m.width, static_cast<std::ptrdiff_t>(n % 3) * 9);
    };
    g.in = with(g.in);
    g.out = with(g.out);
    g.groups = channels;
    return g;
}

template <class T, conv_geometry G>
void check_pools(std::uint64_t seed, data_kind kind) {
    detail::random_stream random(seed);
    const double eps = std::numeric_limits<T>::epsilon();
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> gradient(G.out, dout);
    map_in_memory<T> din(G.in);
    const auto window = static_cast<double>(G.kernel_height * G.kernel_width);

    using average = kernels::average_pool_forward<T, G>;
    using average_back = kernels::average_pool_backward<T, G>;
    using most = kernels::max_pool_forward<T, G>;
    detail::aligned_array<T> scratch(at(average::scratch_size + average_back::scratch_size + most::scratch_size));
    values counts;
    const values mean = reference::average_pool(G, in, &counts);
    check_rows<T>(G, mean, (window + 2) * 4 * eps, "average_pool_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) { average::run(source.first(), out, scratch.data(), a, b); });
    values expected(in.size());
    reference::for_each_product(G, [&](std::size_t i, std::size_t o, std::size_t) { expected[i] += dout[o] / counts[o]; });
    average_back::run(gradient.first(), din.first(), scratch.data());
    expect_same(din.difference(expected, (window + 2) * 4 * window * eps), "average_pool_backward", G, seed);

    std::vector<std::size_t> which;
    const values largest = reference::max_pool(G, in, &which);
    check_rows<T>(G, largest, 0, "max_pool_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) { most::run(source.first(), out, scratch.data(), a, b); });
    std::fill(expected.begin(), expected.end(), 0.0);
    for (std::size_t o = 0; o < which.size(); ++o) {
        if (counts[o] > 0) {
            expected[which[o]] += dout[o];
        }
    }
    kernels::max_pool_backward<T, G>::run(source.first(), gradient.first(), din.first());
    expect_same(din.difference(expected, kind == data_kind::integers ? 0 : (window + 2) * 4 * window * eps),
                "max_pool_backward", G, seed);
}

template <class T, conv_geometry G>
void check_global(std::uint64_t seed) {
    detail::random_stream random(seed);
    const double eps = std::numeric_limits<T>::epsilon();
    const std::ptrdiff_t positions = G.in.height * G.in.width;
    const values in = random_values(G.in.channels * positions, random, data_kind::reals);
    const values dy = random_values(G.in.channels, random, data_kind::reals);
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> din(G.in);
    constexpr std::ptrdiff_t step = 3;
    detail::aligned_array<T> y(at(G.in.channels * step));
    kernels::global_average_pool_forward<T, G.in, step>::run(source.first(), y.data());
    std::string difference;
    for (std::ptrdiff_t c = 0; c < G.in.channels; ++c) {
        double sum = 0;
        for (std::ptrdiff_t i = 0; i < positions; ++i) {
            sum += in[at(c * positions + i)];
        }
        if (!(std::abs(static_cast<double>(y.data()[c * step]) - sum / static_cast<double>(positions)) <= 100 * eps)) {
            difference = "channel " + std::to_string(c);
        }
    }
    expect_same(difference, "global_average_pool_forward", G, seed);
    const auto g = compact<T>(dy);
    kernels::global_average_pool_backward<T, G.in>::run(g.data(), din.first());
    values expected(in.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = dy[i / at(positions)] / static_cast<double>(positions);
    }
    expect_same(din.difference(expected, 2 * eps), "global_average_pool_backward", G, seed);
}

TEST_CASE("pools") {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (
            [&] {
                constexpr conv_geometry g = random_pool(500 + N);
                using T = std::conditional_t<N % 5 == 4, double, float>;
                for (std::uint64_t seed = 1; seed <= 4; ++seed) {
                    check_pools<T, g>(100 * N + seed, data_kind::integers);
                    check_pools<T, g>(100 * N + seed + 50, data_kind::reals);
                    check_pools<T, g>(100 * N + seed + 70, data_kind::specials);
                    check_global<T, g>(100 * N + seed);
                }
            }(),
            ...);
    }(std::make_integer_sequence<std::uint64_t, 20>{});
}

/// Windows of many values, the same ones and any.
template <std::ptrdiff_t Height, std::ptrdiff_t Width, std::ptrdiff_t Stride>
void check_large_windows() {
    constexpr std::ptrdiff_t height = 110, width = 101, pad = 5;
    constexpr conv_geometry g = [] {
        conv_geometry w;
        w.kernel_height = Height;
        w.kernel_width = Width;
        w.stride_height = w.stride_width = Stride;
        w.pad_top = w.pad_left = pad;
        w.in = make_map_layout(1, height, width, pad);
        w.out = make_map_layout(1, (height + 2 * pad - Height) / Stride + 1, (width + 2 * pad - Width) / Stride + 1, 0);
        return w;
    }();
    using kernel = kernels::average_pool_forward<float, g>;
    detail::random_stream random(7);
    detail::aligned_array<float> scratch(at(kernel::scratch_size));
    for (const bool same : {true, false}) {
        values in(at(height * width));
        for (double& v : in) {
            v = static_cast<double>(static_cast<float>(same ? 0.1 : random.uniform()));
        }
        map_in_memory<float> source(g.in, in), out(g.out);
        kernel::run(source.first(), out.first(), scratch.data(), 0, g.out.height);
        // Means of 0.1, and of values above 0 whose means are below 0.6.
        expect_same(out.difference(reference::average_pool(g, in), same ? 1e-7 : 4e-7), "average_pool_forward", g, 7);
    }
}

TEST_CASE("average pools with large windows") {
    check_large_windows<64, 64, 1>();
    check_large_windows<100, 97, 2>();
    check_large_windows<17, 90, 3>();
}

template <class T, std::ptrdiff_t In, std::ptrdiff_t Out, activation A, std::ptrdiff_t XStep, std::ptrdiff_t YStep>
void check_dense(std::uint64_t seed, data_kind kind) {
    using forward = kernels::dense_forward<T, In, Out, A, XStep, YStep>;
    constexpr conv_geometry shown{.in = make_map_layout(In, 1, 1, 0), .out = make_map_layout(Out, 1, 1, 0)};
    detail::random_stream random(seed);
    const values x = random_values(In, random, kind);
    const values dy = random_values(Out, random, kind);
    const values weights = random_values(In * Out, random, kind);
    const values bias = random_values(Out, random, kind);
    const values slope = random_values(Out, random, kind);
    const bool with_bias = random.chance(0.7);
    const auto spread = [](const values& v, std::ptrdiff_t step) {
        detail::aligned_array<T> a(v.size() * at(step) + 1);
        for (std::size_t i = 0; i < v.size(); ++i) {
            a.data()[i * at(step)] = static_cast<T>(v[i]);
        }
        return a;
    };
    const auto difference = [](const values& expected, const detail::aligned_array<T>& got, std::ptrdiff_t step, double bound) {
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!(std::abs(static_cast<double>(got.data()[i * at(step)]) - expected[i]) <= bound)) {
                return "element " + std::to_string(i);
            }
        }
        return std::string{};
    };
    const auto xs = spread(x, XStep);
    const auto dys = spread(dy, YStep);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(forward::packed_size));
    auto y = spread(values(at(Out)), YStep);
    auto dx = spread(values(at(In)), XStep);
    values expected = with_bias ? bias : values(at(Out));
    values expected_dx(at(In));
    values expected_dw = weights;
    for (std::ptrdiff_t o = 0; o < Out; ++o) {
        for (std::ptrdiff_t i = 0; i < In; ++i) {
            expected[at(o)] += weights[at(o * In + i)] * x[at(i)];
            expected_dx[at(i)] += weights[at(o * In + i)] * dy[at(o)];
            expected_dw[at(o * In + i)] += dy[at(o)] * x[at(i)];
        }
        expected[at(o)] = plain_activation(A, expected[at(o)], slopes_of_channel(A, slope.data(), at(o)));
    }
    forward::pack(w.data(), packed.data());
    forward::run(xs.data(), packed.data(), with_bias ? b.data() : nullptr, s.data(), y.data());
    const double transcendental = kernels::is_cheap<A> ? 0 : 4e-6;
    expect_same(difference(expected, y, YStep, bound_of<T>(kind, In, 3, 1) + transcendental), "dense_forward", shown,
                seed);
    kernels::dense_backward_data<T, In, Out, XStep, YStep>::run(dys.data(), w.data(), dx.data());
    expect_same(difference(expected_dx, dx, XStep, bound_of<T>(kind, Out, 1, 1)), "dense_backward_data", shown, seed);
    auto dw = compact<T>(weights);
    auto db = compact<T>(bias);
    kernels::dense_backward_weights<T, In, Out, XStep, YStep>::run(xs.data(), dys.data(), dw.data(),
                                                                  with_bias ? db.data() : nullptr);
    values expected_db = bias;
    for (std::size_t o = 0; o < bias.size() && with_bias; ++o) {
        expected_db[o] += dy[o];
    }
    expect_same(difference(expected_dw, dw, 1, bound_of<T>(kind, 2, 1, 1)) +
                    difference(expected_db, db, 1, bound_of<T>(kind, 2, 1, 1)),
                "dense_backward_weights", shown, seed);
}

template <std::ptrdiff_t In, std::ptrdiff_t Out, activation A, std::ptrdiff_t XStep, std::ptrdiff_t YStep>
void check_dense_of() {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        if constexpr (kernels::is_cheap<A>) {
            check_dense<float, In, Out, A, XStep, YStep>(seed, data_kind::integers);
        }
        check_dense<float, In, Out, A, XStep, YStep>(seed + 10, data_kind::reals);
        check_dense<double, In, Out, A, XStep, YStep>(seed + 20, data_kind::reals);
    }
}

TEST_CASE("dense layers") {
    check_dense_of<1, 1, activation::none, 1, 1>();
    check_dense_of<48, 10, activation::none, 16, 16>();
    check_dense_of<7, 16, activation::relu, 1, 1>();
    check_dense_of<33, 17, activation::prelu, 1, 16>();
    check_dense_of<129, 64, activation::leaky_relu, 16, 1>();
    check_dense_of<300, 131, activation::none, 1, 1>();
    check_dense_of<20, 40, activation::sigmoid, 1, 1>();
    check_dense_of<513, 5, activation::tanh, 1, 1>();
}

}  // namespace
}  // namespace fovea::test
