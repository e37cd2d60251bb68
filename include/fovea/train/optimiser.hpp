// SPDX-License-Identifier: BSD-3-Clause
// How does a gradient change the parameters? SGD with momentum, Adam, AdamW: flat vectors, one fused pass over
// parameters, gradient and state. The learning rate comes from a schedule (schedule.hpp), one value a step.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/execute/kernels/simd.hpp>

namespace fovea {

/// Stochastic gradient descent as PyTorch's torch.optim.SGD: g += weight_decay * p; v = momentum * v + g (v = g at the
/// first step); p -= rate * (nesterov ? g + momentum * v : v).
struct sgd_options {
    double momentum = 0.0;
    bool nesterov = false;
    double weight_decay = 0.0;
};

/// Adam as Keras computes it: with step t = 1, 2, ..., p -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) +
/// epsilon): epsilon stands beside the uncorrected sqrt(v) (Kingma and Ba 2015, end of section 2). weight_decay is L2:
/// added to the gradient. Keras's `decay` is the schedule keras_decay_rate.
struct adam_options {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0.0;
};

/// AdamW as PyTorch's: p -= rate * weight_decay * p, apart from the gradient (Loshchilov and Hutter 2019), then
/// p -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon).
struct adamw_options {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 1e-2;
};

using optimiser_options = std::variant<sgd_options, adam_options, adamw_options>;

/// "adam(beta1=0.9,beta2=0.999,epsilon=1e-07,weight_decay=0)": the same text for the same options.
inline std::string to_string(const optimiser_options& options) {
    using detail::exact_text;
    if (const auto* sgd = std::get_if<sgd_options>(&options)) {
        return "sgd(momentum=" + exact_text(sgd->momentum) + ",nesterov=" + (sgd->nesterov ? "1" : "0") +
               ",weight_decay=" + exact_text(sgd->weight_decay) + ")";
    }
    const auto adam_text = [](const char* name, const auto& o) {
        return std::string{name} + "(beta1=" + exact_text(o.beta1) + ",beta2=" + exact_text(o.beta2) +
               ",epsilon=" + exact_text(o.epsilon) + ",weight_decay=" + exact_text(o.weight_decay) + ")";
    };
    if (const auto* adam = std::get_if<adam_options>(&options)) {
        return adam_text("adam", *adam);
    }
    return adam_text("adamw", std::get<adamw_options>(options));
}

namespace detail {

template <std::floating_point T>
void sgd_step(T* __restrict p, const T* __restrict g, std::size_t n, T rate, T decay) {
    for (std::size_t i = 0; i < n; ++i) {
        p[i] -= rate * (g[i] + decay * p[i]);
    }
}

template <std::floating_point T>
void momentum_step(T* __restrict p, const T* __restrict g, T* __restrict v, std::size_t n, T rate, T momentum, T decay,
                   T look_ahead) {
    for (std::size_t i = 0; i < n; ++i) {  // look_ahead: the momentum again for Nesterov, in which g counts once more
        const T gradient = g[i] + decay * p[i];
        const T velocity = momentum * v[i] + gradient;
        v[i] = velocity;
        p[i] -= rate * (look_ahead > T{0} ? gradient + look_ahead * velocity : velocity);
    }
}

/// What one step of Adam needs beside the arrays: `shrink` = 1 - rate * (decoupled weight decay), `l2` = weight decay
/// in the gradient, `root_scale` = what sqrt(v) is multiplied by.
template <class T>
struct adam_factors {
    T rate, beta1, beta2, epsilon, root_scale, shrink, l2;
};

/// V is a number or a vector of numbers.
template <class V, class T>
FOVEA_INLINE void adam_update(V& p, V g, V& m, V& v, const adam_factors<T>& k) {
    using std::sqrt;
    const V gradient = g + V(k.l2) * p;
    m = V(k.beta1) * m + V(T{1} - k.beta1) * gradient;
    v = V(k.beta2) * v + V(T{1} - k.beta2) * gradient * gradient;
    p = p * V(k.shrink) - V(k.rate) * m / (sqrt(v) * V(k.root_scale) + V(k.epsilon));
}

/// Explicit vectors, since compilers keep a loop with std::sqrt scalar for errno's sake.
template <std::floating_point T>
void adam_step(T* p, const T* g, T* m, T* v, std::size_t n, const adam_factors<T>& k) {
    constexpr auto lanes = static_cast<std::size_t>(kernels::lanes<T>);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        auto parameter = kernels::load(p + i);
        auto first = kernels::load(m + i);
        auto second = kernels::load(v + i);
        adam_update(parameter, kernels::load(g + i), first, second, k);
        kernels::store(p + i, parameter);
        kernels::store(m + i, first);
        kernels::store(v + i, second);
    }
    for (; i < n; ++i) {
        adam_update(p[i], g[i], m[i], v[i], k);
    }
}

}  // namespace detail

/// An optimiser and its state for `size` parameters. Deterministic: elementwise, in one thread.
template <std::floating_point T>
class optimiser {
public:
    /// A named flat array of state, as a checkpoint stores it.
    struct state_array {
        std::string name;
        std::span<T> values;
    };

