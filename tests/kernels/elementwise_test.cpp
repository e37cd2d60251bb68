// SPDX-License-Identifier: BSD-3-Clause
// Do the kernels that work value by value, forward and backward, compute what the plain loops do?
#include <fovea/train/kernels/elementwise_backward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

/// A geometry only carries the layout into the reports.
constexpr conv_geometry shown(const map_layout& m) { return {.in = m, .out = m}; }

template <class T, map_layout M>
struct fixture {
    static constexpr std::ptrdiff_t positions = M.height * M.width;
    static constexpr std::ptrdiff_t count = M.channels * positions;
    static constexpr double eps = std::numeric_limits<T>::epsilon();

    explicit fixture(std::uint64_t s, data_kind kind = data_kind::reals) : seed(s), random(s) {
        a = random_values(count, random, kind);
        b = random_values(count, random, kind);
        c1 = random_values(M.channels, random, data_kind::reals);
        c2 = random_values(M.channels, random, data_kind::reals);
        c3 = random_values(M.channels, random, data_kind::reals);
        c4 = random_values(M.channels, random, data_kind::reals);
    }
    static std::size_t channel(std::size_t i) { return i / at(positions); }

    template <class Run>
    void rows(const char* name, const values& expected, double bound, Run run) {
        map_in_memory<T> whole(M);
        map_in_memory<T> split(M);
        run(whole.first(), 0, M.height);
        expect_same(whole.difference(expected, bound), name, shown(M), seed);
        for (std::ptrdiff_t y = 0; y < M.height;) {
            const auto n = 1 + static_cast<std::ptrdiff_t>(random.below(4));
            const std::ptrdiff_t end = y + n < M.height ? y + n : M.height;
            run(split.first(), y, end);
            y = end;
        }
        expect_same(whole.same_bits(split) ? "" : "rows done apart differ", name, shown(M), seed);
    }
    template <class Run>
    void map(const char* name, const values& expected, double bound, Run run) {
        map_in_memory<T> out(M);
        run(out.first());
        expect_same(out.difference(expected, bound), name, shown(M), seed);
    }
    void sums(const char* name, const values& expected, const detail::aligned_array<T>& got) {
        std::string difference;
        for (std::size_t c = 0; c < expected.size(); ++c) {
            if (!agrees(static_cast<double>(got.data()[c]), expected[c], static_cast<double>(positions + 8) * 4 * eps)) {
                difference = "channel " + std::to_string(c);
            }
        }
        expect_same(difference, name, shown(M), seed);
    }

    std::uint64_t seed;
    detail::random_stream random;
    values a, b, c1, c2, c3, c4;
};

template <class T, map_layout M, activation A>
void check_activation(std::uint64_t seed, data_kind kind) {
    fixture<T, M> f(seed, kind);
    map_in_memory<T> in(M, f.a);
    map_in_memory<T> dy(M, f.b);
    const auto slope = compact<T>(f.c1);
    values y(f.a.size());
    values dx(f.a.size());
    values dslope = f.c2;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double s = A == activation::prelu ? f.c1[f.channel(i)] : f.c1[0];
        y[i] = reference::activate(A, f.a[i], s);
        const bool stopped = A == activation::relu && f.a[i] <= 0;  // whatever it is
        dx[i] = stopped ? 0 : f.b[i] * reference::activate_slope(A, f.a[i], s);
        dslope[f.channel(i)] += f.a[i] > 0 ? 0 : f.b[i] * f.a[i];
    }
    const double bound = kernels::is_cheap(A) ? f.eps : 8 * static_cast<double>(std::numeric_limits<float>::epsilon());
    f.rows("activation_forward", y, bound, [&](T* out, std::ptrdiff_t from, std::ptrdiff_t to) {
        kernels::activation_forward<T, M, A>::run(in.first(), slope.data(), out, from, to);
    });
    map_in_memory<T> saved(M, kernels::backward_reads_input(A) ? f.a : y);
    auto got = compact<T>(f.c2);
    f.map("activation_backward", dx, 2 * bound, [&](T* out) {
        kernels::activation_backward<T, M, A>::run(dy.first(), saved.first(), slope.data(), out, got.data());
    });
    if (A == activation::prelu) {
        f.sums("activation_backward, dslope", dslope, got);
    }
}

