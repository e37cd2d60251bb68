// SPDX-License-Identifier: BSD-3-Clause
// How fast does a network learn? Images a second of a whole training step (forward with batch statistics, cross-entropy,
// backward, Adam), batch 32, with one and more threads in turn.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <fovea/train.hpp>

#include "seed_networks.hpp"

namespace {

using namespace fovea;

constexpr std::size_t batch_size = 32;

template <class Net>
class steps {
public:
    explicit steps(std::size_t threads) : weights_(he_normal<Net>(1)), model_(weights_, thread_count{threads}), adam_(adam_options{}, weights_.parameters().size()) {
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

/// Thread counts take turns, so that a change of the machine's speed falls on all of them.
template <class Net>
void measure(const char* name, std::size_t threads) {
    steps<Net> one(1), more(threads);
    std::vector<double> a, b;
    one.seconds();
    more.seconds();
    double total = 0;
    for (int i = 0; i < 200 && (i < 5 || total < 6); ++i) {
        a.push_back(one.seconds());
        b.push_back(more.seconds());
        total += a.back() + b.back();
    }
    const double flop = 6.0 * static_cast<double>(mac_count<Net> * batch_size);
    const double s = median(a), t = median(b);
    std::printf("%-14s %9.1f ms %8.0f images/s %6.1f GF/s   %9.1f ms %8.0f images/s %6.1f GF/s   %4.2fx\n", name, s * 1e3,
                batch_size / s, flop / s * 1e-9, t * 1e3, batch_size / t, flop / t * 1e-9, s / t);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : std::thread::hardware_concurrency();
    std::printf("training step, batch %zu, medians; GF/s = 6 x nominal MACs x batch / time\n%-14s %-43s   %zu threads\n",
                batch_size, "network", "1 thread", threads);
    measure<seed::Dilated4>("Dilated4", threads);
    measure<seed::Strided4>("Strided4", threads);
    measure<seed::Cascade10>("Cascade10", threads);
    measure<seed::Segment>("Segment", threads);
}
