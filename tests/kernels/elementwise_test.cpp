// SPDX-License-Identifier: BSD-3-Clause
// Do the kernels that work value by value, forward and backward, compute what the plain loops do?
#include <fovea/execute/kernels/pool.hpp>
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
    template <class Sum>
    void sums(const char* name, const values& expected, const detail::aligned_array<Sum>& got) {
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
        const double* s = slopes_of_channel(A, f.c1.data(), f.channel(i));
        y[i] = plain_activation(A, f.a[i], s);
        const bool stopped = A == activation::relu && f.a[i] <= 0;  // whatever it is
        dx[i] = stopped ? 0 : f.b[i] * plain_slope(A, f.a[i], s);
        dslope[f.channel(i)] += f.a[i] > 0 ? 0 : f.b[i] * f.a[i];
    }
    const double bound = kernels::is_cheap<A> ? f.eps : 8 * static_cast<double>(std::numeric_limits<float>::epsilon());
    f.rows("activation_forward", y, bound, [&](T* out, std::ptrdiff_t from, std::ptrdiff_t to) {
        kernels::activation_forward<T, M, A>::run(in.first(), slope.data(), out, from, to);
    });
    map_in_memory<T> saved(M, kernels::function_of<A>::gradient_reads == kernels::gradient_source::input ? f.a : y);
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
        y[i] = plain_activation(A, y[i], nullptr);
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
    auto got = compact<T>(values(at(M.channels)));
    kernels::channel_sums<T, M>::run(x.first(), got.data());
    f.sums("channel_sums", sum, got);
    detail::aligned_array<double> first(at(M.channels)), second(at(M.channels));
    kernels::channel_moments<T, M>::run(x.first(), first.data(), second.data());
    f.sums("channel_moments, mean", average, first);
    f.sums("channel_moments, squares", squares, second);
    kernels::batch_norm_backward_sums<T, M, A>::run(dy.first(), x.first(), mean.data(), inverse.data(), scale.data(),
                                                    shift.data(), first.data(), second.data());
    f.sums("batch_norm_backward_sums, dy", sum_dy, first);
    f.sums("batch_norm_backward_sums, dy xhat", sum_dy_xhat, second);
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
    const auto positions = at(f.positions);
    values in = f.a;
    for (double& v : in) {
        v *= 8;
    }
    for (std::size_t p = 0; p < positions; ++p) {
        double most = in[p];
        double total = 0;
        for (std::size_t i = p; i < y.size(); i += positions) {
            most = std::max(most, in[i]);
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
            total += std::exp(in[i] - most);
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
            y[i] = std::exp(in[i] - most) / total;
        }
        for (std::size_t i = p; i < y.size(); i += positions) {
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

/// Value i of a map whose sums are hard: the same ones, in turns of both signs, any, far from 0 and close together.
double hard_value(int kind, std::size_t i, detail::random_stream& random) {
    const double value = kind == 0   ? 0.1
                         : kind == 1 ? (i % 2 == 0 ? 0.3 : -0.3)
                         : kind == 2 ? random.uniform()
                                     : 1e4 + 0.1 * random.uniform();
    return static_cast<double>(static_cast<float>(value));
}

/// |got - expected| <= 1e-6 * magnitude
void check_sum(const char* name, int kind, double got, double expected, double magnitude) {
    INFO(name << " of values of kind " << kind << ": expected " << expected << ", got " << got);
    CHECK(std::abs(got - expected) <= 1e-6 * magnitude);
}

/// All sums over the positions of a channel, whatever their number.
template <map_layout M>
void check_many() {
    constexpr auto n = static_cast<double>(M.height * M.width);
    for (int kind = 0; kind < 4; ++kind) {
        detail::random_stream random(static_cast<std::uint64_t>(kind));
        values v(at(M.height * M.width));
        double sum = 0, magnitude = 0;
        for (std::size_t i = 0; i < v.size(); ++i) {
            v[i] = hard_value(kind, i, random);
            sum += v[i];
            magnitude += std::abs(v[i]);
        }
        double squares = 0, product = 0, product_magnitude = 0, slope = 0;
        const auto middle = static_cast<double>(static_cast<float>(sum / n));
        for (const double x : v) {
            squares += (x - sum / n) * (x - sum / n);
            product += x * (x - middle);
            product_magnitude += std::abs(x * (x - middle));
            slope += x > 0 ? 0 : x * x;
        }
        map_in_memory<float> x(M, v);
        float mean = 0, total = 0, dslope = 0;
        kernels::global_average_pool_forward<float, M>::run(x.first(), &mean);
        kernels::channel_sums<float, M>::run(x.first(), &total);
        kernels::slope_gradient<float, M, activation::prelu>(x.first(), x.first(), &dslope);
        check_sum("mean", kind, static_cast<double>(mean), sum / n, magnitude / n);
        check_sum("sum", kind, static_cast<double>(total), sum, magnitude);
        check_sum("slope's gradient", kind, static_cast<double>(dslope), slope, slope);
        double first = 0, second = 0;
        kernels::channel_moments<float, M>::run(x.first(), &first, &second);
        check_sum("BatchNorm's mean", kind, first, sum / n, magnitude / n);
        check_sum("BatchNorm's variance", kind, second / n, squares / n, kind == 0 ? 1e-9 : squares / n);
        const auto near = static_cast<float>(middle);
        const float one = 1;
        kernels::batch_norm_backward_sums<float, M>::run(x.first(), x.first(), &near, &one, nullptr, nullptr, &first, &second);
        check_sum("sum of dy", kind, first, sum, magnitude);
        check_sum("sum of dy xhat", kind, second, product, product_magnitude);
    }
}

TEST_CASE("sums of many values are right to 1e-6 of their magnitudes") {
    check_many<make_map_layout(1, 2048, 2048, 1)>();
    check_many<make_map_layout(1, 1, 30'000, 0)>();
    check_many<make_map_layout(1, 9'000, 3, 2)>();
    check_many<make_map_layout(1, 211, 83, 4)>();
}

template <std::ptrdiff_t Channels>
void check_many_channels() {
    constexpr map_layout m = make_map_layout(Channels, 1, 2, 0);
    map_in_memory<float> x(m, values(at(2 * Channels), 0.1)), y(m);
    kernels::softmax_forward<float, m>::run(x.first(), y.first(), 0, 1);
    CHECK(std::abs(static_cast<double>(*y.first()) * static_cast<double>(Channels) - 1) <= 1e-6);
}

TEST_CASE("a softmax over many channels") {
    check_many_channels<1000>();
    check_many_channels<10'007>();
}

}  // namespace
}  // namespace fovea::test
