// SPDX-License-Identifier: BSD-3-Clause
// How is M2NIST read? Grey images of 64 x 84 with up to three MNIST digits each and a class for every pixel: the digit,
// or 10 where there is none. Published as combined.npy (images) and segmented.npy (one mask a class).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/io/npy.hpp>

namespace fovea {

/// The class of the pixels that belong to no digit.
inline constexpr std::uint8_t m2nist_background = 10;

namespace detail {

inline constexpr std::size_t m2nist_height = 64;
inline constexpr std::size_t m2nist_width = 84;
inline constexpr std::size_t m2nist_classes = 11;

/// Turns masks (N, 64, 84, 11) of any number type into labels, an image at a time: the file may be 2.4 GB of doubles.
template <class T>
void labels_from_masks(npy::reader& in, std::uint8_t* labels, std::size_t count) {
    constexpr std::size_t pixels = m2nist_height * m2nist_width;
    const auto masks = std::make_unique_for_overwrite<T[]>(pixels * m2nist_classes);
    for (std::size_t image = 0; image < count; ++image) {
        in.read(masks.get(), pixels * m2nist_classes);
        for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
            const T* mask = masks.get() + pixel * m2nist_classes;
            std::size_t set = 0;
            for (std::size_t label = 0; label < m2nist_classes; ++label) {
                if (mask[label] != T{0}) {
                    *labels = static_cast<std::uint8_t>(label);
                    ++set;
                }
            }
            if (set != 1) {
                throw FileError(in.path(),
                                "image " + std::to_string(image) + ", row " + std::to_string(pixel / m2nist_width) +
                                    ", column " + std::to_string(pixel % m2nist_width),
                                "one of 11 masks set", std::to_string(set));
            }
            ++labels;
        }
    }
}

template <class... Ts>
bool dispatch_masks(npy::reader& in, std::uint8_t* labels, std::size_t count) {
    return ((in.header().dtype == npy::dtype_of<Ts>() && (labels_from_masks<Ts>(in, labels, count), true)) || ...);
}

}  // namespace detail

/// M2NIST from a directory with combined.npy, uint8 (N, 64, 84), and segmented.npy: masks (N, 64, 84, 11) of any number
/// type as published, or a label map, uint8 (N, 64, 84), in which pixels may have ignore_label. There is no
/// customary division: see `subset`.
inline dataset load_m2nist(const std::string& directory) {
    const std::string image_path = directory + "/combined.npy";
    const std::string label_path = directory + "/segmented.npy";
    using detail::m2nist_height, detail::m2nist_width, detail::m2nist_classes;
    const auto open = [](const std::string& path) {
        npy::reader in(path);
        if (in.header().fortran_order) {
            throw FileError(path, "fortran_order", "False", "True", "save numpy.ascontiguousarray(...)");
        }
        return in;
    };

    npy::reader images = open(image_path);
    images.demand_dtype<std::uint8_t>();
    const std::size_t count = images.header().shape.empty() ? 0 : images.header().shape[0];
    const std::vector<std::size_t> map_shape{count, m2nist_height, m2nist_width};
    if (count == 0 || images.header().shape != map_shape) {
        throw FileError(image_path, "shape", "[N, 64, 84]", detail::shape_text(images.header().shape));
    }
    dataset set;
    set.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "background"};
    set.images = detail::byte_images(count, 1, m2nist_height, m2nist_width);
    images.read(set.images.data(), set.images.size());

    npy::reader labels = open(label_path);
    set.labels.resize({count, m2nist_height, m2nist_width});
    std::vector<std::size_t> mask_shape = map_shape;
    mask_shape.push_back(m2nist_classes);
    if (labels.header().shape == map_shape) {
        labels.demand_dtype<std::uint8_t>();
        labels.read(set.labels.data(), set.labels.size());
    } else if (labels.header().shape == mask_shape) {
        detail::dispatch_masks<bool, std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                               std::int32_t, std::uint64_t, std::int64_t, float, double>(labels, set.labels.data(),
                                                                                         count);
    } else {
        const std::string first = "[" + std::to_string(count);
        throw FileError(label_path, "shape", first + ", 64, 84] or " + first + ", 64, 84, 11]",
                        detail::shape_text(labels.header().shape));
    }
    detail::check_labels(label_path, set.labels.data(), set.labels.size(), m2nist_height * m2nist_width,
                         m2nist_classes);
    return set;
}

}  // namespace fovea
