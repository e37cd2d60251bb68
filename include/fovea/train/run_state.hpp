// SPDX-License-Identifier: BSD-3-Clause
// What does a run carry from step to step, and how does it get to the disk and back? Model, optimiser and record of the
// epochs, with checkpoint and log; a disk that refuses is a warning first and an error at the end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/train/checkpoint.hpp>
#include <fovea/train/csv_log.hpp>
#include <fovea/train/optimiser.hpp>
#include <fovea/train/progress.hpp>
#include <fovea/train/trainable.hpp>
#include <fovea/train/trainer_options.hpp>

namespace fovea::detail {

/// Everything that the result of a run depends on, threads and time not being part of it.
inline fingerprint describe_run(const trainer_options& o, const channel_normalisation& normalisation,
                                const sample_view& train, const sample_view& validation) {
    const auto data_text = [](const sample_view& d) {
        std::uint32_t crc = crc32_of(std::as_bytes(std::span{d.images, d.count * d.image_size()}));
        crc = crc32_of(std::as_bytes(std::span{d.labels, d.count * d.labels_per_sample()}), crc);
        return std::to_string(d.count) + " samples, CRC-32 " + std::to_string(crc);
    };
    return {{"seed", std::to_string(o.seed)},
            {"batch", std::to_string(o.batch)},
            {"steps_per_epoch", std::to_string(o.steps_per_epoch)},
            {"optimiser", to_string(o.optimiser)},
            {"learning_rate", to_string(o.learning_rate)},
            {"augment", to_string(o.augment)},
            {"training set", data_text(train)},
            {"validation set", validation.count > 0 ? data_text(validation) : "none"},
            {"normalisation", to_string(normalisation)},
            {"best", std::to_string(static_cast<int>(o.best))}};
}

template <trainable Model>
class run_state {
public:
    using value_type = scalar_of<Model>;
    using clock = std::chrono::steady_clock;
    using listener = std::function<void(const std::string&)>;

    /// Step 0 of a new run, or the state in the checkpoint. `run` is empty if there is no checkpoint to be made.
    run_state(Model& model, const trainer_options& options, const std::string& network, fingerprint run, listener say)
        : model_{model},
          options_{options},
          say_{std::move(say)},
          optimiser_{options.optimiser, model.parameters().size()} {
        const std::string& file = options_.checkpoint;
        if (!file.empty() && checkpoint_exists(file)) {
            resume(network, run);
        } else {
            if (options_.resume && options_.progress) {
                say_("no checkpoint " + file + ", starting from the beginning");
            }
            state_.network = network;
            state_.options = std::move(run);
            if (!file.empty()) {  // now: a wrong path or a full disk is an error before hours of training, not after
                snapshot();
                save_checkpoint(file, state_);
            }
        }
        saved_step_ = state_.step;
        if (!options_.csv.empty()) {
            csv_.emplace(options_.csv, state_.history);
        }
    }

    std::uint64_t step() const { return state_.step; }
    const std::vector<epoch_record>& history() const { return state_.history; }
    const running_metrics& running() const { return state_.running; }
    const auto& best() const { return state_.best; }

    bool finished() const { return state_.history.size() >= options_.epochs; }
    /// Steps done of the epoch under way.
    std::size_t step_in_epoch() const {
        return static_cast<std::size_t>(state_.step - state_.history.size() * std::uint64_t{options_.steps_per_epoch});
    }
    bool epoch_complete() const { return step_in_epoch() == options_.steps_per_epoch; }

    /// "2 of 10 epochs done, step 117 of 1,000 in the next"
    std::string position() const {
        return grouped_text(state_.history.size()) + " of " + grouped_text(options_.epochs) + " epochs done" +
               (finished() ? ""
                           : ", step " + grouped_text(step_in_epoch()) + " of " +
                                 grouped_text(options_.steps_per_epoch) + " in the next");
    }

    template <class StepResult>
    void take_step(const StepResult& result, double rate) {
        optimiser_.step(model_.parameters(), model_.gradient(), rate);
        ++state_.step;
        state_.running.add(result);
    }

    /// Seconds of the epoch under way, those before a resume included.
    double epoch_seconds() {
        const auto now = clock::now();
        return state_.running_seconds += std::chrono::duration<double>(now - std::exchange(mark_, now)).count();
    }

    /// Adds a finished epoch; true if it is the best so far, whose weights are then kept.
    bool finish_epoch(const epoch_report& report) {
        const bool is_best = report.score && (!state_.best || *report.score > state_.best->metric);
        if (is_best) {
            if (!state_.best) {
                state_.best.emplace();
            }
            state_.best->epoch = report.record.epoch;
            state_.best->metric = *report.score;
            copy_out(model_.parameters(), state_.best->parameters);
            copy_out(model_.buffers(), state_.best->buffers);
        }
        state_.history.push_back(report.record);
        state_.running = {};
        state_.running_seconds = 0.0;
        return is_best;
    }

    void restore_best() {
        if (state_.best) {
            copy_in(state_.best->parameters, model_.parameters());
            copy_in(state_.best->buffers, model_.buffers());
        }
    }

