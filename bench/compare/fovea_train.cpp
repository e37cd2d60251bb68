// SPDX-License-Identifier: BSD-3-Clause
// How fast does fovea train one network (FOVEA_COMPARE_NET)? A step: forward with the batch's statistics, cross-entropy, backward, Adam, 32 images.
//   (no arguments)                    exact and fast, one and two threads in turns: fovea alone
//   describe FOLDER                   writes network.json and weights.safetensors for the other libraries
//   train FOLDER BATCH THREADS MODE   works for compare.py on FOLDER's weights, input and labels; its output is the loss of a number of steps
#include <cstdio>
#include <memory>

#include <fovea/train.hpp>

#include "describe.hpp"
#include "networks.hpp"
#include "peak.hpp"
#include "worker.hpp"

namespace {

using namespace fovea;
using Net = compared::FOVEA_COMPARE_NET;

#define FOVEA_COMPARE_TEXT_OF(x) #x
#define FOVEA_COMPARE_TEXT(x) FOVEA_COMPARE_TEXT_OF(x)
constexpr const char* name = FOVEA_COMPARE_TEXT(FOVEA_COMPARE_NET);

template <class Mode>
class steps {
public:
    steps(Weights<Net> weights, std::size_t threads, std::vector<float> images, std::vector<std::uint8_t> labels)
        : weights_(std::move(weights)),
          model_(weights_, thread_count{threads}),
          // Without decay AdamW is Adam as PyTorch has it; fovea's own default has Keras's place for epsilon.
          adam_(adamw_options{.weight_decay = 0}, weights_.parameters().size()),
          images_(std::move(images)),
          labels_(std::move(labels)) {}

    std::size_t batch() const { return images_.size() / input_shape<Net>.size(); }
    double step() {
        const step_result r = model_.train_step(images_.data(), labels_.data(), batch(), 0);
        adam_.step(model_.parameters(), model_.gradient(), 1e-3);
        return r.loss;
    }

private:
    Weights<Net> weights_;
    learner<Net, float, Mode> model_;
    optimiser<float> adam_;
    std::vector<float> images_;
    std::vector<std::uint8_t> labels_;
};

template <class Mode>
int work(const std::string& folder, std::size_t images, std::size_t threads) {
    std::vector<float> x = compare::read_floats(folder + "/input.bin");
    x.resize(images * input_shape<Net>.size());
    const std::vector<float> numbers = compare::read_floats(folder + "/labels.bin");
    const std::vector<std::uint8_t> labels(numbers.begin(),
                                           numbers.begin() + static_cast<std::ptrdiff_t>(images * output_shape<Net>.positions()));
    const auto weights = load<Net>(folder + "/weights.safetensors");
    steps<Mode> s(weights, threads, x, labels);
    const std::string mode = std::is_same_v<Mode, fast> ? " fast" : " exact";
    return compare::serve({.version = FOVEA_COMPARE_TEXT(FOVEA_VERSION_MAJOR) "." FOVEA_COMPARE_TEXT(FOVEA_VERSION_MINOR) + mode,
                           .call = [&] { s.step(); },
                           .output = compare::first_losses([&] {
                               return std::make_shared<steps<Mode>>(weights, threads, x, labels);
                           }),
                           .other = [&](const std::string& line) { return compare::answer_peak(line, threads); }});
}

void table() {
    constexpr std::size_t images = 32;
    detail::random_stream random(1);
    std::vector<float> x(images * input_shape<Net>.size());
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    std::vector<std::uint8_t> labels(images * output_shape<Net>.positions());
    for (auto& l : labels) {
        l = static_cast<std::uint8_t>(random.below(output_shape<Net>.channels));
    }
    steps<exact> exact_one(he_normal<Net>(1), 1, x, labels), exact_two(he_normal<Net>(1), 2, x, labels);
    steps<fast> fast_one(he_normal<Net>(1), 1, x, labels), fast_two(he_normal<Net>(1), 2, x, labels);
    std::vector<double> times[4];
    for (int round = 0; round < 5; ++round) {
        for (const double t : compare::bursts([&] { exact_one.step(); }, 0.2)) times[0].push_back(t);
        for (const double t : compare::bursts([&] { exact_two.step(); }, 0.2)) times[1].push_back(t);
        for (const double t : compare::bursts([&] { fast_one.step(); }, 0.2)) times[2].push_back(t);
        for (const double t : compare::bursts([&] { fast_two.step(); }, 0.2)) times[3].push_back(t);
    }
    std::printf("%s: medians of a step of %zu images; GFLOP/s: 6 x nominal MACs x images / time\n", name, images);
    for (int i = 0; i < 4; ++i) {
        const double s = bench::median(times[i]);
        std::printf("  %-5s threads %d  %10.3f ms  %8.1f images/s  %7.1f GFLOP/s\n", i < 2 ? "exact" : "fast", i % 2 + 1, s * 1e3,
                    images / s, 6.0 * static_cast<double>(mac_count<Net> * images) / s * 1e-9);
    }
}

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        const std::vector<std::string> words(argv + 1, argv + argc);
        if (words.empty()) {
            table();
            return 0;
        }
        if (words.size() == 2 && words[0] == "describe") {
            compare::write_description<Net>(name, words[1]);
            save(he_normal<Net>(1), words[1] + "/weights.safetensors");
            return 0;
        }
        if (words.size() == 5 && words[0] == "train") {
            const auto run = words[4] == "fast" ? &work<fast> : &work<exact>;
            return run(words[1], std::stoul(words[2]), std::stoul(words[3]));
        }
        throw Error("arguments: none, or describe FOLDER, or train FOLDER BATCH THREADS exact|fast");
    });
}
