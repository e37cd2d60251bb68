// SPDX-License-Identifier: BSD-3-Clause
// fovea_predict: what does a trained network say about pictures, or about the test images of a data set?
//
//     fovea_predict dilated4-cifar10.safetensors photo.png --out answer.png
//     fovea_predict dilated4-cifar10.safetensors --data ~/data --out sheet.png
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include <fovea/detail/number_text.hpp>
#include <fovea/io/image.hpp>

#include "../common/command_line.hpp"
#include "../common/confusion.hpp"
#include "../common/data.hpp"
#include "../common/model.hpp"
#include "../common/pictures.hpp"

namespace {

struct options {
    std::string model;
    std::vector<std::string> images;
    std::string data_set;
    std::string data;
    bool training_images = false;
    std::string out;
    std::size_t count = 24;
    std::size_t threads = 0;
    bool invert = false;
};

/// A network out of a file, with what is needed to ask it.
struct oracle {
    examples::model_card card;
    std::unique_ptr<examples::model> network;
    std::size_t threads;

    bool per_pixel() const { return network->output().positions() > 1; }

    /// Probabilities, output().size() an image.
    std::vector<float> ask(const fovea::dataset& set, std::size_t first, std::size_t last) const {
        const std::vector<float> input = examples::network_input(set, card.normalisation, first, last);
        std::vector<float> answers((last - first) * network->output().size());
        network->predict(input.data(), last - first, answers.data(), threads);
        return answers;
    }

    /// The likeliest class of each position of one answer.
    std::vector<std::uint8_t> classes(const float* answer) const {
        const std::size_t positions = network->output().positions();
        std::vector<std::uint8_t> result(positions);
        for (std::size_t i = 0; i < positions; ++i) {
            result[i] = static_cast<std::uint8_t>(examples::largest(answer + i, network->output().channels, positions));
        }
        return result;
    }

    std::string shape_text() const {
        const fovea::Shape s = network->input();
        return std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" + std::to_string(s.width);
    }
};

oracle load(const options& o) {
    const fovea::safetensors::file file = fovea::safetensors::read(o.model);
    oracle result{examples::model_card::from(file), nullptr, examples::resolved_threads(o.threads)};
    result.network = examples::make_model(result.card.network, result.card.data_set);
    result.network->load(file);
    const fovea::Shape in = result.network->input();
    if (result.card.class_names.size() != result.network->output().channels ||
        result.card.normalisation.mean.size() != in.channels) {
        throw fovea::FileError(o.model, "metadata",
                               std::to_string(result.network->output().channels) + " class names and normalisation of " +
                                   std::to_string(in.channels) + " channels",
                               std::to_string(result.card.class_names.size()) + " and " +
                                   std::to_string(result.card.normalisation.mean.size()));
    }
    return result;
}

void write(const std::string& path, const fovea::picture& sheet) {
    fovea::write_png(path, sheet);
    std::cout << "  picture              " << path << '\n';
}

int predict_images(const options& o, const oracle& network) {
    std::vector<examples::classified> classified;
    std::vector<examples::segmented> segmented;
    for (const std::string& path : o.images) {
        const fovea::dataset image =
            examples::image_for(fovea::read_picture(path), network.network->input(), o.invert, network.card.class_names);
        const std::vector<float> answer = network.ask(image, 0, 1);
        std::cout << path << '\n';
        if (network.per_pixel()) {
            const std::vector<std::uint8_t> labels = network.classes(answer.data());
            for (std::size_t c = 0; c < network.card.class_names.size(); ++c) {
                const auto pixels = std::count(labels.begin(), labels.end(), static_cast<std::uint8_t>(c));
                if (pixels != 0) {
                    std::cout << "  " << network.card.class_names[c] << ": " << pixels << " pixels\n";
                }
            }
            segmented.push_back({examples::picture_of(image, 0), {}, labels});
            continue;
        }
        std::vector<std::size_t> order(answer.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return examples::comes_before(answer[a], answer[b]); });
        for (std::size_t i = 0; i < std::min<std::size_t>(3, order.size()); ++i) {
            std::cout << "  " << network.card.class_names[order[i]] << "  "
                      << examples::percent(static_cast<double>(answer[order[i]]), 1) << '\n';
        }
        classified.push_back({examples::picture_of(image, 0), network.card.class_names[order[0]],
                              static_cast<double>(answer[order[0]]), std::nullopt});
    }
    if (!o.out.empty()) {
        const std::string title = network.card.network + " trained on " + network.card.trained_on;
        write(o.out, network.per_pixel() ? examples::segmentation_sheet(segmented, network.card.class_names, title)
                                         : examples::contact_sheet(classified, title));
    }
    return 0;
}

