// SPDX-License-Identifier: BSD-3-Clause
// How does a training run go? The loop over steps and epochs for anything that can compute a gradient: batches, steps,
// validation, reports, and a stop that leaves everything in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/file_lock.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/train/batches.hpp>
#include <fovea/train/interrupt.hpp>
#include <fovea/train/progress.hpp>
#include <fovea/train/run_state.hpp>
#include <fovea/train/schedule.hpp>
#include <fovea/train/trainable.hpp>
#include <fovea/train/trainer_options.hpp>

namespace fovea {

/// Trains one model. Everything that the result depends on is in (model, options, data); time and threads are not.
template <trainable Model>
class fit_loop {
public:
    using value_type = scalar_of<Model>;

    /// `network` names what the checkpoint belongs to: tensor names and shapes, or a hash of them.
    /// \throws Error for options that make no sense (0 epochs, a batch that the model cannot learn from)
    fit_loop(Model& model, trainer_options options, std::string network)
        : model_{model}, options_{std::move(options)}, network_{std::move(network)} {
        const auto require = [](bool holds, const char* message) {
            if (!holds) {
                throw Error{std::string{"trainer: "} + message};
            }
        };
        require(options_.epochs > 0, "epochs must be at least 1");
        require(options_.steps_per_epoch > 0, "steps_per_epoch must be at least 1");
        require(options_.batch > 0, "batch must be at least 1");
        if constexpr (requires { Model::require_batch(options_.batch); }) {
            Model::require_batch(options_.batch);
        }
        require(!options_.resume || !options_.checkpoint.empty(), "resume needs the name of a checkpoint file");
        options_.learning_rate =
            with_total(options_.learning_rate, std::uint64_t{options_.epochs} * options_.steps_per_epoch);
    }

    fit_loop(const fit_loop&) = delete;
    fit_loop& operator=(const fit_loop&) = delete;

    /// Trains on `train` until options.epochs are done, a signal comes or a callback asks to stop, from the model's
    /// present parameters or, if resuming, from the checkpoint. Epochs are validated on `validation` unless it is
    /// empty or has no label that counts. A log or checkpoint that cannot be written in between is a warning and tried
    /// again; training goes on.
    /// \throws Error for data that do not fit the model, and for a step whose loss, gradient or outcome is not finite:
    /// the
    ///         model then has the weights of before that step
    /// \throws FileError for a checkpoint of another run or one that another run is writing, and at the end if log or
    ///         checkpoint could still not be written (the model then holds the result all the same)
    training_result fit(const sample_view& train, const sample_view& validation = {});

    /// The epochs finished so far, also after fit() threw.
    const std::vector<epoch_record>& history() const {
        static const std::vector<epoch_record> none;
        return run_ ? run_->history() : none;
    }

private:
    void train_one(batch_stream<value_type>& stream);
    bool validate(const sample_view& data, epoch_record& record);
    bool finish_epoch(const sample_view& validation);
    std::string epoch_line(const epoch_record& record, bool best) const;
    training_result result(training_status status);

    bool asked_to_stop() const { return stop_ || guard_->received() != 0; }
    void say(const std::string& text) {
        if (options_.on_message) {
            options_.on_message(text);
        } else {
            bar_->print(text);
        }
    }

