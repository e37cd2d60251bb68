// SPDX-License-Identifier: BSD-3-Clause
// How does a shipped program run a network on whatever processor it meets? model: an engine behind a plain interface,
// compiled for several instruction sets and chosen at run time. fovea_add_model (CMake) makes the classes.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fovea/detail/error.hpp>
#include <fovea/detail/x86_level.hpp>
#include <fovea/infer/shape.hpp>

namespace fovea {

/// An engine as it was compiled for one instruction set. Nothing but pointers to functions, so that both sides,
/// compiled for different processors, agree on it.
struct model_level {
    const char* name;                       ///< "x86-64-v3"; "generic": the compiler's default, on other processors
    void* (*create)(const float* weights);  ///< the values of Weights<Net>
    void (*run)(void* engine, const float* x, float* y) noexcept;
    void (*destroy)(void* engine) noexcept;
};

/// What is known of a model when it is compiled.
struct model_description {
    const char* name;
    std::size_t batch;
    std::size_t weights;  ///< values of Weights<Net>
    Shape input;
    std::span<const Shape> outputs;
    std::span<const model_level* const> levels;  ///< lowest first
};

namespace detail {

/// The level that a name asks for; 0: any processor.
constexpr int level_number(std::string_view name) noexcept {
    constexpr std::string_view base = "x86-64";
    return !name.starts_with(base) ? 0 : name == base ? 1 : name.back() - '0';
}

/// The highest level that a processor runs, or the one that is asked for by name. Throws Error if there is none.
inline const model_level& choose_level(const model_description& d, int processor, std::string_view asked) {
    const auto problem = [&](const std::string& text) {
        std::string all;
        for (const model_level* level : d.levels) {
            all += (all.empty() ? "" : ", ") + std::string(level->name);
        }
        return Error("fovea: " + std::string(d.name) + ": " + text + "; it was compiled for " + all);
    };
    const std::string reached = processor > 1 ? "x86-64-v" + std::to_string(processor) : "x86-64";
    if (!asked.empty()) {
        for (const model_level* level : d.levels) {
            if (level->name != asked) {
                continue;
            }
            if (level_number(asked) > processor) {
                detail::raise(
                    problem("FOVEA_LEVEL is " + std::string(asked) + ", and this processor runs up to " + reached));
            }
            return *level;
        }
        detail::raise(problem("FOVEA_LEVEL is " + std::string(asked)));
    }
    for (std::size_t i = d.levels.size(); i-- > 0;) {
        if (level_number(d.levels[i]->name) <= processor) {
            return *d.levels[i];
        }
    }
    detail::raise(problem("this processor runs up to " + reached));
}

}  // namespace detail

/// A network that is ready to run. Classes made by fovea_add_model derive from it and add nothing but constructors, so
/// that a program can hold different networks as std::unique_ptr<fovea::model>.
///
/// The environment variable FOVEA_LEVEL, say x86-64-v2, asks for another level than the processor's highest.
class model {
public:
    /// Throws Error when the processor runs none of the levels, when FOVEA_LEVEL names none that it runs, and when
    /// there are not description.weights values.
    model(const model_description& description, std::span<const float> weights)
        : description_(&description), level_(&choose(description)), engine_(nullptr, level_->destroy) {
        if (weights.size() != description.weights) {
            detail::raise(Error("fovea: " + std::string(description.name) + ": expected " +
                                std::to_string(description.weights) + " weights (Weights<Net>::values()), got " +
                                std::to_string(weights.size())));
        }
        engine_.reset(level_->create(weights.data()));
    }
    virtual ~model() = default;
    model(model&&) noexcept = default;
    model& operator=(model&&) noexcept = default;

    /// x: batch() * input().size() floats, row-major; y: batch() * output_size() floats, with Heads the first one's
    /// outputs for the whole batch, then the second's, and so on. One caller at a time.
    void run(const float* x, float* y) noexcept { level_->run(engine_.get(), x, y); }

    /// What it was compiled for, "x86-64-v3".
    std::string_view level() const noexcept { return level_->name; }
    std::size_t batch() const noexcept { return description_->batch; }
    Shape input() const noexcept { return description_->input; }
    /// One, or one for each of the Heads.
    std::span<const Shape> outputs() const noexcept { return description_->outputs; }
    /// Of one input, all outputs together.
    std::size_t output_size() const noexcept {
        std::size_t size = 0;
        for (const Shape& s : outputs()) {
            size += s.size();
        }
        return size;
    }

private:
    static const model_level& choose(const model_description& d) {
        const char* asked = std::getenv("FOVEA_LEVEL");
        return detail::choose_level(d, detail::x86_level(detail::this_processor()), asked == nullptr ? "" : asked);
    }

    const model_description* description_;
    const model_level* level_;
    std::unique_ptr<void, void (*)(void*) noexcept> engine_;
};

}  // namespace fovea