void require_fitting(const oracle& network, const std::string& name, const fovea::dataset& set) {
    const fovea::Shape in = network.network->input();
    if (set.channels() != in.channels || set.height() != in.height || set.width() != in.width ||
        set.class_count() != network.card.class_names.size() || set.is_per_pixel() != network.per_pixel()) {
        throw fovea::Error("data set '" + name + "': images of " + std::to_string(set.channels()) + "x" +
                           std::to_string(set.height()) + "x" + std::to_string(set.width()) + " and " +
                           std::to_string(set.class_count()) + " classes" + (set.is_per_pixel() ? " a pixel" : "") +
                           "; the network takes " + network.shape_text() + " and knows " +
                           std::to_string(network.card.class_names.size()) + " classes" +
                           (network.per_pixel() ? " a pixel" : "") + ", it was trained on " + network.card.trained_on);
    }
    if (set.class_names != network.card.class_names) {
        throw fovea::Error("data set '" + name + "': its classes (" + set.class_names[0] + ", " + set.class_names[1] +
                           ", ...) are not those that the network learned (" + network.card.class_names[0] + ", " +
                           network.card.class_names[1] + ", ...; trained on " + network.card.trained_on + ")");
    }
}

int predict_data_set(const options& o, const oracle& network) {
    const std::string name = o.data_set.empty() ? network.card.data_set : o.data_set;
    const fovea::dataset_split split = examples::load_data(name, o.data);
    const fovea::dataset& set = o.training_images ? split.train : split.test;
    require_fitting(network, name, set);

    examples::confusion table(network.card.class_names);
    std::vector<examples::classified> classified;
    std::vector<examples::segmented> segmented;
    const std::size_t labels_each = set.is_per_pixel() ? set.height() * set.width() : 1;
    const std::size_t answer_size = network.network->output().size();
    constexpr std::size_t chunk = 512;  // images in memory as floats at a time
    double seconds = 0;
    for (std::size_t first = 0; first < set.size(); first += chunk) {
        const std::size_t last = std::min(set.size(), first + chunk);
        const auto began = std::chrono::steady_clock::now();
        const std::vector<float> answers = network.ask(set, first, last);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        for (std::size_t i = first; i < last; ++i) {
            const float* answer = answers.data() + (i - first) * answer_size;
            const std::vector<std::uint8_t> predicted = network.classes(answer);
            const std::uint8_t* truth = set.labels.data() + i * labels_each;
            for (std::size_t p = 0; p < labels_each; ++p) {
                if (truth[p] != fovea::ignore_label) {
                    table.add(truth[p], predicted[p]);
                }
            }
            if (i >= o.count) {
                continue;
            }
            if (network.per_pixel()) {
                segmented.push_back({examples::picture_of(set, i), {truth, truth + labels_each}, predicted});
            } else {
                classified.push_back({examples::picture_of(set, i), network.card.class_names[predicted[0]],
                                      static_cast<double>(answer[predicted[0]]), network.card.class_names[*truth]});
            }
        }
    }

    const char* which = o.training_images ? " training images: " : " test images: ";
    std::string title = network.card.network + " on " + std::to_string(set.size()) + " " + name + which;
    if (network.per_pixel()) {
        const std::size_t background = network.card.class_names.size() - 1;
        title += "mean IoU " + fovea::detail::fixed_text(table.mean_iou(), 3);
        std::cout << title << "\n  pixel accuracy       " << examples::percent(table.accuracy())
                  << "\n  foreground accuracy  " << examples::percent(table.accuracy_without(background)) << '\n';
        table.print_classes(std::cout);
    } else {
        title += examples::percent(table.accuracy()) + " right";
        std::cout << title << '\n';
        table.print_matrix(std::cout);
    }
    std::cout << "  speed                " << fovea::detail::fixed_text(static_cast<double>(set.size()) / seconds, 0)
              << " images/s with " << examples::thread_text(network.threads) << '\n';
    if (!o.out.empty()) {
        write(o.out, network.per_pixel() ? examples::segmentation_sheet(segmented, network.card.class_names, title)
                                         : examples::contact_sheet(classified, title));
    }
    return 0;
}

int predict(const options& o) {
    const bool from_data_set = !o.data_set.empty() || !o.data.empty();
    if (from_data_set != o.images.empty()) {
        throw fovea::Error(from_data_set ? "give pictures or a data set, not both"
                                         : "nothing to look at: name pictures, or a data set with --data DIR or --dataset");
    }
    if (!o.out.empty()) {
        examples::require_writable(o.out, "--out");
    }
    const oracle network = load(o);
    return from_data_set ? predict_data_set(o, network) : predict_images(o, network);
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app("Runs a network saved by fovea_train or fovea_demo on pictures or on a data set.\n"
                 "Of a picture it takes the largest centred part of the input's proportions, scaled to the input's size.",
                 "fovea_predict");
    app.add_option("model", o.model, "the network, .safetensors")->required()->type_name("FILE");
    app.add_option("images", o.images, "pictures: PNG, PPM or PGM")->type_name("FILE ...");
    app.add_option("--data", o.data, "folder of a data set")->type_name("DIR");
    app.add_option("--dataset", o.data_set, "which one [the one that the network was trained on]")
        ->check(CLI::IsMember({"cifar10", "cifar100", "fashion", "m2nist"}));
    app.add_flag("--training-images", o.training_images, "those instead of the test images");
    app.add_option("--out", o.out, "picture of the answers")->type_name("PNG");
    app.add_option("--count", o.count, "images in the picture")->check(CLI::Range(1, 600))->capture_default_str();
    app.add_option("--threads", o.threads, "0: as many as processors may be used")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_flag("--invert", o.invert, "swap light and dark of pictures: fashion and m2nist are light on dark");
    return examples::run_program(app, argc, argv, [&] { return predict(o); });
}
