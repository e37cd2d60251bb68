// SPDX-License-Identifier: BSD-3-Clause
// Writes data sets of a few images into a folder, in the formats of CIFAR-10 and M2NIST, and a picture:
//     fovea_make_tiny_data FOLDER
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fovea/io/atomic_file.hpp>
#include <fovea/io/image.hpp>
#include <fovea/io/npy.hpp>

#include "../../examples/common/draw.hpp"

namespace {

/// Records of a label and 3 x 32 x 32 bytes: a class is a shade of red, blue falls from left to right.
void write_cifar(const std::string& path, std::size_t images) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t n = 0; n < images; ++n) {
        const std::size_t label = n % 10;
        bytes.push_back(static_cast<std::uint8_t>(label));
        for (std::size_t i = 0; i < 3 * 32 * 32; ++i) {
            const std::size_t noise = (i * 2654435761U + n * 40503U) >> 7U & 15U;
            const std::size_t value = i < 1024 ? 10 + 23 * label : i < 2048 ? 128 : 255 - 7 * (i % 32);
            bytes.push_back(static_cast<std::uint8_t>(value + noise > 255 ? 255 : value + noise));
        }
    }
    fovea::write_atomically(path, [&](auto& out) { out.write(std::as_bytes(std::span(bytes))); });
}

/// Squares of 12 x 12 whose brightness tells their class.
void write_m2nist(const std::string& folder, std::size_t images) {
    auto grey = xt::xtensor<std::uint8_t, 3>::from_shape({images, 64, 84});
    auto labels = xt::xtensor<std::uint8_t, 3>::from_shape({images, 64, 84});
    grey.fill(0);
    labels.fill(10);
    for (std::size_t n = 0; n < images; ++n) {
        const std::size_t top = n * 7 % 50;
        const std::size_t left = n * 11 % 70;
        for (std::size_t y = top; y < top + 12; ++y) {
            for (std::size_t x = left; x < left + 12; ++x) {
                grey(n, y, x) = static_cast<std::uint8_t>(50 + 20 * (n % 10));
                labels(n, y, x) = static_cast<std::uint8_t>(n % 10);
            }
        }
    }
    fovea::npy::save(folder + "/combined.npy", grey);
    fovea::npy::save(folder + "/segmented.npy", labels);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: fovea_make_tiny_data FOLDER\n";
        return 2;
    }
    const std::string folder = argv[1];
    const std::string cifar = folder + "/cifar-10-batches-bin";
    std::filesystem::create_directories(cifar);
    std::filesystem::create_directories(folder + "/m2nist");
    for (int batch = 1; batch <= 5; ++batch) {
        write_cifar(cifar + "/data_batch_" + std::to_string(batch) + ".bin", 20);
    }
    write_cifar(cifar + "/test_batch.bin", 30);
    fovea::write_atomically(cifar + "/batches.meta.txt", [](auto& out) {
        out.write("airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n");
    });
    write_m2nist(folder + "/m2nist", 40);
    fovea::picture picture = fovea::make_picture(50, 40, {200, 30, 60});
    examples::fill_rectangle(picture, 10, 10, 20, 20, fovea::white);
    fovea::write_png(folder + "/picture.png", picture);
}
