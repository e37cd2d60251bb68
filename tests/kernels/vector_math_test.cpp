// SPDX-License-Identifier: BSD-3-Clause
// Are the vector functions as near to the true values as they say, for every kind of number? Errors are in units in the
// last place of the true value rounded to T, which double (for float) and long double (for double) give.
// Defined FOVEA_TEST_EVERY_FLOAT (20 s a function): every float instead of a sample.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include <fovea/detail/random.hpp>
#include <fovea/execute/kernels/activation.hpp>

#include "catch.hpp"

namespace fovea::test {
namespace {

template <class T>
using batch = kernels::batch<T>;
template <class T>
using limits = std::numeric_limits<T>;
template <class T>
using wider = std::conditional_t<std::is_same_v<T, float>, double, long double>;
template <class T>
constexpr auto lanes = static_cast<std::size_t>(kernels::lanes<T>);

struct exponential {
    template <class T>
    static batch<T> fast(batch<T> x) { return kernels::exponential(x); }
    template <class W>
    static W exact(W x) { return std::exp(x); }
    static constexpr double bound = 1.1;
};
struct hyperbolic_tangent {
    template <class T>
    static batch<T> fast(batch<T> x) { return kernels::hyperbolic_tangent(x); }
    template <class W>
    static W exact(W x) { return std::tanh(x); }
    static constexpr double bound = 2.75;
};
struct logistic {
    template <class T>
    static batch<T> fast(batch<T> x) { return kernels::logistic(x); }
    template <class W>
    static W exact(W x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
    static constexpr double bound = 2.5;
};
struct silu {
    template <class T>
    static batch<T> fast(batch<T> x) { return kernels::silu(x); }
    template <class W>
    static W exact(W x) { return x * logistic::exact(x); }
    static constexpr double bound = 3.3;
};

/// Distance from the true value in units in the last place; infinite where only one of the two is a number.
template <class T>
double error_in_ulp(T got, wider<T> truth) {
    const T rounded = static_cast<T>(truth);
    if (std::isnan(truth) || std::isinf(rounded)) {
        return std::isnan(truth) ? (std::isnan(got) ? 0 : limits<double>::infinity())
               : got == rounded  ? 0
               // Just below the largest number, where rounding decides.
               : got == std::copysign(limits<T>::max(), rounded) && std::abs(truth) < 1.0000002L * limits<T>::max()
                   ? 1
                   : limits<double>::infinity();
    }
    if (std::isnan(got)) {
        return limits<double>::infinity();
    }
    if (got == 0 && rounded == 0) {
        return std::signbit(got) == std::signbit(rounded) ? 0 : limits<double>::infinity();
    }
    int exponent = 0;
    std::frexp(truth, &exponent);
    const int lowest = limits<T>::min_exponent - limits<T>::digits;
    const int ulp = exponent - limits<T>::digits > lowest ? exponent - limits<T>::digits : lowest;
    if (std::isinf(got)) {  // counts as the number that would follow the largest
        return static_cast<double>(std::ldexp(std::ldexp(wider<T>(1), limits<T>::max_exponent) - std::abs(truth), -ulp));
    }
    return static_cast<double>(std::ldexp(std::abs(static_cast<wider<T>>(got) - truth), -ulp));
}

template <class F, class T>
struct worst {
    double error = 0;
    T at = 0;
    std::size_t pending = 0;
    T x[lanes<T>]{};

