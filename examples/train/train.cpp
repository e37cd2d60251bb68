// SPDX-License-Identifier: BSD-3-Clause
// fovea_train: trains one of the seed networks, chosen by name, on a data set of images.
//
//     fovea_train --data ~/data --dataset cifar10 --net dilated4 --epochs 10 --csv log.csv --checkpoint run.checkpoint
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <fovea/detail/number_text.hpp>

#include "../common/command_line.hpp"
#include "../common/confusion.hpp"
#include "../common/data.hpp"
#include "../common/model.hpp"

namespace {

struct options {
    std::string data;
    std::string data_set = "cifar10";
    std::string net = "dilated4";
    std::size_t epochs = 10;
    std::size_t steps_per_epoch = 1000;
    std::size_t batch = 32;
    std::size_t threads = 0;
    std::uint64_t seed = 1;
    std::string optimiser = "adam";
    double learning_rate = 1e-3;
    double decay = 1e-5;
    double momentum = 0.9;
    double weight_decay = 0.0;
    std::string schedule = "constant";
    bool no_augment = false;
    std::string csv;
    std::string save;
    std::string checkpoint;
    bool resume = false;
    bool quiet = false;
    bool list = false;
};

void declare(CLI::App& app, options& o) {
    app.add_option("--data", o.data, "folder of the data set; for fashion, the Debian package's unless given")->type_name("DIR");
    app.add_option("--dataset", o.data_set, "what to learn")
        ->check(CLI::IsMember({"cifar10", "cifar100", "fashion", "m2nist"}))
        ->capture_default_str();
    app.add_option("--net", o.net, "which network")
        ->check(CLI::IsMember(
            {"dilated4", "largekernel4", "strided4", "cascade10", "twotap10", "depthwise10", "wide4", "segment"}))
        ->capture_default_str();
    app.add_option("--epochs", o.epochs, "validations and log lines")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--steps-per-epoch", o.steps_per_epoch, "batches between them")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--batch", o.batch, "images a step")->check(CLI::Range(1, 65536))->capture_default_str();
    app.add_option("--threads", o.threads, "0: as many as processors may be used; no effect on the result")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--seed", o.seed, "same seed, same result")->capture_default_str();
    app.add_option("--optimizer,--optimiser", o.optimiser, "adam, adamw or sgd")
        ->check(CLI::IsMember({"adam", "adamw", "sgd"}))
        ->capture_default_str();
    app.add_option("--learning-rate", o.learning_rate, "the schedule's highest rate")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--schedule", o.schedule, "constant (but for --decay), step (a tenth after each third), cosine, onecycle")
        ->check(CLI::IsMember({"constant", "step", "cosine", "onecycle"}))
        ->capture_default_str();
    app.add_option("--decay", o.decay, "with --schedule constant: rate / (1 + decay * step)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--momentum", o.momentum, "of sgd")->check(CLI::Range(0.0, 0.9999))->capture_default_str();
    app.add_option("--weight-decay", o.weight_decay, "adamw: decoupled; adam and sgd: added to the gradient")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_flag("--no-augment", o.no_augment, "no random shifts (up to 10 %) and flips of training images");
    app.add_option("--csv", o.csv, "log of the epochs")->type_name("FILE");
    app.add_option("--save", o.save, "the trained network [<net>-<dataset>.safetensors]")->type_name("FILE");
    app.add_option("--checkpoint", o.checkpoint, "the whole state, written as training goes on")->type_name("FILE");
    app.add_flag("--resume", o.resume, "go on from the checkpoint, with the same options");
    app.add_flag("--quiet", o.quiet, "no progress bar, no line an epoch");
    app.add_flag("--list", o.list, "list networks and data sets, and stop");
}

fovea::optimiser_options optimiser_of(const options& o) {
    if (o.optimiser == "sgd") {
        return fovea::sgd_options{.momentum = o.momentum, .weight_decay = o.weight_decay};
    }
    if (o.optimiser == "adamw") {
        return fovea::adamw_options{.weight_decay = o.weight_decay};
    }
    return fovea::adam_options{.weight_decay = o.weight_decay};
}

fovea::schedule schedule_of(const options& o) {
    const std::uint64_t steps = std::uint64_t{o.epochs} * o.steps_per_epoch;
    if (o.schedule == "step") {
        return fovea::step_rate{.rate = o.learning_rate, .every = (steps + 2) / 3, .factor = 0.1};
    }
    if (o.schedule == "cosine") {
        return fovea::cosine_rate{.rate = o.learning_rate};
    }
    if (o.schedule == "onecycle") {
        return fovea::one_cycle_rate{.peak = o.learning_rate};
    }
    return fovea::keras_decay_rate{.rate = o.learning_rate, .decay = o.decay};
}

/// Time spent in training steps, without validation: from one step to the next of the same epoch.
struct stopwatch {
    using clock = std::chrono::steady_clock;
    clock::time_point last{};
    std::uint64_t epoch = 0;
    double seconds = 0;
    std::uint64_t steps = 0;

