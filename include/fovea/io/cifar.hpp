// SPDX-License-Identifier: BSD-3-Clause
// How are CIFAR-10 and CIFAR-100 read? The "binary version" of www.cs.toronto.edu/~kriz/cifar.html: records of one or
// two label bytes and 3 x 32 x 32 bytes of pixels, planes red, green, blue, each row-major.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/dataset.hpp>

namespace fovea {

/// Which of CIFAR-100's two labels: 100 fine classes or their 20 superclasses.
enum class cifar100_labels { fine, coarse };

namespace detail {

inline constexpr std::size_t cifar_pixels = 3 * 32 * 32;

/// Reads whole records of `label_bytes` labels (of which number `chosen` is kept) and an image.
inline dataset load_cifar(const std::vector<std::string>& paths, std::size_t label_bytes, std::size_t chosen,
                          std::vector<std::string> class_names) {
    const std::size_t record = label_bytes + cifar_pixels;
    std::vector<input_file> files;
    std::size_t count = 0;
    for (const std::string& path : paths) {
        const input_file& in = files.emplace_back(path);
        if (in.size() == 0 || in.size() % record != 0) {
            throw FileError(path, "file size", "whole records of " + std::to_string(record) + " bytes",
                            std::to_string(in.size()) + " bytes",
                            in.size() == 0 ? "the file is empty" : "the file is truncated or of another data set");
        }
        count += in.size() / record;
    }
    dataset set;
    set.class_names = std::move(class_names);
    set.images = byte_images(count, 3, 32, 32);
    set.labels.resize({count, 1, 1});
    std::uint8_t* pixels = set.images.data();
    std::uint8_t* label = set.labels.data();
    for (input_file& in : files) {
        const std::uint8_t* const first = label;
        std::vector<std::byte> bytes(in.size());
        in.read(bytes, "records");
        const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
        for (std::size_t at = 0; at < bytes.size(); at += record) {
            *label++ = from[at + chosen];
            pixels = std::copy_n(from + at + label_bytes, cifar_pixels, pixels);
        }
        check_labels(in.path(), first, static_cast<std::size_t>(label - first), 1, set.class_count());
    }
    return set;
}

/// One name a line, as in batches.meta.txt; blank lines at the end do not count.
inline std::vector<std::string> load_class_names(const std::string& path, std::size_t expected) {
    const std::vector<std::byte> bytes = read_file(path, 1u << 20);
    std::vector<std::string> names(1);
    for (const std::byte byte : bytes) {
        const char c = static_cast<char>(byte);
        if (c == '\n') {
            names.emplace_back();
        } else if (c != '\r') {
            names.back() += c;
        }
    }
    while (!names.empty() && names.back().empty()) {
        names.pop_back();
    }
    if (names.size() != expected) {
        throw FileError(path, "lines", std::to_string(expected) + " class names", std::to_string(names.size()));
    }
    return names;
}

}  // namespace detail

/// CIFAR-10 from a directory with data_batch_1.bin ... data_batch_5.bin (50,000 images of 3 x 32 x 32), test_batch.bin
/// (10,000) and batches.meta.txt.
inline dataset_split load_cifar10(const std::string& directory) {
    const auto names = detail::load_class_names(directory + "/batches.meta.txt", 10);
    std::vector<std::string> train;
    for (const char number : {'1', '2', '3', '4', '5'}) {
        train.push_back(directory + "/data_batch_" + number + ".bin");
    }
    return {detail::load_cifar(train, 1, 0, names), detail::load_cifar({directory + "/test_batch.bin"}, 1, 0, names)};
}

/// CIFAR-100 from a directory with train.bin (50,000 images), test.bin (10,000) and
/// fine_label_names.txt or coarse_label_names.txt.
inline dataset_split load_cifar100(const std::string& directory, cifar100_labels labels = cifar100_labels::fine) {
    const bool fine = labels == cifar100_labels::fine;  // each record: coarse label, fine label, pixels
    const auto names =
        detail::load_class_names(directory + (fine ? "/fine_label_names.txt" : "/coarse_label_names.txt"),
                                 fine ? 100 : 20);
    return {detail::load_cifar({directory + "/train.bin"}, 2, fine ? 1 : 0, names),
            detail::load_cifar({directory + "/test.bin"}, 2, fine ? 1 : 0, names)};
}

}  // namespace fovea