    optimiser(const optimiser_options& options, std::size_t size) : options_{options}, size_{size} {
        if (const auto* sgd = std::get_if<sgd_options>(&options_)) {
            require(sgd->momentum >= 0.0 && sgd->momentum < 1.0, "momentum must be in [0, 1)");
            require(!sgd->nesterov || sgd->momentum > 0.0, "nesterov needs a momentum above 0");
            first_.resize(sgd->momentum > 0.0 ? size : 0);
        } else {
            const auto check = [](const auto& o) {
                require(o.beta1 >= 0.0 && o.beta1 < 1.0 && o.beta2 >= 0.0 && o.beta2 < 1.0, "betas must be in [0, 1)");
                require(o.epsilon > 0.0, "epsilon must be above 0");
            };
            std::holds_alternative<adam_options>(options_) ? check(std::get<adam_options>(options_))
                                                           : check(std::get<adamw_options>(options_));
            first_.resize(size);
            second_.resize(size);
        }
    }

    /// Changes `parameters` by one step along `gradient` with learning rate `rate`. False if a parameter or a value of
    /// the state is then not finite.
    /// \throws Error if a span does not have the size given to the constructor
    bool step(std::span<T> parameters, std::span<const T> gradient, double rate) {
        require(parameters.size() == size_ && gradient.size() == size_,
                "parameters and gradient must have the size of the state");
        ++steps_;
        if (const auto* sgd = std::get_if<sgd_options>(&options_)) {
            return step_sgd(*sgd, parameters, gradient, rate);
        }
        if (const auto* adam = std::get_if<adam_options>(&options_)) {
            const double corrected = rate * std::sqrt(correction(adam->beta2)) / correction(adam->beta1);
            return step_adam(*adam, parameters, gradient, corrected, 1.0, 1.0, adam->weight_decay);
        }
        const auto& adamw = std::get<adamw_options>(options_);
        return step_adam(adamw, parameters, gradient, rate / correction(adamw.beta1),
                         1.0 / std::sqrt(correction(adamw.beta2)), 1.0 - rate * adamw.weight_decay, 0.0);
    }

    /// Steps done so far.
    std::uint64_t steps() const noexcept { return steps_; }
    void set_steps(std::uint64_t steps) noexcept { steps_ = steps; }

    /// The arrays that, with steps(), are the whole state: none, "velocity", or "first_moment" and "second_moment".
    std::vector<state_array> state() {
        if (first_.empty()) {
            return {};
        }
        if (std::holds_alternative<sgd_options>(options_)) {
            return {{"velocity", first_}};
        }
        return {{"first_moment", first_}, {"second_moment", second_}};
    }

    const optimiser_options& options() const noexcept { return options_; }

private:
    static void require(bool holds, const char* message) {
        if (!holds) {
            throw Error{std::string{"optimiser: "} + message};
        }
    }

    double correction(double beta) const { return 1.0 - std::pow(beta, static_cast<double>(steps_)); }

    /// f(first, count) for blocks that stay in the cache until they have been asked whether they are finite.
    template <class F>
    bool in_blocks(std::span<const T> parameters, F&& f) const {
        constexpr std::size_t block = 2'048;
        bool finite = true;
        for (std::size_t first = 0; first < size_; first += block) {
            const std::size_t count = std::min(block, size_ - first);
            f(first, count);
            for (std::span<const T> values : {parameters, std::span<const T>(first_), std::span<const T>(second_)}) {
                if (!values.empty()) {
                    finite = finite && detail::first_not_finite(values.subspan(first, count)) == count;
                }
            }
        }
        return finite;
    }

    bool step_sgd(const sgd_options& o, std::span<T> p, std::span<const T> g, double rate) {
        return in_blocks(p, [&](std::size_t at, std::size_t count) {
            if (first_.empty()) {
                detail::sgd_step(p.data() + at, g.data() + at, count, static_cast<T>(rate),
                                 static_cast<T>(o.weight_decay));
            } else {  // v starts as 0, so that the first v is g, as in PyTorch
                detail::momentum_step(p.data() + at, g.data() + at, first_.data() + at, count, static_cast<T>(rate),
                                      static_cast<T>(o.momentum), static_cast<T>(o.weight_decay),
                                      static_cast<T>(o.nesterov ? o.momentum : 0.0));
            }
        });
    }

    template <class Options>
    bool step_adam(const Options& o, std::span<T> p, std::span<const T> g, double rate, double root_scale,
                   double shrink, double l2) {
        const detail::adam_factors<T> factors{.rate = static_cast<T>(rate),
                                              .beta1 = static_cast<T>(o.beta1),
                                              .beta2 = static_cast<T>(o.beta2),
                                              .epsilon = static_cast<T>(o.epsilon),
                                              .root_scale = static_cast<T>(root_scale),
                                              .shrink = static_cast<T>(shrink),
                                              .l2 = static_cast<T>(l2)};
        return in_blocks(p, [&](std::size_t at, std::size_t count) {
            detail::adam_step(p.data() + at, g.data() + at, first_.data() + at, second_.data() + at, count, factors);
        });
    }

    optimiser_options options_;
    std::size_t size_;
    std::uint64_t steps_ = 0;
    std::vector<T> first_;   ///< velocity or first moment
    std::vector<T> second_;  ///< second moment
};

}  // namespace fovea
