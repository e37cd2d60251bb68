// SPDX-License-Identifier: BSD-3-Clause
// How is a network's training tested? Its loss against the reference network, its gradient against differences of that.
#pragma once

#include "../catch.hpp"

#include <cmath>
#include <vector>

#include <execute/reference_network.hpp>
#include <fovea/dsl.hpp>
#include <fovea/train/gradient_check.hpp>

namespace train_test {

/// Summed over the outputs: the mean of -log of the labels' probabilities. Outputs of one shape share labels.
template <class Net>
double reference_loss(const fovea::Weights<Net, double>& w, const std::vector<double>& images,
                      const std::vector<std::uint8_t>& labels, std::size_t n) {
    const auto net = fovea::test::plain(w);
    const auto shape_of = [&](std::size_t map) {
        return map == 0 ? fovea::input_shape<Net> : net.layers[map - 1].output;
    };
    std::vector<std::size_t> first(net.outputs.size());
    std::size_t count = 0;
    for (std::size_t o = 0; o < first.size(); ++o) {
        std::size_t like = 0;
        while (!(shape_of(net.outputs[like]) == shape_of(net.outputs[o]))) {
            ++like;
        }
        first[o] = like < o ? first[like] : count;
        count += like < o ? 0 : shape_of(net.outputs[o]).positions();
    }
    REQUIRE(labels.size() == n * count);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto image = images.begin() + static_cast<std::ptrdiff_t>(i * images.size() / n);
        const auto outputs =
            fovea::test::reference_outputs(net, {image, image + static_cast<std::ptrdiff_t>(images.size() / n)});
        for (std::size_t o = 0; o < first.size(); ++o) {
            const std::size_t map = net.outputs[o], positions = shape_of(map).positions();
            auto p = outputs[o];
            if (map == 0 || net.layers[map - 1].kind != fovea::brick_kind::softmax) {
                p = fovea::test::softmax(p, p.size() / positions, positions);
            }
            for (std::size_t k = 0; k < positions; ++k) {
                sum -=
                    std::log(p[labels[i * count + first[o] + k] * positions + k]) / static_cast<double>(n * positions);
            }
        }
    }
    return sum;
}

template <class Net, class... Mode>
void check_loss() {
    constexpr std::size_t n = 2;
    fovea::detail::random_stream random(9);
    fovea::Weights<Net, double> w;
    for (double& p : w.parameters()) {
        p = 0.5 * random.normal();
    }
    for (double& b : w.buffers()) {
        b = 0.5 + random.uniform();
    }
    std::vector<double> images(n * fovea::input_shape<Net>.size());
    for (double& x : images) {
        x = random.normal();
    }
    fovea::learner<Net, double, Mode...> model(w);
    std::vector<std::uint8_t> labels(n * model.labels_per_image);
    for (std::size_t i = 0, at = 0; i < n; ++i) {
        for (const auto& source : model.label_sources()) {
            for (std::size_t k = 0; k < source.shape.size(); ++k) {
                labels[at++] = static_cast<std::uint8_t>(random.below(source.output.channels));
            }
        }
    }
    CHECK(model.evaluate(images.data(), labels.data(), n).loss ==
          Approx(reference_loss(w, images, labels, n)).epsilon(1e-9));
}

template <class Net, class... Mode>
void check_gradients(const char* name) {
    const fovea::gradient_check_result r = fovea::check_gradient<Net, Mode...>();
    INFO(name << ": " << r.tensor << " gradient " << r.gradient << ", numeric " << r.numeric);
    CHECK(r.worst < 1e-5);
    CHECK(r.tried > 0);
    check_loss<Net, Mode...>();
}

}  // namespace train_test
