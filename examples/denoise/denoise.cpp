// SPDX-License-Identifier: BSD-3-Clause
// fovea_denoise: a 1-D network learns to take white noise off tones, from signals that are made here.
//
//     fovea_denoise --steps 1200
#include <chrono>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include <fovea/train.hpp>

#include "../common/command_line.hpp"

namespace {

using namespace fovea;

constexpr std::size_t length = 512;

/// Kernels of nine taps, spread four times as far in each layer; a shortcut, so that what is learned is the noise.
using Denoiser = Network<Input<1, length>,
    Residual<Sequential<
        Conv<out<16>, ker<9>, dil<1>>, LeakyReLU,
        Conv<out<16>, ker<9>, dil<4>>, LeakyReLU,
        Conv<out<16>, ker<9>, dil<16>>, LeakyReLU,
        Conv1x1<1>>>>;
static_assert(claim<receptive_field<Denoiser>, 1 + 8 * (1 + 4 + 16)>);

struct options {
    std::size_t steps = 1200;
    std::size_t threads = 0;
    std::uint64_t seed = 1;
    double least_gain = 0;
    std::string save;
    bool quiet = false;
};

/// Signals of three tones each, with and without white noise of deviation 1/2.
struct signal_set {
    std::vector<float> clean, noisy;

    signal_set(std::size_t count, std::uint64_t seed) : clean(count * length), noisy(count * length) {
        constexpr double turn = 6.283185307179586;
        detail::random_stream random(seed);
        for (std::size_t n = 0; n < count; ++n) {
            double frequency[3], phase[3], height[3];
            for (int t = 0; t < 3; ++t) {
                frequency[t] = (2 + 58 * random.uniform()) / length;
                phase[t] = random.uniform();
                height[t] = 0.2 + 0.6 * random.uniform();
            }
            for (std::size_t i = 0; i < length; ++i) {
                double value = 0;
                for (int t = 0; t < 3; ++t) {
                    value += height[t] * std::sin(turn * (frequency[t] * static_cast<double>(i) + phase[t]));
                }
                clean[n * length + i] = static_cast<float>(value);
                noisy[n * length + i] = static_cast<float>(value + 0.5 * random.normal());
            }
        }
    }
    std::size_t count() const { return clean.size() / length; }
    /// What comes in, and what is to come out of it.
    sample_view view() const {
        return {.images = noisy.data(), .labels = {clean.data(), {1, 1, length}}, .count = count(), .channels = 1, .width = length};
    }
};

/// Power of the signal over power of what differs from it, in decibels.
double signal_to_noise(const std::vector<float>& clean, const std::vector<float>& signal) {
    double power = 0, noise = 0;
    for (std::size_t i = 0; i < clean.size(); ++i) {
        power += std::pow(static_cast<double>(clean[i]), 2);
        noise += std::pow(static_cast<double>(signal[i]) - static_cast<double>(clean[i]), 2);
    }
    return 10 * std::log10(power / noise);
}

int denoise(const options& o) {
    using fovea::detail::fixed_text;
    const signal_set learned(4000, o.seed), heard(200, o.seed + 1), unheard(200, o.seed + 2);
    auto weights = he_normal<Denoiser>(o.seed);
    constexpr std::size_t epochs = 4;
    Trainer<Denoiser, loss<mean_squared_error>> trainer(
        weights, {.epochs = epochs,
                  .steps_per_epoch = (o.steps + epochs - 1) / epochs,
                  .batch = 16,
                  .threads = examples::resolved_threads(o.threads),
                  .seed = o.seed,
                  .learning_rate = cosine_rate{.rate = 1e-2, .warm_up = 20},
                  .progress = !o.quiet});
    const auto begin = std::chrono::steady_clock::now();
    const training_result result = trainer.fit(learned.view(), heard.view());
    if (result.status != training_status::finished) {
        return 128 + result.signal;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    std::vector<float> cleaned(unheard.clean.size());
    Engine<Denoiser> engine(weights);
    for (std::size_t n = 0; n < unheard.count(); ++n) {
        engine.run(unheard.noisy.data() + n * length, cleaned.data() + n * length);
    }
    const double before = signal_to_noise(unheard.clean, unheard.noisy), after = signal_to_noise(unheard.clean, cleaned);
    std::cout << unheard.count() << " signals that were not learned from\n"
              << "  SNR before           " << fixed_text(before, 2) << " dB\n"
              << "  SNR after            " << fixed_text(after, 2) << " dB\n"
              << "  training             " << result.steps << " steps in " << fixed_text(seconds, 1) << " s with "
              << examples::thread_text(o.threads) << ", rmse " << fixed_text(result.history.back().validation_metrics[0], 4) << '\n';
    if (!o.save.empty()) {
        save(weights, o.save);
        std::cout << "  network              " << o.save << '\n';
    }
    if (after - before < o.least_gain) {
        std::cerr << "fovea_denoise: expected " << fixed_text(o.least_gain, 1) << " dB or more, got "
                  << fixed_text(after - before, 2) << '\n';
        return examples::failed;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app("Trains a 1-D network that takes noise off tones.", "fovea_denoise");
    app.add_option("--steps", o.steps, "batches of 16 signals")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--threads", o.threads, "0: as many as processors may be used; no effect on the result")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--seed", o.seed, "same seed, same result")->capture_default_str();
    app.add_option("--least-gain", o.least_gain, "fail below so many decibels")->capture_default_str();
    app.add_option("--save", o.save, "the trained network")->type_name("FILE");
    app.add_flag("--quiet", o.quiet, "no progress bar, no line an epoch");
    return examples::run_program(app, argc, argv, [&] { return denoise(o); });
}
