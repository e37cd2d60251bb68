// SPDX-License-Identifier: BSD-3-Clause
// What can be chosen about a training run, and what does it report?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/train/augment.hpp>
#include <fovea/train/history.hpp>
#include <fovea/train/optimiser.hpp>
#include <fovea/train/schedule.hpp>

namespace fovea {

/// What on_step learns after each step. Setting `stop` ends the run as Ctrl-C does: checkpoint, then return.
struct step_report {
    std::uint64_t step = 0;         ///< steps done since the start of training
    std::uint64_t epoch = 0;        ///< the epoch under way, counted from 1
    double loss = 0.0;              ///< of this batch
    std::vector<double> metrics{};  ///< of this batch, in the order of training_result::metrics
    double learning_rate = 0.0;     ///< of this step
    bool stop = false;
};

/// What on_epoch learns after each epoch and its validation.
struct epoch_report {
    const epoch_record& record;
    /// Greater is better; the best epoch's weights are kept. Preset by trainer_options::best, with the other sign where
    /// less is better; a callback may put in its
    /// own measure (mean IoU, say). Without a value the epoch is not a candidate.
    std::optional<double> score{};
    bool stop = false;
};

struct trainer_options {
    std::size_t epochs = 10;
    std::size_t steps_per_epoch =
        1000;  ///< independent of the data set's size: samples come as an endless shuffled stream
    std::size_t batch = 32;
    std::size_t threads = 0;  ///< 0: as many as processors may be used. The result does not depend on it
    std::uint64_t seed = 1;   ///< of the order of samples, the augmentation and dropout

    optimiser_options optimiser = adam_options{};
    schedule learning_rate = keras_decay_rate{1e-3, 1e-5};
    augment_options augment{};
    /// Default: measured on a training set of bytes; floats are taken as they are.
    std::optional<channel_normalisation> normalisation{};
    /// One a class, for losses that take them (cross_entropy): how often a label counts; empty: once.
    std::vector<double> class_weights{};

    std::string csv{};                 ///< log of the epochs; empty: none
    std::string checkpoint{};          ///< empty: none. Also written after each epoch and when the run is stopped
    std::size_t checkpoint_steps = 0;  ///< and every so many steps; 0: not
    double checkpoint_seconds = 60.0;  ///< and when so much time has passed; 0: not
    /// Go on from `checkpoint` if it exists. Without it an existing checkpoint is an error, not overwritten.
    bool resume = false;
    std::string resume_hint = "run again with the same options and resume = true";  ///< how your program's user resumes

    /// The figure of the validation by which an epoch is the best: "loss", one of the loss's metrics ("accuracy"), or
    /// "none". Not given: the loss's first metric, "loss" if it has none.
    std::optional<std::string> best{};
    bool restore_best = true;  ///< a finished run ends with the best epoch's weights, not the last one's

    bool progress = true;        ///< bar and a line per epoch on stderr
    bool handle_signals = true;  ///< SIGINT and SIGTERM stop the run after the current step; installed while fit() runs
    std::function<void(step_report&)> on_step{};
    std::function<void(epoch_report&)> on_epoch{};
    std::function<void(std::string_view)> on_message{};  ///< warnings and notes, one line each; default: stderr
};

/// How did fit() end?
enum class training_status {
    finished,
    interrupted,  ///< by a signal
    stopped,      ///< by a callback
};

struct training_result {
    training_status status = training_status::finished;
    int signal = 0;                       ///< if interrupted
    std::uint64_t steps = 0;              ///< done since the start of training
    std::vector<figure> metrics{};        ///< what the records' metrics are
    std::vector<epoch_record> history{};  ///< all finished epochs, those before a resume included
    std::uint64_t best_epoch = 0;         ///< counted from 1; 0: none
    double best_score = 0.0;
    bool checkpoint_written = false;
    channel_normalisation normalisation{};  ///< what the network was trained with, and must be run with
};

}  // namespace fovea