    Model& model_;
    trainer_options options_;
    std::string network_;
    // of the run under way
    channel_normalisation normalisation_;
    std::optional<progress_bar> bar_;
    std::optional<detail::interrupt_guard> guard_;
    std::optional<detail::file_lock> lock_;  ///< of the checkpoint
    std::optional<detail::run_state<Model>> run_;
    std::uint64_t images_ = 0;  ///< since the bar began
    bool validates_ = false;
    bool stop_ = false;
};

template <trainable Model>
training_result fit_loop<Model>::fit(const sample_view& train, const sample_view& validation) {
    require_fitting_data<Model>(train, "training set");
    if (validation.count > 0) {
        require_fitting_data<Model>(validation, "validation set");
    }
    if (!has_counted_labels<Model>(train)) {
        throw Error{"trainer: training set: no label counts, all " + std::to_string(train.count) +
                    " samples are to be ignored"};
    }
    validates_ = has_counted_labels<Model>(validation);
    normalisation_ = options_.normalisation
                         ? *options_.normalisation
                         : measure_normalisation(train.images, train.count, train.channels, train.height * train.width);
    stop_ = false;
    bar_.emplace();
    guard_.emplace(options_.handle_signals);
    struct release {  // whatever happens: checkpoint free, signal handlers back, bar off the terminal
        fit_loop& loop;
        ~release() {
            loop.lock_.reset();
            loop.guard_.reset();
            loop.bar_->clear();
        }
    } const release_at_end{*this};
    if (!options_.checkpoint.empty()) {
        lock_.emplace(options_.checkpoint);
    }
    if (!validates_ && validation.image_size() > 0) {
        say("warning: the validation set has no label that counts; no epoch is validated, and none is the best");
    }

    run_.emplace(model_, options_, network_,
                 options_.checkpoint.empty() ? fingerprint{}
                                             : detail::describe_run(options_, normalisation_, train, validation),
                 [this](const std::string& text) { say(text); });
    batch_stream<value_type> stream{train,
                                    normalisation_,
                                    {.batch = options_.batch,
                                     .seed = options_.seed,
                                     .shuffled = true,
                                     .augment = options_.augment,
                                     .first_batch = run_->step(),
                                     .depth = 3}};
    while (!run_->finished()) {
        images_ = 0;
        bar_->begin("epoch " + std::to_string(run_->history().size() + 1) + "/" + std::to_string(options_.epochs),
                    run_->step_in_epoch());
        while (!run_->epoch_complete() && !asked_to_stop()) {
            train_one(stream);
            run_->save_if_due();
        }
        if (asked_to_stop() || !finish_epoch(validation)) {
            break;  // a checkpoint with all steps of an epoch done but no record of it: resuming begins with validation
        }
    }
    bar_->clear();
    return result(run_->finished()          ? training_status::finished
                  : guard_->received() != 0 ? training_status::interrupted
                                            : training_status::stopped);
}

template <trainable Model>
void fit_loop<Model>::train_one(batch_stream<value_type>& stream) {
    const batch_view<value_type> batch = stream.next();
    const std::uint64_t noise = detail::random_bits(options_.seed, detail::streams::dropout, run_->step());
    const double rate = rate_at(options_.learning_rate, run_->step());
    const auto step =
        run_->take_step([&] { return model_.train_step(batch.images, batch.labels, batch.size, noise); }, rate);
    images_ += batch.size;
    if (options_.progress) {
        bar_->update({.done = run_->step_in_epoch(),
                      .total = options_.steps_per_epoch,
                      .images = images_,
                      .loss = run_->running().loss(),
                      .accuracy = run_->running().accuracy()});
    }
    if (options_.on_step) {
        running_metrics one;
        one.add(step);
        step_report report{.step = run_->step(),
                           .epoch = run_->history().size() + 1,
                           .loss = static_cast<double>(step.loss),
                           .accuracy = one.accuracy(),
                           .learning_rate = rate,
                           .stop = false};
        options_.on_step(report);
        stop_ = stop_ || report.stop;
    }
}

/// False if it was asked to stop on the way.
template <trainable Model>
bool fit_loop<Model>::validate(const sample_view& data, epoch_record& record) {
    batch_stream<value_type> stream{data,
                                    normalisation_,
                                    {.batch = options_.batch,
                                     .seed = options_.seed,
                                     .shuffled = false,
                                     .augment = {},
                                     .first_batch = 0,
                                     .depth = 3}};
    running_metrics sum;
    progress_bar::status status{.total = (data.count + options_.batch - 1) / options_.batch};
    bar_->begin("validation");
    for (auto batch = stream.next(); batch.size > 0; batch = stream.next()) {
        sum.add(model_.evaluate(batch.images, batch.labels, batch.size));
        ++status.done;
        status.images += batch.size;
        if (options_.progress) {
            status.loss = sum.loss();
            status.accuracy = sum.accuracy();
            bar_->update(status);
        }
        if (asked_to_stop()) {
            return false;
        }
    }
    record.validation_loss = sum.loss();
    record.validation_accuracy = sum.accuracy();
    record.validated = sum.counted > 0;
    return true;
}

/// Validation, record, callback, best weights, log and checkpoint. False: stop.
template <trainable Model>
bool fit_loop<Model>::finish_epoch(const sample_view& validation) {
    epoch_record record{.epoch = run_->history().size() + 1,
                        .train_loss = run_->running().loss(),
                        .train_accuracy = run_->running().accuracy(),
                        .learning_rate = rate_at(options_.learning_rate, run_->step() - 1)};
    if (validates_ && !validate(validation, record)) {
        return false;
    }
    record.seconds = run_->epoch_seconds();
    epoch_report report{.record = record, .score = {}, .stop = false};
    if (record.validated && !detail::is_finite(record.validation_loss)) {
        say("warning: the validation loss of epoch " + std::to_string(record.epoch) +
            " is not finite; the epoch is no candidate for the best");
    } else if (record.validated && options_.best != best_epoch::none) {
        report.score =
            options_.best == best_epoch::validation_accuracy ? record.validation_accuracy : -record.validation_loss;
    }
    if (options_.on_epoch) {
        options_.on_epoch(report);
    }
    const bool is_best = run_->finish_epoch(report);
    if (options_.progress) {
        say(epoch_line(record, is_best));
    }
    run_->log_epoch(false);
    stop_ = stop_ || report.stop;
    if (stop_ || run_->finished()) {  // the last checkpoint follows
        return false;
    }
    run_->save(false);
    return true;
}

template <trainable Model>
std::string fit_loop<Model>::epoch_line(const epoch_record& r, bool best) const {
    using detail::fixed_text;
    std::string text = "epoch " + std::to_string(r.epoch) + "/" + std::to_string(options_.epochs) + "  loss " +
                       fixed_text(r.train_loss, 4) + "  accuracy " + fixed_text(100.0 * r.train_accuracy, 2) + " %";
    if (r.validated) {
        text += "  validation loss " + fixed_text(r.validation_loss, 4) + "  accuracy " +
                fixed_text(100.0 * r.validation_accuracy, 2) + " %";
    }
    return text + "  " + fixed_text(r.seconds, 1) + " s" + (best ? "  (best so far)" : "");
}

/// The last checkpoint, the best weights, and errors that could not be repaired on the way.
template <trainable Model>
training_result fit_loop<Model>::result(training_status status) {
    training_result r;
    r.status = status;
    r.signal = status == training_status::interrupted ? guard_->received() : 0;
    r.steps = run_->step();
    r.best_epoch = run_->best() ? run_->best()->epoch : 0;
    r.best_score = run_->best() ? run_->best()->metric : 0.0;
    r.normalisation = normalisation_;
    r.history = run_->history();
    r.checkpoint_written = run_->settle();
    if (status == training_status::finished) {
        if (options_.restore_best) {
            run_->restore_best();
        }
    } else if (options_.progress) {
        std::string text = (status == training_status::interrupted ? "interrupted: " : "stopped: ") + run_->position();
        if (r.checkpoint_written) {
            text += "; saved in " + options_.checkpoint + "; to go on, " + options_.resume_hint;
        } else if (options_.checkpoint.empty()) {
            text += "; no checkpoint was asked for";
        }
        say(text);
    }
    run_->throw_failures();
    return r;
}

}  // namespace fovea
