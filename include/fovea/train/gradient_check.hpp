// SPDX-License-Identifier: BSD-3-Clause
// Is a network's gradient right? Compares it with central differences of the loss, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/finite.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/train/learner.hpp>

namespace fovea {

struct gradient_check_options {
    std::uint64_t seed = 1;
    std::size_t images = 3;
    std::size_t most_per_tensor = 40;  ///< parameters tried in each tensor, spread over it
    double epsilon = 1e-5;
    double ignored = 0.1;  ///< share of the labels that are those which the loss ignores
    std::vector<double> class_weights{};
};

struct gradient_check_result {
    /// Largest |difference| / (|gradient| + |numeric|), or the first that is not finite; values below 1e-4 of the
    /// network's largest gradient are measured by that, since their differences are all rounding.
    double worst = 0;
    std::string tensor{};
    double gradient = 0;
    double numeric = 0;
    std::size_t tried = 0;
};

namespace detail {

/// Random labels that L allows, some of which it ignores: classes, or normal numbers, or, if these are not allowed,
/// numbers from 0 to 1.
template <class L>
void draw_labels(void* to, const Shape& output, bool may_ignore, double ignored, random_stream& random) {
    using label = typename L::label_type;
    auto* labels = static_cast<label*>(to);
    for (std::size_t i = 0; i < L::label_shape(output).size(); ++i) {
        if constexpr (requires { L::ignored; }) {
            if (may_ignore && random.chance(ignored)) {
                labels[i] = L::ignored;
                continue;
            }
        }
        if constexpr (std::is_integral_v<label>) {
            labels[i] = static_cast<label>(random.below(output.channels));
        } else {
            labels[i] = static_cast<label>(random.normal());
            labels[i] = allows<L>(labels[i], output) ? labels[i] : static_cast<label>(random.uniform());
        }
    }
}

}  // namespace detail

inline namespace FOVEA_KERNELS_ISA {

/// Random weights, inputs and labels; (f(w + e) - f(w - e)) / 2e against learner<Net, double>::gradient(). Every
/// parameter is moved through the same dropout masks. A kink (ReLU, max) within epsilon of a random value is what
/// limits it.
template <class Net, class... Tags>
gradient_check_result check_gradient(const gradient_check_options& options = {}) {
    using model = learner<Net, double, Tags...>;
    using goal = training_goal<Net, Tags...>;
    detail::random_stream random(options.seed);
    Weights<Net, double> weights;
    for (double& w : weights.parameters()) {
        w = 0.5 * random.normal();
    }
    for (const tensor_info& t : detail::tensor_list<Net>) {
        if (detail::layers_of<Net>[t.layer].kind == brick_kind::batch_norm && t.trainable) {
            for (double& w : weights[t]) {
                w += 1.0;
            }
        }
    }
    std::vector<double> images(options.images * input_shape<Net>.size());
    for (double& x : images) {
        x = random.normal();
    }
    std::vector<std::max_align_t> labels(options.images * model::label_bytes / sizeof(std::max_align_t) + 1);
    auto* const records = reinterpret_cast<std::byte*>(labels.data());
    for (std::size_t i = 0; i < options.images; ++i) {
        [&]<std::size_t... H>(std::index_sequence<H...>) {
            ((goal::heads[H].shares ? void()
                                    : detail::draw_labels<typename goal::template loss_of<H>>(
                                          records + i * model::label_bytes + goal::heads[H].at,
                                          goal::heads[H].source.output, i > 0, options.ignored, random)),
             ...);
        }
        (std::make_index_sequence<goal::head_count>{});
    }
    model m(weights, thread_count{2}, options.class_weights);
    const auto loss_of_step = [&] {
        return m
            .train_step(images.data(), reinterpret_cast<const typename model::label_type*>(records), options.images, 42)
            .loss;
    };
    loss_of_step();
    const std::vector<double> gradient(m.gradient().begin(), m.gradient().end());

    double largest = 0;
    for (double g : gradient) {
        largest = std::max(largest, std::abs(g));
    }

    gradient_check_result result;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        if (!t.trainable) {
            continue;
        }
        const std::size_t tries = std::min(t.size(), options.most_per_tensor);
        for (std::size_t k = 0; k < tries; ++k) {
            const std::size_t i = t.offset + (tries == t.size() ? k : random.below(t.size()));
            double& w = weights.parameters()[i];
            const double before = w;
            w = before + options.epsilon;
            const double up = loss_of_step();
            w = before - options.epsilon;
            const double down = loss_of_step();
            w = before;
            const double numeric = (up - down) / (2 * options.epsilon);
            const double scale = std::max(std::abs(gradient[i]) + std::abs(numeric), 1e-4 * largest);
            const double error = std::abs(gradient[i] - numeric) / scale;
            ++result.tried;
            const bool worse = !detail::is_finite(error) || error > result.worst;
            if (worse && detail::is_finite(result.worst)) {  // what is no number stays
                result.worst = error;
                result.tensor = std::string(std::string_view(t.name)) + "[" + std::to_string(i - t.offset) + "]";
                result.gradient = gradient[i];
                result.numeric = numeric;
            }
        }
    }
    return result;
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea
