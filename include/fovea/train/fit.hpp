// SPDX-License-Identifier: BSD-3-Clause
// How does a training run go? The loop over steps and epochs for anything that can compute a gradient: batches, steps,
// validation, reports, and a stop that leaves everything in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/file_lock.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/joined.hpp>
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

namespace detail {

/// Which figure of the validation says what epoch is the best? Its place among `figures`; none for "none".
/// \throws Error for one that there is not
inline std::optional<std::size_t> best_figure(const std::optional<std::string>& name, std::span<const figure> figures) {
    if (!name) {
        // With several heads their losses stand before the metrics.
        for (std::size_t i = 1; i < figures.size(); ++i) {
            if (!(figures[i].name.starts_with("head") && figures[i].name.ends_with("_loss"))) {
                return i;
            }
        }
        return 0;
    }
    std::string all = "none";
    for (std::size_t i = 0; i < figures.size(); ++i) {
        if (figures[i].name == *name) {
            return i;
        }
        all += joined({", ", figures[i].name});
    }
    if (*name != "none") {
        throw Error{joined({"trainer: best '", *name, "': expected one of ", all})};
    }
    return std::nullopt;
}

/// "  loss 0.1234  accuracy 97.31 %", the metrics from the second figure on.
inline std::string figures_text(std::span<const figure> metrics, double loss, std::span<const double> values) {
    std::string text = joined({"loss ", fixed_text(loss, 4)});
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        text += joined({"  ", metrics[i].name, " ", figure_text(metrics[i], values[i], 2, 4)});
    }
    return text;
}

}  // namespace detail

/// Trains one model. Everything that the result depends on is in (model, options, data); time and threads are not.
template <trainable Model>
class fit_loop {
public:
    using value_type = scalar_of<Model>;
    using label_type = typename Model::label_type;

    /// `network` names what the checkpoint belongs to: tensor names and shapes, or a hash of them.
    /// \throws Error for options that make no sense (0 epochs, a batch that the model cannot learn from)
    fit_loop(Model& model, trainer_options options, std::string network)
        : model_{model}, options_{std::move(options)}, network_{std::move(network)}, figures_{Model::figure_names()} {
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
        if constexpr (!requires { Model::takes_class_weights; }) {
            require(options_.class_weights.empty(), "class_weights are given, the model takes none");
        }
        best_ = detail::best_figure(options_.best, figures_);
        options_.best = best_ ? figures_[*best_].name : "none";
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

    std::span<const figure> metrics() const { return std::span{figures_}.subspan(1); }
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
    std::vector<figure> figures_;
    std::optional<std::size_t> best_;  ///< the place of the figure that chooses the best epoch
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
    constexpr Shape input{Model::channels, Model::height, Model::width};
    detail::require_fitting_data(input, Model::label_sources(), train, "training set");
    if (validation.count > 0) {
        detail::require_fitting_data(input, Model::label_sources(), validation, "validation set");
    }
    if (!detail::has_counted_labels(Model::label_sources(), train)) {
        throw Error{"trainer: training set: no label counts, all " + std::to_string(train.count) +
                    " samples are to be ignored"};
    }
    validates_ = detail::has_counted_labels(Model::label_sources(), validation);
    normalisation_ = options_.normalisation ? *options_.normalisation : detail::normalisation_of(train);
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
                 options_.checkpoint.empty()
                     ? fingerprint{}
                     : detail::describe_run(options_, model_.loss_text(), normalisation_, train, validation),
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
    const auto step = run_->take_step(
        [&] { return model_.train_step(batch.images, batch.template labels_as<label_type>(), batch.size, noise); },
        rate);
    images_ += batch.size;
    if (options_.progress) {
        const std::vector<double> values = Model::figures(run_->running());
        bar_->update({.done = run_->step_in_epoch(),
                      .total = options_.steps_per_epoch,
                      .images = images_,
                      .loss = values[0],
                      .metrics = metrics(),
                      .values = std::span{values}.subspan(1)});
    }
    if (options_.on_step) {
        const std::vector<double> values = Model::figures(step.sums);
        step_report report{.step = run_->step(),
                           .epoch = run_->history().size() + 1,
                           .loss = static_cast<double>(step.loss),
                           .metrics = {values.begin() + 1, values.end()},
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
    std::vector<double> sums;
    std::vector<double> values = Model::figures(sums);
    progress_bar::status status{.total = (data.count + options_.batch - 1) / options_.batch};
    bar_->begin("validation");
    for (auto batch = stream.next(); batch.size > 0; batch = stream.next()) {
        add_sums(sums, model_.evaluate(batch.images, batch.template labels_as<label_type>(), batch.size).sums);
        values = Model::figures(sums);
        ++status.done;
        status.images += batch.size;
        if (options_.progress) {
            status.loss = values[0];
            status.metrics = metrics();
            status.values = std::span{values}.subspan(1);
            bar_->update(status);
        }
        if (asked_to_stop()) {
            return false;
        }
    }
    record.validation_loss = values[0];
    record.validation_metrics.assign(values.begin() + 1, values.end());
    record.validated = true;
    return true;
}

/// Validation, record, callback, best weights, log and checkpoint. False: stop.
template <trainable Model>
bool fit_loop<Model>::finish_epoch(const sample_view& validation) {
    const std::vector<double> values = Model::figures(run_->running());
    epoch_record record{.epoch = run_->history().size() + 1,
                        .train_loss = values[0],
                        .train_metrics = {values.begin() + 1, values.end()},
                        .learning_rate = rate_at(options_.learning_rate, run_->step() - 1)};
    if (validates_ && !validate(validation, record)) {
        return false;
    }
    record.seconds = run_->epoch_seconds();
    epoch_report report{.record = record, .score = {}, .stop = false};
    if (record.validated && !detail::is_finite(record.validation_loss)) {
        say("warning: the validation loss of epoch " + std::to_string(record.epoch) +
            " is not finite; the epoch is no candidate for the best");
    } else if (record.validated && best_) {
        const double value = *best_ == 0 ? record.validation_loss : record.validation_metrics[*best_ - 1];
        report.score = figures_[*best_].is == better::up ? value : -value;
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
    std::string text = "epoch " + std::to_string(r.epoch) + "/" + std::to_string(options_.epochs) + "  " +
                       detail::figures_text(metrics(), r.train_loss, r.train_metrics);
    if (r.validated) {
        text += "  validation " + detail::figures_text(metrics(), r.validation_loss, r.validation_metrics);
    }
    return text + "  " + detail::fixed_text(r.seconds, 1) + " s" + (best ? "  (best so far)" : "");
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
    r.metrics.assign(metrics().begin(), metrics().end());
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
