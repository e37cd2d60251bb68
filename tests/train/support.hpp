// SPDX-License-Identifier: BSD-3-Clause
// What do the tests of the training loop share? A scratch directory, a tiny model with a gradient, and made-up data.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

#include <catch.hpp>
#include <fovea/detail/error.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/train/batches.hpp>
#include <fovea/train/cross_entropy.hpp>

namespace train_test {

/// An empty directory that lives as long as the object; in memory where that can be had, since hundreds of checkpoints
/// are synced to it, which costs 10 ms each on a disk.
class scratch {
public:
    scratch() {
        const std::filesystem::path memory{"/dev/shm"};
        const auto base = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
        std::string name = (base / "fovea-train-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() { std::filesystem::remove_all(path_); }

    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

inline void put(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string get(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The error of type E that `action` throws, as text. None, or another exception, fails the test.
template <class E = fovea::Error, class Action>
std::string refusal(Action&& action) {
    try {
        action();
    } catch (const E& error) {
        return error.what();
    }
    FAIL("nothing was refused");
    return {};
}

/// A fresh seed each run, printed when a test fails; FOVEA_SEED repeats a run.
inline std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* given = std::getenv("FOVEA_SEED");
        return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    }();
    return value;
}

/// Images whose class shows in their brightness, with noise.
struct made_up_data {
    std::vector<std::uint8_t> images;
    std::vector<std::uint8_t> labels;
    fovea::sample_view view;

    made_up_data(std::size_t count, std::size_t channels, std::size_t height, std::size_t width, std::size_t classes,
                 bool per_pixel, std::uint64_t data_seed) {
        fovea::detail::random_stream random{data_seed};
        const std::size_t plane = height * width;
        const fovea::Shape label_shape = per_pixel ? fovea::Shape{1, height, width} : fovea::Shape{1, 1, 1};
        images.resize(count * channels * plane);
        labels.resize(count * (per_pixel ? plane : 1));
        for (std::size_t n = 0; n < count; ++n) {
            auto label = static_cast<std::uint8_t>(random.below(classes));
            for (std::size_t i = 0; i < plane; ++i) {
                if (per_pixel) {
                    label = static_cast<std::uint8_t>(random.below(classes));
                    labels[n * plane + i] = label;
                } else {
                    labels[n] = label;
                }
                for (std::size_t c = 0; c < channels; ++c) {
                    images[(n * channels + c) * plane + i] =
                        static_cast<std::uint8_t>((200 * label) / classes + random.below(56));
                }
            }
        }
        view = {images.data(), {labels.data(), label_shape}, count, channels, height, width};
    }
};

/// Softmax regression on the pixels of 1x4x5 images, three classes, with a running mean of the inputs as buffer and a
/// dropout of inputs that depends on the step's noise.
class tiny_model {
public:
    static constexpr std::size_t channels = 1;
    static constexpr std::size_t height = 4;
    static constexpr std::size_t width = 5;
    static constexpr std::size_t classes = 3;
    static constexpr std::size_t inputs = channels * height * width;
    using label_type = std::uint8_t;
    static constexpr std::size_t sum_count = 3;

    static std::span<const fovea::detail::label_source> label_sources() {
        static constexpr auto source = fovea::detail::label_source_of<fovea::cross_entropy>({classes, 1, 1});
        return {&source, 1};
    }
    static std::vector<fovea::figure> figure_names() {
        return {{"loss", fovea::better::down, false}, {"accuracy", fovea::better::up, true}};
    }
    static std::vector<double> figures(std::span<const double> sums) {
        if (sums.empty() || sums[1] == 0) {
            return {0, 0};
        }
        return {sums[0] / sums[1], sums[2] / sums[1]};
    }
    static std::string loss_text() { return "cross_entropy"; }

    struct step_result {
        double loss = 0.0;
        std::vector<double> sums{};  ///< loss, labels, correct
    };

    tiny_model() : parameters_(classes * (inputs + 1)), gradient_(parameters_.size()), buffers_(inputs) {
        fovea::detail::random_stream random{1, fovea::detail::streams::initialise};
        for (float& p : parameters_) {
            p = static_cast<float>(0.1 * random.normal());
        }
    }

    step_result train_step(const float* images, const std::uint8_t* labels, std::size_t n, std::uint64_t noise) {
        std::fill(gradient_.begin(), gradient_.end(), 0.0F);
        fovea::detail::random_stream random{noise};
        std::vector<float> x(inputs);
        step_result sum;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < inputs; ++k) {
                x[k] = random.chance(0.1) ? 0.0F : images[i * inputs + k];
                buffers_[k] += 0.01F * (x[k] - buffers_[k]);
            }
            add(x.data(), labels[i], sum, static_cast<float>(n));
        }
        return finished(sum);
    }

    std::function<void()> on_evaluate;

    step_result evaluate(const float* images, const std::uint8_t* labels, std::size_t n) {
        if (on_evaluate) {
            on_evaluate();
        }
        step_result sum;
        for (std::size_t i = 0; i < n; ++i) {
            add(images + i * inputs, labels[i], sum, 0.0F);
        }
        return finished(sum);
    }

    std::span<float> parameters() { return parameters_; }
    std::span<float> gradient() { return gradient_; }
    std::span<float> buffers() { return buffers_; }

    /// Parameters and buffers, for comparison bit for bit.
    std::vector<float> everything() const {
        auto all = parameters_;
        all.insert(all.end(), buffers_.begin(), buffers_.end());
        return all;
    }

private:
    static step_result finished(step_result sum) {
        sum.loss = sum.sums[0] / sum.sums[1];
        return sum;
    }
    void add(const float* x, std::uint8_t label, step_result& sum, float batch) {
        double p[classes];
        double total = 0.0;
        std::size_t best = 0;
        for (std::size_t c = 0; c < classes; ++c) {
            const float* w = parameters_.data() + c * (inputs + 1);
            double z = static_cast<double>(w[inputs]);
            for (std::size_t k = 0; k < inputs; ++k) {
                z += static_cast<double>(w[k] * x[k]);
            }
            p[c] = std::exp(z);
            total += p[c];
            best = p[c] > p[best] ? c : best;
        }
        fovea::add_sums(sum.sums, std::vector<double>{-std::log(p[label] / total), 1, best == label ? 1.0 : 0.0});
        for (std::size_t c = 0; c < classes && batch > 0.0F; ++c) {
            float* g = gradient_.data() + c * (inputs + 1);
            const float d = static_cast<float>(p[c] / total - (c == label ? 1.0 : 0.0)) / batch;
            for (std::size_t k = 0; k < inputs; ++k) {
                g[k] += d * x[k];
            }
            g[inputs] += d;
        }
    }

    std::vector<float> parameters_;
    std::vector<float> gradient_;
    std::vector<float> buffers_;
};

}  // namespace train_test
