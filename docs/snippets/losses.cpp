// SPDX-License-Identifier: BSD-3-Clause
// docs/training.md: other losses than cross-entropy, one of them written here.
#include <cmath>
#include <cstdio>
#include <vector>

#include <fovea/train.hpp>

using namespace fovea;

// [huber]
/// |d| - 1/2 where the difference d is larger than 1, d^2 / 2 where it is not.
struct huber {
    using label_type = float;                                          // what data hold
    static constexpr std::string_view name = "huber";                  // for log, checkpoint and messages
    static constexpr float ignored = -1e30F;                           // targets that are passed over
    static constexpr Shape label_shape(Shape output) { return output; }

    static constexpr std::size_t sums = 2;                             // what run() gives: the loss first
    static constexpr std::array<metric, 1> metrics{
        metric{.name = "mean_distance", .is = better::down, .value = [](std::span<const double> s, double counted) {
                   return counted == 0 ? 0.0 : s[1] / counted;
               }}};

    /// One image: value c, y, x of the map is at c * M.plane + y * M.pitch + x, targets lie one behind the other.
    template <class T, map_layout M>
    std::array<double, 2> run(const T* outputs, const float* targets, T* gradient, T scale) const {
        double loss = 0, distance = 0;
        for (std::ptrdiff_t i = 0; i < M.channels * M.height * M.width; ++i) {
            if (targets[i] == ignored) {
                continue;
            }
            const std::ptrdiff_t row = i / M.width, at = row / M.height * M.plane + row % M.height * M.pitch + i % M.width;
            const T d = outputs[at] - static_cast<T>(targets[i]), size = std::abs(d);
            loss += static_cast<double>(size > 1 ? size - T(0.5) : d * d / 2);
            distance += static_cast<double>(size);
            if (gradient != nullptr) {                                 // null when nothing is learned from it
                gradient[at] += (size > 1 ? (d > 0 ? T(1) : T(-1)) : d) * scale;
            }
        }
        return {loss, distance};
    }
};
static_assert(loss_function<huber>);
// [huber]

// [heads]
using Net = Network<Input<1, 6, 8>, Conv<out<4>>, BatchNorm, ReLU,
    Heads<Conv1x1<3>,                                                  // head 0: a class for every pixel
          Sequential<GAP, Conv1x1<2>>>>;                               // head 1: two numbers an image
using both = losses<head<0, cross_entropy_of<smoothing<1, 10>>>, head<1, huber, weight<1, 2>>>;
// [heads]

int main() {
    std::vector<float> inputs(20 * 6 * 8), numbers(20 * 2);
    std::vector<std::uint8_t> classes(20 * 6 * 8);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        inputs[i] = static_cast<float>(i * 37 % 256) / 128 - 1;
        classes[i] = inputs[i] < -0.3F ? 0 : inputs[i] < 0.3F ? 1 : 2;
        numbers[i / 48 * 2] += inputs[i] / 48;
    }
    // [several]
    sample_view data{.images = inputs.data(),                          // floats are taken as they are
                     .labels = {{classes.data(), {1, 6, 8}}, {numbers.data(), {2, 1, 1}}},
                     .count = 20,
                     .channels = 1,
                     .height = 6,
                     .width = 8};
    auto weights = he_normal<Net>(1);
    Trainer<Net, both, fast> trainer(weights, {.epochs = 3,
                                               .steps_per_epoch = 10,
                                               .batch = 4,
                                               .class_weights = {1, 2, 1},
                                               .best = "head1_mean_distance"});
    const training_result result = trainer.fit(data, data);
    for (std::size_t m = 0; m < result.metrics.size(); ++m) {          // head0_loss, head0_accuracy, head1_loss, ...
        std::printf("%s %.3f\n", result.metrics[m].name.c_str(), result.history.back().validation_metrics[m]);
    }
    // [several]
    using Simple = Network<Input<1, 6, 8>, Conv<out<4>>, Tanh, Conv<>>;
    auto start = he_normal<Simple>(1);
    const std::vector<float> x(2 * 48, 0.5F), target(2 * 4 * 48, 0.25F);
    // [loop]
    learner<Simple, float, loss<mean_squared_error>> model(start);
    optimiser<float> adam(adam_options{}, parameter_count<Simple>);
    std::vector<float> y(2 * model.outputs_per_image), dy(y.size());
    for (int step = 0; step < 100; ++step) {
        model.forward(x.data(), 2, y.data());
        for (std::size_t i = 0; i < y.size(); ++i) {
            dy[i] = 2 * (y[i] - target[i]) / static_cast<float>(y.size());   // the derivative of whatever you minimise
        }
        if (const std::string_view bad = model.backward(dy.data()); !bad.empty()) {
            std::printf("%s is not finite\n", std::string(bad).c_str());
            break;
        }
        adam.step(model.parameters(), model.gradient(), 1e-2);
    }
    // [loop]
    float largest = 0;
    for (const float v : dy) {
        largest = std::max(largest, std::abs(v));
    }
    const gradient_check_result check = check_gradient<Net, both>();
    const bool falls = result.history.back().train_loss < result.history.front().train_loss;
    return check.worst < 1e-5 && falls && largest < 1e-3F ? 0 : 1;
}
