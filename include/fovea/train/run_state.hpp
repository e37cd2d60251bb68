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
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/train/checkpoint.hpp>
#include <fovea/train/csv_log.hpp>
#include <fovea/train/optimiser.hpp>
#include <fovea/train/progress.hpp>
#include <fovea/train/trainable.hpp>
#include <fovea/train/trainer_options.hpp>

namespace fovea::detail {

/// Everything that the result of a run depends on, threads and time not being part of it.
inline fingerprint describe_run(const trainer_options& o, const std::string& loss,
                                const channel_normalisation& normalisation, const sample_view& train,
                                const sample_view& validation) {
    const auto crc_of = [](const number_view& values, std::size_t count, std::uint32_t start) {
        return crc32_of({static_cast<const std::byte*>(values.data()), count * bytes_of(values.kind())}, start);
    };
    const auto data_text = [&](const sample_view& d) {
        std::uint32_t crc = crc_of(d.images, d.count * d.image_size(), 0);
        for (const label_view& l : d.labels) {
            crc = crc_of(l, d.count * l.shape.size(), crc);
        }
        return joined({std::to_string(d.count), " samples, CRC-32 ", std::to_string(crc)});
    };
    fingerprint run;
    const auto put = [&run](const char* name, std::string value) { run.emplace_back(name, std::move(value)); };
    put("seed", std::to_string(o.seed));
    put("batch", std::to_string(o.batch));
    put("steps_per_epoch", std::to_string(o.steps_per_epoch));
    put("loss", loss);
    put("optimiser", to_string(o.optimiser));
    put("learning_rate", to_string(o.learning_rate));
    put("augment", to_string(o.augment));
    put("training set", data_text(train));
    put("validation set", validation.count > 0 ? data_text(validation) : "none");
    put("normalisation", to_string(normalisation));
    put("best", o.best.value_or(""));
    return run;
}

/// What a network sees unless it is said otherwise.
inline channel_normalisation normalisation_of(const sample_view& d) {
    const std::uint8_t* bytes = d.images.as<std::uint8_t>();
    return bytes == nullptr ? unit_normalisation(d.channels)
                            : measure_normalisation(bytes, d.count, d.channels, d.height * d.width);
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
          figures_{Model::figure_names()},
          optimiser_{options.optimiser, model.parameters().size()} {
        const std::string& file = options_.checkpoint;
        if (!file.empty() && checkpoint_exists(file)) {
            resume(network, run);
        } else {
            if (options_.resume && options_.progress) {
                say_("no checkpoint " + file + ", starting from the beginning");
            }
            if (const std::string problem = problem_of_weights(); !problem.empty()) {
                throw Error{"trainer: before the first step " + problem};
            }
            state_.network = network;
            state_.options = std::move(run);
            if (!file.empty()) {  // now: a wrong path or a full disk is an error before hours of training, not after
                snapshot();
                save_checkpoint(file, state_);
                newest_ = file;
            }
        }
        saved_step_ = state_.step;
        if (!options_.csv.empty()) {
            csv_.emplace(options_.csv, std::span{figures_}.subspan(1), state_.history);
        }
    }

    std::uint64_t step() const { return state_.step; }
    const std::vector<epoch_record>& history() const { return state_.history; }
    const std::vector<double>& running() const { return state_.running; }
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

    /// One step with the gradient of train(). Nothing that is not finite stays: a step that asks for it or would leave
    /// it, in weights, statistics or the optimiser's state, does not happen.
    /// \throws Error for such a step, the model's weights and statistics being those of before
    template <class Train>
    auto take_step(Train train, double rate) {
        copy_out(model_.parameters(), parameters_before_);
        copy_out(model_.buffers(), buffers_before_);
        const auto result = train();
        if (!is_finite(static_cast<double>(result.loss))) {
            diverged("the loss is not finite", rate);
        }
        if constexpr (requires { std::string(result.not_finite); }) {  // it has asked, and taken its statistics back
            if (!result.not_finite.empty()) {
                require_finite("gradient", model_.gradient(), 0, rate);
                diverged("tensor '" + std::string(result.not_finite) + "' is not finite", rate);
            }
        } else {
            require_finite("gradient", model_.gradient(), 0, rate);
            require_finite("", model_.buffers(), model_.parameters().size(), rate);
        }
        if (!optimiser_.step(model_.parameters(), model_.gradient(), rate)) {
            require_finite("", model_.parameters(), 0, rate);
            for (const auto& array : optimiser_.state()) {
                require_finite(array.name, array.values, 0, rate);
            }
        }
        ++state_.step;
        add_sums(state_.running, result.sums);
        return result;
    }

    /// Seconds of the epoch under way, those before a resume included.
    double epoch_seconds() {
        const auto now = clock::now();
        return state_.running_seconds += std::chrono::duration<double>(now - std::exchange(mark_, now)).count();
    }

    /// Adds a finished epoch; true if it is the best so far, whose weights are then kept.
    bool finish_epoch(const epoch_report& report) {
        require_finite_weights();
        const bool is_best =
            report.score && !is_nan(*report.score) && (!state_.best || *report.score > state_.best->metric);
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
        state_.running.clear();
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
        require_finite_weights();
        if (options_.checkpoint.empty()) {
            return false;
        }
        epoch_seconds();
        snapshot();
        saved_at_ = clock::now();
        saved_step_ = state_.step;
        return attempt(save_failure_, "checkpoint", is_last, [this] {
            save_checkpoint(options_.checkpoint, state_);
            newest_ = options_.checkpoint;
            newest_step_ = state_.step;
        });
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

    /// What holds value i of parameters and, behind them, buffers: "tensor '0.weight'".
    std::string holder(std::size_t i) const {
        if constexpr (requires { Model::tensor_at(i); }) {
            return "tensor '" + std::string(Model::tensor_at(i)) + "'";
        } else {
            const std::size_t parameters = model_.parameters().size();
            return i < parameters ? "parameter " + std::to_string(i) : "buffer " + std::to_string(i - parameters);
        }
    }
    /// "gradient of tensor '0.weight' is not finite (nan)"; "" if all values are. The first one belongs to value
    /// `first`.
    std::string problem_in(std::string_view what, std::span<const value_type> values, std::size_t first) const {
        const std::size_t bad = first_not_finite(values);
        return bad == values.size() ? ""
                                    : std::string(what) + (what.empty() ? "" : " of ") + holder(first + bad) +
                                          " is not finite (" + std::to_string(values[bad]) + ")";
    }
    std::string problem_of_weights() const {
        const std::string problem = problem_in("", model_.parameters(), 0);
        return problem.empty() ? problem_in("", model_.buffers(), model_.parameters().size()) : problem;
    }
    void require_finite(std::string_view what, std::span<const value_type> values, std::size_t first, double rate) {
        if (const std::string problem = problem_in(what, values, first); !problem.empty()) {
            diverged(problem, rate);
        }
    }
    /// Between two steps: a callback may have changed them.
    void require_finite_weights() const {
        if (const std::string problem = problem_of_weights(); !problem.empty()) {
            throw Error{"trainer: " + problem + " at " + position() + ", changed after the last step" + what_is_kept()};
        }
    }

    /// Ends a step as if it had not been.
    [[noreturn]] void diverged(const std::string& problem, double rate) {
        copy_in(parameters_before_, model_.parameters());
        copy_in(buffers_before_, model_.buffers());
        throw Error{"trainer: " + problem + " at " + position() + ", in training step " +
                    grouped_text(state_.step + 1) + " with learning rate " + exact_text(rate) +
                    "; the weights are those of before it. Try a smaller learning rate, or look at the images that it "
                    "was given" +
                    what_is_kept()};
    }
    std::string what_is_kept() const {
        return newest_.empty() ? ""
                               : "; " + newest_ + " holds step " + grouped_text(newest_step_) +
                                     ", from which the same options lead here again";
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
        auto loaded =
            load_checkpoint<value_type>(file, say_,
                                        [this](const training_state<value_type>& state, const std::string& candidate) {
                                            require_sound(state, candidate);
                                            newest_ = candidate;
                                            newest_step_ = state.step;
                                        });
        require_same_run(file, loaded, network, run);
        adopt(std::move(loaded));
        if (options_.progress) {
            say_("resuming from " + file + ": " + position());
        }
    }

    /// \throws FileError for numbers with which no run could go on
    void require_sound(const training_state<value_type>& state, const std::string& file) const {
        const auto refuse = [&](const std::string& field, const char* expected, auto got) {
            throw FileError{file, field, expected, std::to_string(got),
                            "its run had diverged, or the file is from another program"};
        };
        const std::size_t parameters = model_.parameters().size();
        const auto require = [&](const std::string& of, std::span<const value_type> values, std::size_t first) {
            if (const std::size_t bad = first_not_finite(values); bad < values.size()) {
                refuse(of + holder(first + bad), "finite numbers", values[bad]);
            }
        };
        const auto require_variances = [&](const std::string& of, std::span<const value_type> buffers) {
            for (std::size_t i = 0; i < buffers.size(); ++i) {
                if (buffers[i] < value_type{0} && holder(parameters + i).ends_with(".running_var'")) {
                    refuse(of + holder(parameters + i), "variances of at least 0", buffers[i]);
                }
            }
        };
        require("", state.parameters, 0);
        require("", state.buffers, parameters);
        require_variances("", state.buffers);
        for (const auto& array : state.optimiser) {
            require(array.name + " of ", array.values, 0);
        }
        if (state.best) {
            require("best ", state.best->parameters, 0);
            require("best ", state.best->buffers, parameters);
            require_variances("best ", state.best->buffers);
            if (is_nan(state.best->metric)) {
                refuse("best metric", "a number", state.best->metric);
            }
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
        require("sums of the epoch", state.running.empty() ? 0 : Model::sum_count, state.running.size());
        const std::size_t metrics = figures_.size() - 1;
        for (const epoch_record& r : state.history) {
            require("metrics of epoch " + std::to_string(r.epoch), metrics, r.train_metrics.size());
            require("metrics of epoch " + std::to_string(r.epoch), r.validated ? metrics : 0,
                    r.validation_metrics.size());
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
    std::vector<figure> figures_;
    optimiser<value_type> optimiser_;
    training_state<value_type> state_;  ///< its parameters, buffers and optimiser arrays only as of the last snapshot()
    std::vector<value_type> parameters_before_;  ///< the step under way
    std::vector<value_type> buffers_before_;
    std::string newest_;             ///< the file of the newest checkpoint; empty: there is none
    std::uint64_t newest_step_ = 0;  ///< which it holds
    std::optional<csv_log> csv_;
    std::optional<FileError> save_failure_;
    std::optional<FileError> log_failure_;
    clock::time_point mark_ = clock::now();
    clock::time_point saved_at_ = mark_;
    std::uint64_t saved_step_ = 0;
};

}  // namespace fovea::detail