    void save_if_due() {
        const bool by_steps = options_.checkpoint_steps > 0 && state_.step - saved_step_ >= options_.checkpoint_steps;
        const bool by_time =
            options_.checkpoint_seconds > 0.0 &&
            std::chrono::duration<double>(clock::now() - saved_at_).count() >= options_.checkpoint_seconds;
        if ((by_steps || by_time) && !epoch_complete()) {  // at the end of an epoch one is written anyway
            save(false);
        }
    }

    /// Writes the checkpoint, if there is to be one; a failure is a warning here. True if it is on the disk.
    bool save(bool is_last) {
        if (options_.checkpoint.empty()) {
            return false;
        }
        epoch_seconds();
        snapshot();
        saved_at_ = clock::now();
        saved_step_ = state_.step;
        return attempt(save_failure_, "checkpoint", is_last, [this] { save_checkpoint(options_.checkpoint, state_); });
    }

    void log_epoch(bool is_last) {
        if (csv_) {
            attempt(log_failure_, "log", is_last, [this] { csv_->append(state_.history); });
        }
    }

    /// Writes what could not be written so far. \throws FileError if it still cannot
    bool settle() {
        const bool saved = save(true);
        if (csv_ && csv_->incomplete()) {
            log_epoch(true);
        }
        return saved;
    }
    void throw_failures() const {
        for (const auto* failure : {&save_failure_, &log_failure_}) {
            if (*failure) {
                throw FileError{**failure};
            }
        }
    }

private:
    template <class From, class To>
    static void copy_in(const From& from, To to) {
        std::copy(from.begin(), from.end(), to.begin());
    }
    static void copy_out(std::span<const value_type> from, std::vector<value_type>& to) {
        to.assign(from.begin(), from.end());
    }

    template <class Action>
    bool attempt(std::optional<FileError>& failure, const char* what, bool is_last, Action action) {
        try {
            action();
            failure.reset();
            return true;
        } catch (const FileError& error) {
            if (!failure || is_last) {  // once, not at every step of a long night
                say_(std::string{"warning: "} + what + " not written: " + error.what() +
                     (is_last ? "" : "; training goes on, and it will be tried again"));
            }
            failure = error;
            return false;
        }
    }

    void snapshot() {
        copy_out(model_.parameters(), state_.parameters);
        copy_out(model_.buffers(), state_.buffers);
        state_.optimiser_steps = optimiser_.steps();
        state_.optimiser.clear();
        for (const auto& array : optimiser_.state()) {
            state_.optimiser.push_back({array.name, {array.values.begin(), array.values.end()}});
        }
    }

    void resume(const std::string& network, const fingerprint& run) {
        const std::string& file = options_.checkpoint;
        if (!options_.resume) {
            throw FileError{file, "checkpoint", "no such file for a new run", "one of an earlier run",
                            "resume it, choose another name, or delete it and " + previous_checkpoint(file)};
        }
        auto loaded = load_checkpoint<value_type>(file, say_);
        require_same_run(file, loaded, network, run);
        adopt(std::move(loaded));
        if (options_.progress) {
            say_("resuming from " + file + ": " + position());
        }
    }

    /// Takes over a state whole or, if a size is wrong, not at all.
    void adopt(training_state<value_type> state) {
        const auto arrays = optimiser_.state();
        const auto require = [&](const std::string& field, std::size_t expected, std::size_t got) {
            if (expected != got) {
                throw FileError{options_.checkpoint, field, std::to_string(expected) + " numbers", std::to_string(got)};
            }
        };
        if (const std::uint64_t first = state.history.size() * std::uint64_t{options_.steps_per_epoch};
            state.step < first || state.step > first + options_.steps_per_epoch) {
            throw FileError{options_.checkpoint, "step", "one of epoch " + std::to_string(state.history.size() + 1),
                            std::to_string(state.step)};
        }
        require("parameters", model_.parameters().size(), state.parameters.size());
        require("buffers", model_.buffers().size(), state.buffers.size());
        require("optimiser arrays", arrays.size(), state.optimiser.size());
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            const bool same = state.optimiser[i].name == arrays[i].name;
            require("optimiser array '" + arrays[i].name + "'", arrays[i].values.size(),
                    same ? state.optimiser[i].values.size() : 0);
        }
        if (state.best) {
            require("best parameters", model_.parameters().size(), state.best->parameters.size());
            require("best buffers", model_.buffers().size(), state.best->buffers.size());
        }
        copy_in(state.parameters, model_.parameters());
        copy_in(state.buffers, model_.buffers());
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            copy_in(state.optimiser[i].values, arrays[i].values);
        }
        optimiser_.set_steps(state.optimiser_steps);
        state_ = std::move(state);
    }

    Model& model_;
    const trainer_options& options_;
    listener say_;
    optimiser<value_type> optimiser_;
    training_state<value_type> state_;  ///< its parameters, buffers and optimiser arrays only as of the last snapshot()
    std::optional<csv_log> csv_;
    std::optional<FileError> save_failure_;
    std::optional<FileError> log_failure_;
    clock::time_point mark_ = clock::now();
    clock::time_point saved_at_ = mark_;
    std::uint64_t saved_step_ = 0;
};

}  // namespace fovea::detail