template <class T, map_layout M, activation A>
void check_batch_norm(std::uint64_t seed, data_kind kind) {
    fixture<T, M> f(seed, kind);
    map_in_memory<T> x(M, f.a);
    map_in_memory<T> dy(M, f.b);
    const auto mean = compact<T>(f.c1);
    const auto inverse = compact<T>(f.c2);
    const auto scale = compact<T>(f.c3);
    const auto shift = compact<T>(f.c4);
    values y(f.a.size());
    values dx(f.a.size());
    values sum(at(M.channels)), squares(at(M.channels)), sum_dy(at(M.channels)), sum_dy_xhat(at(M.channels));
    values mean_dy = f.c4;
    values mean_dy_xhat = f.c1;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t c = f.channel(i);
        y[i] = f.a[i] * f.c3[c] + f.c4[c];
        const double g = A == activation::relu && y[i] <= 0 ? 0 : f.b[i];
        y[i] = reference::activate(A, y[i], 0);
        const double xhat = (f.a[i] - f.c1[c]) * f.c2[c];
        sum[c] += f.a[i];
        sum_dy[c] += g;
        sum_dy_xhat[c] += g * xhat;
        dx[i] = f.c3[c] * (g - mean_dy[c] - xhat * mean_dy_xhat[c]);
    }
    values average = sum;
    for (double& m : average) {
        m /= static_cast<double>(f.positions);
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double d = f.a[i] - average[f.channel(i)];
        squares[f.channel(i)] += d * d;
    }
    f.rows("scale_shift", y, 4 * f.eps, [&](T* out, std::ptrdiff_t from, std::ptrdiff_t to) {
        kernels::scale_shift<T, M, A>::run(x.first(), scale.data(), shift.data(), out, from, to);
    });
    const auto zeros = [] { return compact<T>(values(at(M.channels))); };
    auto got = zeros();
    kernels::channel_sums<T, M>::run(x.first(), got.data());
    f.sums("channel_sums", sum, got);
    got = zeros();
    auto got2 = zeros();
    kernels::channel_moments<T, M>::run(x.first(), got.data(), got2.data());
    f.sums("channel_moments, mean", average, got);
    f.sums("channel_moments, squares", squares, got2);
    got = zeros();
    got2 = zeros();
    kernels::batch_norm_backward_sums<T, M, A>::run(dy.first(), x.first(), mean.data(), inverse.data(), scale.data(),
                                                    shift.data(), got.data(), got2.data());
    f.sums("batch_norm_backward_sums, dy", sum_dy, got);
    f.sums("batch_norm_backward_sums, dy xhat", sum_dy_xhat, got2);
    f.map("batch_norm_backward_data", dx, 16 * f.eps, [&](T* out) {
        kernels::batch_norm_backward_data<T, M, A>::run(dy.first(), x.first(), mean.data(), inverse.data(), scale.data(),
                                                        shift.data(), shift.data(), mean.data(), out);
    });
}

template <class T, map_layout M>
void check_softmax_and_sum(std::uint64_t seed, data_kind kind) {
    fixture<T, M> f(seed, kind);
    values y(f.a.size());
    values sum(f.a.size());
    values dx(f.a.size());
    const auto positions = at(f.positions);
    values in = f.a;
    for (double& v : in) {
        v *= 8;
    }
    for (std::size_t p = 0; p < positions; ++p) {
        double most = in[p];
        double total = 0;
        double dot = 0;
        for (std::size_t i = p; i < y.size(); i += positions) {
            most = std::max(most, in[i]);
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
            total += std::exp(in[i] - most);
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
            y[i] = std::exp(in[i] - most) / total;
            dot += y[i] * f.b[i];
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
            dx[i] = y[i] * (f.b[i] - dot);
            sum[i] = f.a[i] + f.b[i];
        }
    }
    map_in_memory<T> x(M, in);
    map_in_memory<T> a(M, f.a);
    map_in_memory<T> b(M, f.b);
    const double bound = 32 * static_cast<double>(std::numeric_limits<float>::epsilon());
    f.rows("softmax_forward", y, bound, [&](T* out, std::ptrdiff_t from, std::ptrdiff_t to) {
        kernels::softmax_forward<T, M>::run(x.first(), out, from, to);
    });
    f.rows("add_forward", sum, f.eps * 2, [&](T* out, std::ptrdiff_t from, std::ptrdiff_t to) {
        kernels::add_forward<T, M>::run(a.first(), b.first(), out, from, to);
    });
    map_in_memory<T> saved(M, y);
    f.map("softmax_backward", dx, bound, [&](T* out) {
        kernels::softmax_backward<T, M>::run(b.first(), saved.first(), out);
    });
}

template <class T, map_layout M>
void check_layout() {
    using enum data_kind;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        for (const data_kind kind : {reals, specials}) {
            check_activation<T, M, activation::none>(seed, kind);
            check_activation<T, M, activation::relu>(seed, kind);
            check_activation<T, M, activation::leaky_relu>(seed, kind);
            check_activation<T, M, activation::prelu>(seed, kind);
            check_activation<T, M, activation::sigmoid>(seed, kind);
            check_activation<T, M, activation::tanh>(seed, kind);
            check_activation<T, M, activation::silu>(seed, kind);
            check_batch_norm<T, M, activation::none>(seed, kind);
            check_batch_norm<T, M, activation::relu>(seed, kind);
            check_softmax_and_sum<T, M>(seed, kind);
        }
    }
}

TEST_CASE("kernels that work value by value") {
    check_layout<float, make_map_layout(3, 5, 32, 1)>();
    check_layout<float, make_map_layout(5, 4, 37, 12)>();
    check_layout<float, make_map_layout(11, 1, 1, 0)>();
    check_layout<float, make_map_layout(2, 7, 9, 20)>();
    check_layout<double, make_map_layout(4, 3, 19, 2)>();
    check_layout<double, make_map_layout(1, 6, 8, 0)>();
}

}  // namespace
}  // namespace fovea::test
