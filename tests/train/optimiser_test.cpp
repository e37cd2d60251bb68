// SPDX-License-Identifier: BSD-3-Clause
// Do the optimisers compute what their frameworks compute?
#include <cmath>

#include <fovea/train/optimiser.hpp>
#include "support.hpp"

using namespace fovea;

namespace {

/// One parameter, one gradient, several steps: the parameter after each.
std::vector<double> walk(const optimiser_options& options, double rate, std::vector<double> gradients,
                         double start = 1.0) {
    optimiser<double> o{options, 1};
    std::vector<double> path;
    for (const double g : gradients) {
        o.step(std::span{&start, 1}, std::span<const double>{&g, 1}, rate);
        path.push_back(start);
    }
    return path;
}

void check_close(const std::vector<double>& got, const std::vector<double>& expected) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i] == Approx(expected[i]).epsilon(1e-12));
    }
}

/// The formulae as written in the docstrings, in double, one parameter at a time.
struct plain {
    double p, a = 0.0, b = 0.0;
    int t = 0;

    void step(const optimiser_options& options, double g, double rate) {
        ++t;
        if (const auto* s = std::get_if<sgd_options>(&options)) {
            g += s->weight_decay * p;
            a = t == 1 ? g : s->momentum * a + g;
            p -= rate * (s->nesterov ? g + s->momentum * a : a);
        } else if (const auto* k = std::get_if<adam_options>(&options)) {
            g += k->weight_decay * p;
            a = k->beta1 * a + (1 - k->beta1) * g;
            b = k->beta2 * b + (1 - k->beta2) * g * g;
            p -= rate * std::sqrt(1 - std::pow(k->beta2, t)) / (1 - std::pow(k->beta1, t)) * a /
                 (std::sqrt(b) + k->epsilon);
        } else {
            const auto& w = std::get<adamw_options>(options);
            p -= rate * w.weight_decay * p;
            a = w.beta1 * a + (1 - w.beta1) * g;
            b = w.beta2 * b + (1 - w.beta2) * g * g;
            p -= rate * (a / (1 - std::pow(w.beta1, t))) / (std::sqrt(b / (1 - std::pow(w.beta2, t))) + w.epsilon);
        }
    }
};

const std::vector<optimiser_options> kinds{
    sgd_options{},
    sgd_options{.weight_decay = 0.1},
    sgd_options{.momentum = 0.9},
    sgd_options{.momentum = 0.8, .nesterov = true, .weight_decay = 0.01},
    adam_options{},
    adam_options{.beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-3, .weight_decay = 0.1},
    adamw_options{},
    adamw_options{.beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-4, .weight_decay = 0.3}};

template <class T>
double worst_error(const optimiser_options& options, std::uint64_t seed) {
    detail::random_stream random{seed};
    const std::size_t n = 1 + static_cast<std::size_t>(random.below(70));  // below, at and above any vector's length
    std::vector<T> p(n), g(n);
    std::vector<plain> reference(n);
    for (std::size_t i = 0; i < n; ++i) {
        p[i] = static_cast<T>(random.normal());
        reference[i].p = static_cast<double>(p[i]);
    }
    optimiser<T> o{options, n};
    for (int t = 0; t < 30; ++t) {
        const double rate = 0.01 * (1.0 + random.uniform());
        for (std::size_t i = 0; i < n; ++i) {
            g[i] = static_cast<T>(random.normal());
            reference[i].step(options, static_cast<double>(g[i]), rate);
        }
        o.step(p, g, rate);
    }
    double worst = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const double error =
            std::abs(static_cast<double>(p[i]) - reference[i].p) / (1.0 + std::abs(reference[i].p));
        worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
    }
    return worst;
}

}  // namespace

