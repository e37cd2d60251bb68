// SPDX-License-Identifier: BSD-3-Clause
// Reading, cropping, normalising.
#include "data.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <unistd.h>

#include <fovea/io/cifar.hpp>
#include <fovea/io/idx.hpp>
#include <fovea/io/m2nist.hpp>

namespace examples {

namespace {

/// `directory` itself or its folder `folder`, whichever holds `file` (or file.gz).
std::string find_folder(std::string_view name, const std::string& directory, const std::string& folder,
                        const std::string& file) {
    for (const std::string& candidate : {directory, directory + "/" + folder}) {
        for (const char* ending : {"", ".gz"}) {
            std::error_code ignored;
            if (std::filesystem::exists(candidate + "/" + file + ending, ignored)) {
                return candidate;
            }
        }
    }
    throw fovea::Error("data set '" + std::string(name) + "': found neither " + directory + "/" + file + " nor " +
                       directory + "/" + folder + "/" + file + "; name the folder with --data DIR");
}

/// Images with `edge` black pixels on every side.
void pad_images(fovea::dataset& set, std::size_t edge) {
    const std::size_t h = set.height(), w = set.width();
    xt::xtensor<std::uint8_t, 4> padded({set.size(), set.channels(), h + 2 * edge, w + 2 * edge}, 0);
    for (std::size_t plane = 0; plane < set.size() * set.channels(); ++plane) {
        for (std::size_t y = 0; y < h; ++y) {
            std::copy_n(set.images.data() + (plane * h + y) * w, w,
                        padded.data() + (plane * (h + 2 * edge) + y + edge) * (w + 2 * edge) + edge);
        }
    }
    set.images = std::move(padded);
}

}  // namespace

fovea::dataset_split load_data(std::string_view name, const std::string& directory) {
    if (directory.empty() && name != "fashion") {
        throw fovea::Error("data set '" + std::string(name) + "': name its folder with --data DIR");
    }
    if (name == "cifar10") {
        return fovea::load_cifar10(find_folder(name, directory, "cifar-10-batches-bin", "data_batch_1.bin"));
    }
    if (name == "cifar100") {
        return fovea::load_cifar100(find_folder(name, directory, "cifar-100-binary", "train.bin"));
    }
    if (name == "fashion") {
        auto split = fovea::load_fashion(find_folder(name, directory.empty() ? fashion_package : directory,
                                                     "fashion-mnist", "train-images-idx3-ubyte"));
        pad_images(split.train, 2);
        pad_images(split.test, 2);
        return split;
    }
    if (name == "m2nist") {
        const fovea::dataset all = fovea::load_m2nist(find_folder(name, directory, "m2nist", "combined.npy"));
        const std::size_t training = all.size() - all.size() * 15 / 100;
        return {fovea::subset(all, 0, training), fovea::subset(all, training, all.size())};
    }
    throw fovea::Error("data set '" + std::string(name) + "': unknown; there are cifar10, cifar100, fashion, m2nist");
}

fovea::safetensors::metadata_map model_card::to_metadata() const {
    std::string names;
    for (const std::string& class_name : class_names) {
        names += (names.empty() ? "" : "\n") + class_name;
    }
    return {{"network", network},
            {"data_set", data_set},
            {"trained_on", trained_on},
            {"class_names", names},
            {"normalisation", fovea::to_string(normalisation)}};
}

model_card model_card::from(const fovea::safetensors::file& file) {
    const auto value = [&](const std::string& key) {
        const auto found = file.metadata().find(key);
        if (found == file.metadata().end()) {
            throw fovea::FileError(file.path(), "metadata '" + key + "'", "an entry", "none",
                                   "was this file written by fovea_train or fovea_demo?");
        }
        return found->second;
    };
    model_card card{value("network"), value("data_set"), value("trained_on"), {},
                    fovea::normalisation_from_string(value("normalisation"))};
    const std::string names = value("class_names");
    for (std::size_t at = 0; at <= names.size();) {
        const std::size_t end = std::min(names.find('\n', at), names.size());
        card.class_names.push_back(names.substr(at, end - at));
        at = end + 1;
    }
    return card;
}

std::vector<float> network_input(const fovea::dataset& set, const fovea::channel_normalisation& normalisation,
                                 std::size_t first, std::size_t last) {
    const std::size_t plane = set.height() * set.width();
    std::vector<float> result((last - first) * set.channels() * plane);
    const std::uint8_t* from = set.images.data() + first * set.channels() * plane;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t c = i / plane % set.channels();
        result[i] = (static_cast<float>(from[i]) / 255.0F - normalisation.mean[c]) / normalisation.deviation[c];
    }
    return result;
}

fovea::dataset image_for(const fovea::picture& from, const fovea::Shape& input, bool invert,
                         const std::vector<std::string>& class_names) {
    const auto height = static_cast<double>(from.shape()[0]);
    const auto width = static_cast<double>(from.shape()[1]);
    // Pixels of the picture a pixel of the input, the same along both axes.
    const double scale = std::min(height / static_cast<double>(input.height), width / static_cast<double>(input.width));
    const double top = (height - scale * static_cast<double>(input.height)) / 2;
    const double left = (width - scale * static_cast<double>(input.width)) / 2;

    // Mean of colour channel c over the rectangle [y0, y1) x [x0, x1), whose edges may cut pixels.
    const auto mean = [&](double y0, double y1, double x0, double x1, std::size_t c) {
        double sum = 0;
        double area = 0;
        const auto last_row = std::min(std::ceil(y1), height);
        const auto last_column = std::min(std::ceil(x1), width);
        for (double y = std::max(std::floor(y0), 0.0); y < last_row; ++y) {
            const double rows = std::min(y + 1, y1) - std::max(y, y0);
            for (double x = std::max(std::floor(x0), 0.0); x < last_column; ++x) {
                const double part = rows * (std::min(x + 1, x1) - std::max(x, x0));
                sum += part * from(static_cast<std::size_t>(y), static_cast<std::size_t>(x), c);
                area += part;
            }
        }
        return area > 0 ? sum / area : 0.0;
    };

    fovea::dataset image;
    image.class_names = class_names;
    image.images.resize({1, input.channels, input.height, input.width});
    image.labels.resize({1, 1, 1});
    image.labels.fill(0);
    for (std::size_t y = 0; y < input.height; ++y) {
        for (std::size_t x = 0; x < input.width; ++x) {
            double rgb[3];
            for (std::size_t c = 0; c < 3; ++c) {
                const double y0 = top + scale * static_cast<double>(y);
                const double x0 = left + scale * static_cast<double>(x);
                rgb[c] = mean(y0, y0 + scale, x0, x0 + scale, c);
                rgb[c] = invert ? 255.0 - rgb[c] : rgb[c];
            }
            const double grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
            for (std::size_t c = 0; c < input.channels; ++c) {
                const double value = input.channels == 3 ? rgb[c] : grey;
                image.images(0, c, y, x) = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
            }
        }
    }
    return image;
}

void require_writable(const std::string& path, std::string_view option) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const std::string name = folder.empty() ? "." : folder.string();
    std::error_code ignored;
    if (path.empty() || !std::filesystem::is_directory(name, ignored) || ::access(name.c_str(), W_OK) != 0) {
        throw fovea::Error(std::string(option) + " '" + path + "': the folder '" + name +
                           "' does not exist or cannot be written to");
    }
    if (std::filesystem::is_directory(path, ignored)) {
        throw fovea::Error(std::string(option) + " '" + path + "': is a folder, name a file");
    }
}

}  // namespace examples