    void flush() {
        T y[lanes<T>];
        kernels::store(y, F::template fast<T>(kernels::load(x)));
        for (std::size_t i = 0; i < pending; ++i) {
            const double e = error_in_ulp<T>(y[i], F::template exact<wider<T>>(x[i]));
            if (!(e <= error)) {
                error = e;
                at = x[i];
            }
        }
        pending = 0;
    }
    void add(T v) {
        x[pending++] = v;
        if (pending == lanes<T>) {
            flush();
        }
    }
};

template <class F>
double sweep_floats() {
#if defined(FOVEA_TEST_EVERY_FLOAT)
    constexpr std::uint64_t step = 1;
#else
    constexpr std::uint64_t step = 6007;  // a prime: all mantissas and all exponents
#endif
    worst<F, float> w;
    for (std::uint64_t bits = 0; bits < (std::uint64_t(1) << 32); bits += step) {
        w.add(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    }
    for (int i = -24000; i <= 24000; ++i) {
        w.add(static_cast<float>(i) * (1.0F / 200));  // where the functions bend, and where e^x ends
    }
    w.flush();
    INFO("largest error at x = " << w.at);
    CHECK(w.error <= F::bound);
    return w.error;
}

template <class F>
double sweep_doubles() {
    worst<F, double> w;
    detail::random_stream random(5);
    for (int i = 0; i < 200000; ++i) {
        w.add(random.symmetric(1) * 2);
        w.add(random.symmetric(1) * 40);
        w.add(random.symmetric(1) * 800);
        w.add(std::bit_cast<double>(random.bits()));
    }
    w.flush();
    INFO("largest error at x = " << w.at);
    CHECK(w.error <= F::bound);
    return w.error;
}

template <class T, class F>
void check_special(const char* name) {
    const T inf = limits<T>::infinity();
    const T tiny = limits<T>::denorm_min();
    const T values[] = {T(0),           T(-0.0),           inf,           -inf,           limits<T>::quiet_NaN(),
                        limits<T>::max(), limits<T>::lowest(), tiny,          -tiny,          limits<T>::min(),
                        -limits<T>::min(), T(88.72284),       T(88.7228393), T(-87.5),       T(-103.5),
                        T(-104.5),      T(709.782712893384), T(709.79),     T(-745.13),     T(-745.14),
                        T(-110),        T(-760),           T(1),          T(-1)};
    for (const T v : values) {
        T y[lanes<T>];
        for (std::size_t lane = 0; lane < lanes<T>; ++lane) {  // alone among others: the value must not depend on its place
            T x[lanes<T>];
            for (std::size_t i = 0; i < lanes<T>; ++i) {
                x[i] = i == lane ? v : values[(i + lane) % std::size(values)];
            }
            T all[lanes<T>];
            kernels::store(all, F::template fast<T>(kernels::load(x)));
            y[lane] = all[lane];
            INFO(name << "(" << v << ") = " << y[lane] << " in lane " << lane);
            CHECK(error_in_ulp<T>(y[lane], F::template exact<wider<T>>(v)) <= F::bound);
            CHECK((std::isnan(y[0]) || std::signbit(y[0]) == std::signbit(y[lane])));
            CHECK((std::isnan(y[0]) ? std::isnan(y[lane]) : y[0] == y[lane]));
        }
    }
}

template <class F>
void check(const char* name) {
    check_special<float, F>(name);
    check_special<double, F>(name);
    const double f = sweep_floats<F>();
    const double d = sweep_doubles<F>();
    std::printf("%s: at most %.2f ulp for float, %.2f for double\n", name, f, d);
}

TEST_CASE("exponential, tanh, logistic function and SiLU on vectors") {
    check<exponential>("exponential");
    check<hyperbolic_tangent>("hyperbolic_tangent");
    check<logistic>("logistic");
    check<silu>("silu");
}

batch<float> slope_of_silu(float x) {
    return kernels::function_of<activation::silu>::gradient(batch<float>(1.0F), batch<float>(x), 0.0F);
}

TEST_CASE("the slope of SiLU on vectors") {
    for (double x = -60; x <= 60; x += 0.0078125) {
        float y[lanes<float>];
        kernels::store(y, slope_of_silu(static_cast<float>(x)));
        const double s = logistic::exact(x);
        CHECK(std::abs(static_cast<double>(y[0]) - s * (1 + x * (1 - s))) <= 1e-6);
    }
    const auto slope = [](float x) {
        float y[lanes<float>];
        kernels::store(y, slope_of_silu(x));
        return y[0];
    };
    CHECK(slope(limits<float>::max()) == 1);
    CHECK(slope(limits<float>::lowest()) == 0);
    for (const float x : {limits<float>::infinity(), -limits<float>::infinity(), limits<float>::quiet_NaN()}) {
        CHECK(std::isnan(slope(x)));  // as in PyTorch
    }
}

}  // namespace
}  // namespace fovea::test
