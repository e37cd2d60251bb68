// SPDX-License-Identifier: BSD-3-Clause
// What is a labelled set of images? One struct for both tasks: a class for every image, or a class for every pixel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>

namespace fovea {

/// The label of a pixel that is not counted: it adds nothing to loss, accuracy or gradient (PyTorch: ignore_index).
inline constexpr std::uint8_t ignore_label = 255;

/// Images with labels, as they lie on the disk: bytes, unscaled.
struct dataset {
    xt::xtensor<std::uint8_t, 4> images;   ///< (N, C, H, W), 0..255
    xt::xtensor<std::uint8_t, 3> labels;   ///< (N, 1, 1): a class an image; (N, H, W): a class a pixel
    std::vector<std::string> class_names;  ///< class_names[label]

    std::size_t size() const { return images.shape()[0]; }
    std::size_t channels() const { return images.shape()[1]; }
    std::size_t height() const { return images.shape()[2]; }
    std::size_t width() const { return images.shape()[3]; }
    std::size_t class_count() const { return class_names.size(); }
    /// Labels have the images' height and width.
    bool is_per_pixel() const { return labels.shape()[1] * labels.shape()[2] != 1; }
};

/// A data set with its customary division.
struct dataset_split {
    dataset train;
    dataset test;
};

/// Images first ... last - 1, as a data set of their own (a validation set, a quick run). The ends are clamped.
inline dataset subset(const dataset& source, std::size_t first, std::size_t last) {
    last = std::min(last, source.size());
    first = std::min(first, last);
    dataset part;
    part.class_names = source.class_names;
    auto image_shape = source.images.shape();
    auto label_shape = source.labels.shape();
    image_shape[0] = label_shape[0] = last - first;
    part.images.resize(image_shape);
    part.labels.resize(label_shape);
    const std::size_t pixels = source.channels() * source.height() * source.width();
    const std::size_t labels = label_shape[1] * label_shape[2];
    std::copy_n(source.images.data() + first * pixels, (last - first) * pixels, part.images.data());
    std::copy_n(source.labels.data() + first * labels, (last - first) * labels, part.labels.data());
    return part;
}

namespace detail {

/// Refuses a label that names no class, but for ignore_label among several of an image. `count` labels belong to images
/// of `per_image` labels each.
inline void check_labels(const std::string& path, const std::uint8_t* labels, std::size_t count, std::size_t per_image,
                         std::size_t classes) {
    for (std::size_t i = 0; i < count; ++i) {
        if (labels[i] >= classes && !(per_image != 1 && labels[i] == ignore_label)) {
            std::string field = "label of image " + std::to_string(i / per_image);
            std::string expected = "0 to " + std::to_string(classes - 1);
            if (per_image != 1) {
                field += ", pixel " + std::to_string(i % per_image);
                expected += ", or " + std::to_string(ignore_label) + " to ignore it";
            }
            throw FileError(path, field, expected, std::to_string(labels[i]));
        }
    }
}

/// Bytes of a file are images: xtensor's shape from the four extents.
inline xt::xtensor<std::uint8_t, 4> byte_images(std::size_t n, std::size_t c, std::size_t h, std::size_t w) {
    return xt::xtensor<std::uint8_t, 4>::from_shape({n, c, h, w});
}

}  // namespace detail

}  // namespace fovea