    void step(std::uint64_t of_epoch) {
        const auto now = clock::now();
        if (of_epoch == epoch) {
            seconds += std::chrono::duration<double>(now - last).count();
            ++steps;
        }
        epoch = of_epoch;
        last = now;
    }
};

void print_summary(const options& o, const examples::model& network, const fovea::training_result& result,
                   const stopwatch& watch) {
    using fovea::detail::fixed_text;
    std::cout << "\n" << o.net << " on " << o.data_set << ": " << result.steps << " steps of " << o.batch << ", "
              << network.parameters() << " parameters\n";
    for (const fovea::epoch_record& r : result.history) {
        if (r.epoch == result.best_epoch) {
            std::cout << "  best epoch           " << r.epoch << ", validation accuracy "
                      << examples::percent(r.validation_metrics[0]) << ", loss " << fixed_text(r.validation_loss, 4) << '\n';
        }
    }
    if (!result.history.empty()) {
        const fovea::epoch_record& last = result.history.back();
        std::cout << "  last epoch           training accuracy " << examples::percent(last.train_metrics[0]) << ", validation "
                  << (last.validated ? examples::percent(last.validation_metrics[0]) : "none") << '\n';
    }
    if (watch.steps > 0) {
        std::cout << "  speed                "
                  << fixed_text(static_cast<double>(watch.steps * o.batch) / watch.seconds, 0) << " images/s with "
                  << examples::thread_text(o.threads) << " (training steps only)\n";
    }
}

int train(options o, const std::string& program) {
    if (o.list) {
        std::cout << examples::list_of_models();
        return 0;
    }
    if (o.resume && o.checkpoint.empty()) {
        throw fovea::Error("--resume: name the file to go on from with --checkpoint FILE");
    }
    if (o.save.empty()) {
        o.save = o.net + "-" + o.data_set + ".safetensors";
    }
    examples::require_writable(o.save, "--save");
    for (const auto& [path, option] : {std::pair{o.csv, "--csv"}, std::pair{o.checkpoint, "--checkpoint"}}) {
        if (!path.empty()) {
            examples::require_writable(path, option);
        }
    }

    const auto network = examples::make_model(o.net, o.data_set);  // before the data: its error is the quicker one
    const fovea::dataset_split data = examples::load_data(o.data_set, o.data);
    network->initialise(o.seed);
    if (!o.quiet) {
        std::cout << network->table() << '\n'
                  << o.data_set << ": " << data.train.size() << " images to train on, " << data.test.size()
                  << " to validate on\n";
        std::error_code ignored;
        if (o.resume && !std::filesystem::exists(o.checkpoint, ignored)) {
            std::cout << o.checkpoint << " does not exist yet: starting from the beginning\n";
        }
        std::cout << std::flush;
    }

    stopwatch watch;
    fovea::trainer_options settings;
    settings.epochs = o.epochs;
    settings.steps_per_epoch = o.steps_per_epoch;
    settings.batch = o.batch;
    settings.threads = examples::resolved_threads(o.threads);
    settings.seed = o.seed;
    settings.optimiser = optimiser_of(o);
    settings.learning_rate = schedule_of(o);
    if (!o.no_augment) {
        settings.augment = fovea::shift_and_flip();
        settings.augment.flip = o.data_set != "m2nist";  // a mirrored digit is none
    }
    settings.csv = o.csv;
    settings.checkpoint = o.checkpoint;
    settings.resume = o.resume;
    settings.resume_hint = "run the same command with --resume";
    settings.progress = !o.quiet;
    settings.on_step = [&](fovea::step_report& report) { watch.step(report.epoch); };

    const fovea::training_result result = network->train(data.train, data.test, settings);

    const examples::model_card card{o.net, o.data_set, o.data_set, data.train.class_names, result.normalisation};
    const bool finished = result.status == fovea::training_status::finished;
    // What was learned is not thrown away: without a checkpoint it is saved as far as it got.
    const bool save = finished || !result.checkpoint_written;
    if (save) {
        network->save(o.save, card.to_metadata());
    }
    print_summary(o, *network, result, watch);
    if (save) {
        std::cout << "  network              " << o.save << '\n';
    }
    if (!o.csv.empty()) {
        std::cout << "  log                  " << o.csv << '\n';
    }
    if (!o.checkpoint.empty()) {
        std::cout << "  checkpoint           " << o.checkpoint << '\n';
    }
    if (!finished) {
        std::cout << std::flush;
        std::cerr << program << ": stopped before the end; "
                  << (result.checkpoint_written ? "to go on, run the same command with --resume"
                                                : "with --checkpoint FILE such a run can be resumed")
                  << '\n';
        return result.signal != 0 ? 128 + result.signal : examples::failed;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app("Trains a network without downsampling (and one with, for comparison) on images.", "fovea_train");
    declare(app, o);
    return examples::run_program(app, argc, argv, [&] { return train(o, app.get_name()); });
}