TEST_CASE("values worked out by hand") {
    // v: 1, 1.9, 2.71
    check_close(walk(sgd_options{.momentum = 0.9}, 0.1, {1, 1, 1}), {0.9, 0.71, 0.439});
    // v as above; g + 0.9 v: 1.9, 2.71
    check_close(walk(sgd_options{.momentum = 0.9, .nesterov = true}, 0.1, {1, 1}), {0.81, 0.539});
    // g = 1 + 0.5 * p
    check_close(walk(sgd_options{.weight_decay = 0.5}, 0.1, {1, 1}), {0.85, 0.7075});
    // Keras: m = 0.05, v = 0.00025, rate * sqrt(0.001) / 0.1 * 0.05 / (sqrt(0.00025) + 1e-7), rate = 0.1
    check_close(walk(adam_options{}, 0.1, {0.5}), {1.0 - 0.1 * 0.0158113883008419 / (0.0158113883008419 + 1e-7)});
    // PyTorch: 0.999 - 0.1 * 0.5 / (0.5 + 1e-8)
    check_close(walk(adamw_options{}, 0.1, {0.5}), {0.999 - 0.05 / (0.5 + 1e-8)});
    // A large epsilon shows where it stands: Keras's is beside sqrt(v), not beside the corrected one.
    check_close(walk(adam_options{.epsilon = 1.0}, 0.1, {0.5}), {1.0 - 0.1 * 0.0158113883008419 / 1.0158113883008419});
    check_close(walk(adamw_options{.epsilon = 1.0, .weight_decay = 0.0}, 0.1, {0.5}), {1.0 - 0.1 * 0.5 / 1.5});
}

TEST_CASE("every optimiser follows its formula over 30 steps") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    for (const auto& options : kinds) {
        CAPTURE(to_string(options));
        for (std::uint64_t i = 0; i < 20; ++i) {
            CHECK(worst_error<double>(options, seed + i) < 1e-13);
            CHECK(worst_error<float>(options, seed + i) < 2e-5);
        }
    }
}

TEST_CASE("state goes out and in without a change of a bit") {
    for (const auto& options : kinds) {
        CAPTURE(to_string(options));
        detail::random_stream random{5};
        std::vector<float> p(37, 1.0F), g(37);
        optimiser<float> first{options, p.size()};
        const auto step = [&](optimiser<float>& o, std::vector<float>& values) {
            for (float& x : g) {
                x = static_cast<float>(random.normal());
            }
            o.step(values, g, 0.01);
        };
        for (int i = 0; i < 5; ++i) {
            step(first, p);
        }
        optimiser<float> second{options, p.size()};
        auto from = first.state();
        auto to = second.state();
        REQUIRE(from.size() == to.size());
        for (std::size_t i = 0; i < from.size(); ++i) {
            CHECK(from[i].name == to[i].name);
            std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
        }
        second.set_steps(first.steps());
        auto p2 = p;
        const auto saved = random;
        step(first, p);
        random = saved;
        step(second, p2);
        CHECK(p == p2);
    }
}

TEST_CASE("a step says whether parameters and state are finite") {
    for (const auto& options : kinds) {
        CAPTURE(to_string(options));
        for (const std::size_t n : {1U, 65U, 2'048U, 5'000U}) {
            for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
                for (const float bad : {1.0F, std::nanf(""), HUGE_VALF, -HUGE_VALF, 1e30F}) {
                    CAPTURE(n, at, bad);
                    std::vector<float> p(n, 1.0F), g(n, 0.5F);
                    optimiser<float> o{options, n};
                    CHECK(o.step(p, g, 1e-3));
                    g[at] = bad;
                    const bool said = o.step(p, g, 1e-3);
                    const auto finite = [](std::span<const float> values) {
                        return std::all_of(values.begin(), values.end(), [](float v) { return detail::is_finite(v); });
                    };
                    bool expected = finite(p);
                    for (const auto& array : o.state()) {
                        expected = expected && finite(array.values);
                    }
                    CHECK(said == expected);
                    CHECK(expected == (bad == 1.0F || (bad == 1e30F && o.state().size() < 2)));
                }
            }
        }
    }
}

TEST_CASE("options and sizes that make no sense are refused") {
    using train_test::refusal;
    CHECK(train_test::contains(refusal([] { optimiser<float>(sgd_options{.momentum = 1.0}, 1); }), "momentum"));
    CHECK(train_test::contains(refusal([] { optimiser<float>(sgd_options{.nesterov = true}, 1); }), "nesterov"));
    CHECK(train_test::contains(refusal([] { optimiser<float>(adam_options{.beta2 = 1.0}, 1); }), "betas"));
    CHECK(train_test::contains(refusal([] { optimiser<float>(adamw_options{.epsilon = 0.0}, 1); }), "epsilon"));
    optimiser<float> o{adam_options{}, 3};
    std::vector<float> three(3), two(2);
    CHECK(train_test::contains(refusal([&] { o.step(three, two, 0.1); }), "size"));
}
