// SPDX-License-Identifier: BSD-3-Clause
// How fast do whole networks run and learn? Forward at batch 1; then a training step (forward with batch statistics,
// cross-entropy, backward, Adam) at batch 32. One and two threads take turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <fovea/train.hpp>

#include "seed_networks.hpp"

namespace {

using namespace fovea;

constexpr std::size_t batch_size = 32;

template <class Net>
class steps {
public:
    explicit steps(std::size_t threads)
        : weights_(he_normal<Net>(1)),
          model_(weights_, thread_count{threads}),
          adam_(adam_options{}, weights_.parameters().size()) {
        detail::random_stream random(1);
        images_.resize(batch_size * input_shape<Net>.size());
        for (float& x : images_) {
            x = static_cast<float>(random.normal());
        }
        labels_.resize(batch_size * output_shape<Net>.positions());
        for (auto& l : labels_) {
            l = static_cast<std::uint8_t>(random.below(output_shape<Net>.channels));
        }
    }
    double seconds() {
        const auto begin = std::chrono::steady_clock::now();
        model_.train_step(images_.data(), labels_.data(), batch_size, 0);
        adam_.step(model_.parameters(), model_.gradient(), 1e-3);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }

private:
    Weights<Net> weights_;
    learner<Net> model_;
    optimiser<float> adam_;
    std::vector<float> images_;
    std::vector<std::uint8_t> labels_;
};

double median(std::vector<double> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return v[v.size() / 2];
}

/// One line: medians of two programs that take turns, so that a change of the machine's speed falls on both.
template <class First, class Second>
void compare(const char* name, double flop, double images, First first, Second second) {
    std::vector<double> a, b;
    first();
    second();
    double total = 0;
    for (int i = 0; i < 400 && (i < 5 || total < 5); ++i) {
        a.push_back(first());
        b.push_back(second());
        total += a.back() + b.back();
    }
    const double s = median(a), t = median(b);
    std::printf("%-10s %9.3f ms %8.0f images/s %6.1f GF/s   %9.3f ms %8.0f images/s %6.1f GF/s   %4.2fx\n", name,
                s * 1e3, images / s, flop / s * 1e-9, t * 1e3, images / t, flop / t * 1e-9, s / t);
    std::fflush(stdout);
}

template <class Net>
void forward(const char* name) {
    const auto weights = he_normal<Net>(1);
    Engine<Net> one(weights);
    Engine<Net, threads<2>> two(weights);
    const std::vector<float> x(input_shape<Net>.size(), 0.5F);
    std::vector<float> y(output_shape<Net>.size());
    const auto timed = [&](auto& engine) {
        return [&] {
            const auto begin = std::chrono::steady_clock::now();
            engine.run(x.data(), y.data());
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        };
    };
    compare(name, 2.0 * static_cast<double>(mac_count<Net>), 1.0, timed(one), timed(two));
}

template <class Net>
void training(const char* name) {
    steps<Net> one(1), two(2);
    compare(
        name, 6.0 * static_cast<double>(mac_count<Net> * batch_size), batch_size, [&] { return one.seconds(); },
        [&] { return two.seconds(); });
}

}  // namespace

int main() {
    std::printf("medians; GF/s: 2 x nominal MACs / time forward, 6 x MACs x batch / time for a training step\n");
    std::printf("forward, batch 1; 1 thread, 2 threads\n");
    forward<seed::Dilated4>("Dilated4");
    forward<seed::Strided4>("Strided4");
    forward<seed::Segment>("Segment");
    std::printf("training step, batch %zu; 1 thread, 2 threads\n", batch_size);
    training<seed::Dilated4>("Dilated4");
    training<seed::Strided4>("Strided4");
    training<seed::Segment>("Segment");
}
