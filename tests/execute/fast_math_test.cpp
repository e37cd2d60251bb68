// SPDX-License-Identifier: BSD-3-Clause
// Does -ffast-math keep the answers? Compiled with it: functions, networks and a training step against the plain loops in
// double, within 1e-6, and the questions of what is a number.
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/detail/constexpr_math.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/train.hpp>

#include "catch.hpp"
#include "reference_network.hpp"

namespace fovea::test {
namespace {

/// The largest |got - expected| / scale of it, where `scale` is |expected| or, for sums, the largest of all.
template <class T>
void check_close(const std::vector<T>& got, const values& expected, double bound, bool each) {
    REQUIRE(got.size() == expected.size());
    double largest = 0;
    for (const double e : expected) {
        largest = std::max(largest, std::abs(e));
    }
    REQUIRE(largest > 0);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double error = std::abs(static_cast<double>(got[i]) - expected[i]);
        if (const double scale = each ? std::abs(expected[i]) : largest; error > bound * scale || !detail::is_finite(got[i])) {
            FAIL_CHECK("value " << i << ": expected " << expected[i] << ", got " << got[i]);
        }
    }
}

template <class Net, class... Options>
std::vector<float> run(const Weights<Net>& w, const std::vector<float>& x) {
    std::vector<float> y(output_shape<Net>.size());
    Engine<Net, Options...>(w).run(x.data(), y.data());
    return y;
}

template <class Net>
values expected_of(const Weights<Net>& w, const std::vector<float>& x) {
    return reference_outputs(plain(w), values(x.begin(), x.end()))[0];
}

/// Every function over the inputs whose answers are normal numbers.
template <class Activation>
void check_activation(float limit) {
    using Net = Network<Input<1, 20'000>, Activation>;
    std::vector<float> x(20'000);
    for (std::size_t i = 0; i < x.size(); ++i) {  // dense near 0, none is 0
        const float share = (static_cast<float>(i) - 9'999.5F) / 10'000.0F;
        x[i] = limit * share * std::abs(share);
    }
    check_close(run(Weights<Net>{}, x), expected_of(Weights<Net>{}, x), 1e-6, true);
}

TEST_CASE("activations under -ffast-math") {
    check_activation<Sigmoid>(80);
    check_activation<Tanh>(80);
    check_activation<SiLU>(80);
}

TEST_CASE("softmax under -ffast-math") {
    using Net = Network<Input<7, 900>, Softmax>;
    std::vector<float> x(7 * 900);
    detail::random_stream random(1);
    for (float& v : x) {
        v = static_cast<float>(random.below(5'001)) / 64.0F - 39.0F;  // differences are exact
    }
    check_close(run(Weights<Net>{}, x), expected_of(Weights<Net>{}, x), 1e-6, true);
}

using Small = Network<Input<3, 20, 21>, Conv<out<8>>, BatchNorm, ReLU, MaxPool<ker<3>, pad<1>>, Conv<out<12>, dil<2>>, BatchNorm,
                      ReLU, AvgPool<ker<3>, same>, MedianPool<ker<3>, same>, Conv<out<10>>, SiLU, GAP, Conv1x1<6>, Softmax>;

Weights<Small> small_weights() {
    Weights<Small> w = he_normal<Small>(3);
    detail::random_stream random(2);
    for (float& v : w.buffers()) {
        v = static_cast<float>(0.5 + random.uniform());
    }
    return w;
}

std::vector<float> images(std::size_t n) {
    std::vector<float> x(n * input_shape<Small>.size());
    detail::random_stream random(5);
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    return x;
}

TEST_CASE("a network under -ffast-math") {
    const Weights<Small> w = small_weights();
    const std::vector<float> x = images(1);
    const values expected = expected_of(w, x);
    check_close(run<Small>(w, x), expected, 1e-6, true);
    check_close(run<Small, fast>(w, x), expected, 1e-5, true);
}

TEST_CASE("a large map under -ffast-math") {
    using Net = Network<Input<1, 700, 700>, GAP>;
    const std::vector<float> x(700 * 700, 0.1F);
    check_close(run(Weights<Net>{}, x), {static_cast<double>(0.1F)}, 1e-6, true);
}

TEST_CASE("a training step under -ffast-math") {
    const std::vector<float> x = images(4);
    const std::vector<std::uint8_t> labels{0, 3, 5, 1};
    Weights<Small> w = small_weights();
    Weights<Small, double> wide;
    std::copy(w.values().begin(), w.values().end(), wide.values().begin());
    double loss = 0;
    const std::size_t size = input_shape<Small>.size();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto at = x.begin() + static_cast<std::ptrdiff_t>(i * size);
        loss -= std::log(expected_of(w, {at, at + static_cast<std::ptrdiff_t>(size)})[labels[i]]) / 4;
    }
    learner<Small> model(w);
    CHECK(model.evaluate(x.data(), labels.data(), 4).loss == Approx(loss).epsilon(1e-6));

    CHECK(check_gradient<Small>().worst < 1e-5);
    learner<Small, double> exact_model(wide);
    const std::vector<double> wide_x(x.begin(), x.end());
    const double wide_loss = exact_model.train_step(wide_x.data(), labels.data(), 4).loss;
    CHECK(model.train_step(x.data(), labels.data(), 4).loss == Approx(wide_loss).epsilon(1e-6));
    const std::vector<float> gradient(model.gradient().begin(), model.gradient().end());
    check_close(gradient, values(exact_model.gradient().begin(), exact_model.gradient().end()), 1e-5, false);

    const double rate = 1e-3;
    optimiser<float> adam(adam_options{}, gradient.size());
    std::vector<float> after(gradient.size(), 1.0F);
    adam.step(after, gradient, rate);
    values expected(gradient.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double g = static_cast<double>(gradient[i]), m = 0.1 * g, v = 0.001 * g * g;
        expected[i] = 1 - rate * std::sqrt(0.001) / 0.1 * m / (std::sqrt(v) + 1e-7);
    }
    check_close(after, expected, 1e-6, true);
}

/// Numbers that the compiler does not know.
template <class T, class Bits>
T number(Bits bits) {
    volatile Bits hidden = bits;
    return std::bit_cast<T>(static_cast<Bits>(hidden));
}

TEST_CASE("what is a number under -ffast-math") {
    for (const std::uint32_t bits : {0x7F80'0000U, 0xFF80'0000U, 0x7FC0'0000U, 0xFFC0'0001U, 0x7F80'0001U}) {
        const auto value = number<float>(bits);
        CHECK_FALSE(detail::is_finite(value));
        CHECK(detail::is_nan(value) == ((bits & 0x7FFF'FFFFU) != 0x7F80'0000U));
    }
    for (const std::uint64_t bits : {0x7FF0'0000'0000'0000U, 0xFFF0'0000'0000'0000U, 0x7FF8'0000'0000'0000U}) {
        const auto value = number<double>(bits);
        CHECK_FALSE(detail::is_finite(value));
        CHECK(detail::is_nan(value) == (bits == 0x7FF8'0000'0000'0000U));
        CHECK(detail::is_nan(detail::exponential(value)) == detail::is_nan(value));
    }
    CHECK(detail::is_finite(number<float>(0x7F7F'FFFFU)));
    CHECK(detail::is_finite(number<double>(std::uint64_t{0})));
    CHECK(std::bit_cast<std::uint64_t>(detail::infinity<double>) == 0x7FF0'0000'0000'0000U);
}

}  // namespace
}  // namespace fovea::test
