// SPDX-License-Identifier: BSD-3-Clause
// fovea_demo: learns in two minutes to say for every pixel what it belongs to, with a network that never downsamples and
// has no decoder; then saves it, loads it into an Engine and shows what it sees.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <fovea/detail/number_text.hpp>
#include <fovea/train.hpp>

#include "../common/command_line.hpp"
#include "../common/confusion.hpp"
#include "../common/data.hpp"
#include "../common/pictures.hpp"
#include "../networks/seed_networks.hpp"
#include "canvases.hpp"

namespace {

using seed::Segment;
using clock_type = std::chrono::steady_clock;
using fovea::detail::fixed_text;
using fovea::detail::grouped_text;

struct options {
    std::string data;
    std::string fashion = examples::fashion_package;
    bool shapes = false;
    double seconds = 120;
    std::size_t steps = 0;
    std::size_t batch = 4;
    double learning_rate = 1e-2;
    std::size_t canvases = 10'000;
    std::size_t held_out = 500;
    std::size_t threads = 0;
    std::uint64_t seed = 1;
    std::string out = ".";
};

double seconds_since(clock_type::time_point began) {
    return std::chrono::duration<double>(clock_type::now() - began).count();
}

struct scenes {
    std::string name;
    fovea::dataset train;
    fovea::dataset held_out;
};

scenes load_scenes(const options& o) {
    if (!o.data.empty()) {
        fovea::dataset_split split = examples::load_data("m2nist", o.data);
        std::cout << "Images: M2NIST, handwritten digits, from " << o.data << "; the last 15 % are held out.\n";
        return {"M2NIST", std::move(split.train), std::move(split.test)};
    }
    std::optional<fovea::dataset_split> items;
    if (!o.shapes) {
        std::error_code ignored;
        if (std::filesystem::is_directory(o.fashion, ignored)) {
            items = fovea::load_fashion(o.fashion);
            std::cout << "Images: Fashion-MNIST from " << o.fashion << ", one to three on each canvas; held-out canvases\n"
                      << "are made of the test images alone.\n";
        } else {
            std::cout << "Images: there is no Fashion-MNIST in " << o.fashion
                      << " (Debian: package dataset-fashion-mnist),\n"
                         "so ten simple shapes that this program draws stand in for it.\n";
        }
    }
    const bool drawn = !items;
    if (drawn) {
        items = {demo::draw_shapes(20'000, o.seed + 1000), demo::draw_shapes(4'000, o.seed + 2000)};
    }
    return {drawn ? "drawn shapes" : "Fashion-MNIST items", demo::make_canvases(items->train, o.canvases, o.seed + 3000),
            demo::make_canvases(items->test, o.held_out, o.seed + 4000)};
}

/// Seconds a training step takes on this machine, measured on a throwaway network.
double measure_step(const options& o, const fovea::dataset& set, const fovea::channel_normalisation& normalisation) {
    fovea::Weights<Segment> weights = fovea::he_normal<Segment>(o.seed);
    fovea::learner<Segment> learner(weights, fovea::thread_count{examples::resolved_threads(o.threads)});
    const std::size_t batch = std::min(o.batch, set.size());
    const std::vector<float> images = examples::network_input(set, normalisation, 0, batch);
    learner.train_step(images.data(), set.labels.data(), batch);  // allocates
    std::size_t steps = 0;
    const auto began = clock_type::now();
    while (steps < 3 || (seconds_since(began) < 1.0 && steps < 50)) {
        learner.train_step(images.data(), set.labels.data(), batch);
        ++steps;
    }
    return seconds_since(began) / static_cast<double>(steps);
}

struct evaluation {
    explicit evaluation(const std::vector<std::string>& class_names) : table(class_names) {}
    examples::confusion table;
    double loss = 0;  ///< mean cross-entropy a pixel
    double milliseconds = 0;  ///< an image, median
    std::vector<std::vector<std::uint8_t>> maps;
};

/// Every held-out canvas through an Engine, one at a time, as a camera would.
evaluation evaluate(const fovea::Weights<Segment>& weights, const fovea::dataset& set,
                    const fovea::channel_normalisation& normalisation) {
    constexpr fovea::Shape out = fovea::output_shape<Segment>;
    fovea::Engine<Segment> engine(weights);
    evaluation result(set.class_names);
    std::vector<float> answer(out.size());
    std::vector<double> times;
    for (std::size_t n = 0; n < set.size(); ++n) {
        const std::vector<float> image = examples::network_input(set, normalisation, n, n + 1);
        const auto began = clock_type::now();
        engine.run(image.data(), answer.data());
        times.push_back(1000 * seconds_since(began));
        const std::uint8_t* truth = set.labels.data() + n * out.positions();
        std::vector<std::uint8_t>& map = result.maps.emplace_back(out.positions());
        for (std::size_t p = 0; p < out.positions(); ++p) {
            map[p] = static_cast<std::uint8_t>(examples::largest(answer.data() + p, out.channels, out.positions()));
            result.table.add(truth[p], map[p]);
            result.loss -= std::log(std::max(1e-30, static_cast<double>(answer[truth[p] * out.positions() + p])));
        }
    }
    result.loss /= static_cast<double>(set.size() * out.positions());
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    result.milliseconds = times[times.size() / 2];
    return result;
}

/// The same canvases through the code that trains.
struct trained_figures {
    double loss = 0;
    std::size_t correct = 0;  ///< pixels that are right
};
trained_figures evaluate_by_training_code(fovea::learner<Segment>& learner, const fovea::dataset& set,
                                             const fovea::channel_normalisation& normalisation, std::size_t batch) {
    constexpr std::size_t positions = fovea::output_shape<Segment>.positions();
    std::vector<double> sums;
    std::size_t counted = 0;
    for (std::size_t first = 0; first < set.size(); first += batch) {
        const std::size_t last = std::min(set.size(), first + batch);
        const std::vector<float> images = examples::network_input(set, normalisation, first, last);
        const auto part = learner.evaluate(images.data(), set.labels.data() + first * positions, last - first);
        fovea::add_sums(sums, part.sums);
        counted += part.counted;
    }
    const std::vector<double> figures = learner.figures(sums);  // loss, accuracy
    return {figures[0], static_cast<std::size_t>(std::llround(figures[1] * static_cast<double>(counted)))};
}

int run(const options& o) {
    const std::string weights_path = o.out + "/segment.safetensors";
    const std::string picture_path = o.out + "/segment.png";
    examples::require_writable(weights_path, "--out");

    std::cout << "\nDilated4, a classifier; every number was computed by the compiler:\n\n"
              << fovea::report<seed::Dilated4> << "\nSegment, the network of this demo: a class for every pixel.\n\n"
              << fovea::report<Segment> << std::endl;

    const scenes data = load_scenes(o);
    std::cout << grouped_text(data.train.size()) << " canvases of " << data.train.height() << " x " << data.train.width()
              << " to learn from, " << grouped_text(data.held_out.size()) << " held out.\n"
              << std::flush;

    const fovea::channel_normalisation normalisation =
        fovea::measure_normalisation(data.train.images.data(), data.train.size(), 1, data.train.height() * data.train.width());
    std::size_t steps = o.steps;
    if (steps == 0) {
        const double step_seconds = measure_step(o, data.train, normalisation);
        steps = std::max<std::size_t>(20, static_cast<std::size_t>(o.seconds / step_seconds));
        std::cout << "A step of " << o.batch << " canvases takes " << fixed_text(1000 * step_seconds, 1) << " ms here, so "
                  << fixed_text(o.seconds, 0) << " s are " << grouped_text(steps)
                  << " steps (--steps N gives the same result on every machine).\n";
    }
    constexpr std::size_t epochs = 6;
    steps = (steps + epochs - 1) / epochs * epochs;

    fovea::Weights<Segment> weights = fovea::he_normal<Segment>(o.seed);
    fovea::trainer_options settings;
    settings.epochs = epochs;
    settings.steps_per_epoch = steps / epochs;
    settings.batch = o.batch;
    settings.threads = examples::resolved_threads(o.threads);
    settings.seed = o.seed;
    settings.learning_rate = fovea::one_cycle_rate{.peak = o.learning_rate, .warm_up = 0.2};
    settings.normalisation = normalisation;
    settings.best = "none";  // the last weights, not those that suit the held-out canvases best
    const auto began = clock_type::now();
    settings.on_step = [&](fovea::step_report& report) {
        // A machine that became much slower since the step was measured finishes, too.
        report.stop = o.steps == 0 && seconds_since(began) > 2.0 * o.seconds + 10.0;
    };
    std::cout << "Training with " << examples::thread_text(settings.threads) << ". Accuracy counts pixels, most of which are background;\n"
              << "the figures that matter follow at the end. Ctrl-C stops.\n"
              << std::flush;

    fovea::Trainer<Segment> trainer(weights, settings);
    const fovea::dataset preview = fovea::subset(data.held_out, 0, 50);
    const fovea::training_result result = trainer.fit(data.train, preview);
    const double train_seconds = seconds_since(began);
    if (result.status == fovea::training_status::interrupted) {
        std::cerr << "fovea_demo: stopped; nothing was written\n";
        return 128 + result.signal;
    }
    if (result.status == fovea::training_status::stopped) {
        std::cout << "This machine is slower than measured at first: training ended after step " << result.steps
                  << ", the result is below what it could be.\n";
    }

    const examples::model_card card{"segment", "m2nist", data.name, data.train.class_names, normalisation};
    fovea::save(weights, weights_path, card.to_metadata());
    const auto loaded = fovea::load<Segment>(weights_path);
    const evaluation held_out = evaluate(loaded, data.held_out, normalisation);
    const trained_figures check =
        evaluate_by_training_code(trainer.model(), data.held_out, normalisation, std::max<std::size_t>(o.batch, 8));

    const std::size_t background = data.train.class_names.size() - 1;
    const std::string figures = "mean IoU " + fixed_text(held_out.table.mean_iou(), 3) + ", foreground " +
                                examples::percent(held_out.table.accuracy_without(background), 1) + ", pixels " +
                                examples::percent(held_out.table.accuracy(), 1);
    std::vector<examples::segmented> shown;
    for (std::size_t n = 0; n < std::min<std::size_t>(10, data.held_out.size()); ++n) {
        const std::uint8_t* truth = data.held_out.labels.data() + n * held_out.maps[n].size();
        shown.push_back({examples::picture_of(data.held_out, n), {truth, truth + held_out.maps[n].size()}, held_out.maps[n]});
    }
    fovea::write_png(picture_path, examples::segmentation_sheet(shown, data.train.class_names,
                                                                "fovea Segment, held-out canvases: " + figures));

    std::cout << "\nOn " << grouped_text(data.held_out.size()) << " held-out canvases, run by Engine<Segment> with the weights of "
              << weights_path << ":\n\n";
    held_out.table.print_classes(std::cout);
    const auto right = static_cast<std::size_t>(held_out.table.right());
    std::cout << "\n  pixel accuracy       " << examples::percent(held_out.table.accuracy()) << " (background alone would give "
              << examples::percent(static_cast<double>(held_out.table.of_truth(background)) /
                                   static_cast<double>(held_out.table.total()))
              << ")\n  foreground accuracy  " << examples::percent(held_out.table.accuracy_without(background))
              << "\n  mean IoU             " << fixed_text(held_out.table.mean_iou(), 3) << " over "
              << data.train.class_names.size() << " classes, background among them"
              << "\n  Engine               " << fixed_text(held_out.milliseconds, 2) << " ms an image, one thread ("
              << fixed_text(2e-6 * static_cast<double>(fovea::mac_count<Segment>) / held_out.milliseconds, 0) << " GFLOP/s)"
              << "\n  Engine and training  loss " << fixed_text(held_out.loss, 6) << " and " << fixed_text(check.loss, 6)
              << "; pixels right " << grouped_text(right) << " and " << grouped_text(check.correct)
              << "\n  training             " << grouped_text(result.steps) << " steps of " << o.batch << " canvases in "
              << fixed_text(train_seconds, 0) << " s, "
              << fixed_text(static_cast<double>(result.steps * o.batch) / train_seconds, 0) << " canvases/s"
              << "\n  written              " << weights_path << "\n                       " << picture_path
              << " (images, truth and prediction side by side)\n";

    // BatchNorm is folded in one and not in the other, so sums differ in the last bits; more is a fault.
    const double allowed = 1e-3 * std::max(check.loss, 1e-3);
    if (std::abs(held_out.loss - check.loss) > allowed) {
        throw fovea::Error("Engine and training code disagree: mean loss " + std::to_string(held_out.loss) + " and " +
                           std::to_string(check.loss));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app("Trains Segment, a network without downsampling, to label every pixel; shows what it learned.", "fovea_demo");
    app.add_option("--data", o.data, "use M2NIST: folder with combined.npy and segmented.npy, or of m2nist/ with them")
        ->type_name("DIR");
    app.add_option("--fashion", o.fashion, "folder of Fashion-MNIST")->type_name("DIR")->capture_default_str();
    app.add_flag("--shapes", o.shapes, "draw simple shapes, even where there is Fashion-MNIST");
    app.add_option("--seconds", o.seconds, "time for training")->check(CLI::Range(1.0, 86400.0))->capture_default_str();
    app.add_option("--steps", o.steps, "so many steps instead (0: by time)")->check(CLI::Range(0, 10'000'000));
    app.add_option("--batch", o.batch, "canvases a step")->check(CLI::Range(1, 256))->capture_default_str();
    app.add_option("--learning-rate", o.learning_rate, "peak of the one-cycle schedule, Adam")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--canvases", o.canvases, "how many to learn from")->check(CLI::Range(1, 100'000))->capture_default_str();
    app.add_option("--held-out", o.held_out, "how many to test on")->check(CLI::Range(1, 10'000))->capture_default_str();
    app.add_option("--threads", o.threads, "0: as many as processors may be used; no effect on the result")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--seed", o.seed, "same seed and --steps, same result")->capture_default_str();
    app.add_option("--out", o.out, "folder for segment.safetensors and segment.png")->type_name("DIR")->capture_default_str();
    return examples::run_program(app, argc, argv, [&] { return run(o); });
}
