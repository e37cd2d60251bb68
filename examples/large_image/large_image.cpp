// SPDX-License-Identifier: BSD-3-Clause
// How is an image segmented that does not fit into memory? The network Segment on a picture of any size: an .npy file
// of bytes in, an .npy file of class numbers out, both mapped. Ctrl-C leaves no half file behind.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <vector>

#include <sys/resource.h>

#include <fovea/detail/random.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/npy_mapped.hpp>

#include "command_line.hpp"
#include "seed_networks.hpp"

namespace {

using namespace fovea;
using byte = std::uint8_t;
using Net = seed::Segment;
using tiled_type = Tiled<Net, threads<2>, memory_limit<200'000'000>>;

volatile std::sig_atomic_t interrupted = 0;

/// Rings of all sizes on noise, row by row: there is no picture of this size at hand.
void make_picture(const std::string& path, std::size_t height, std::size_t width) {
    npy::mapped_result<byte> picture(path, 1, height, width);
    std::vector<byte> row(width);
    std::uint32_t noise = 1;
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            const std::size_t cell = 16u << ((y / 512 + x / 512) % 4);
            const auto v = static_cast<long>(y % cell) - static_cast<long>(cell / 2);
            const auto u = static_cast<long>(x % cell) - static_cast<long>(cell / 2);
            const long r = 16 * (u * u + v * v), limit = static_cast<long>(cell * cell);
            noise = noise * 1'664'525u + 1'013'904'223u;
            row[x] = static_cast<byte>((r > limit && r < 3 * limit ? 190 : 30) + (noise >> 27));
        }
        picture({y, 1, 0, width}, row.data());
    }
    picture.finish();
}

Weights<Net> untrained() {
    Weights<Net> weights;
    detail::random_stream random(1);
    for (const tensor_info& t : tensors<Net>) {
        if (t.rank > 1) {
            const double spread = std::sqrt(6.0 / static_cast<double>(t.size() / t.extents[0]));
            for (float& v : weights[t]) {
                v = static_cast<float>(random.symmetric(spread));
            }
        }
    }
    return weights;
}

int segment(const std::string& from, const std::string& to, const Weights<Net>& weights) {
    const npy::mapped_image<byte> picture(from);
    if (picture.channels() != input_shape<Net>.channels) {
        throw FileError(from, "shape", "one channel", std::to_string(picture.channels()) + " channels");
    }
    npy::mapped_result<byte> classes(to, 1, picture.height(), picture.width());
    tiled_type tiled(weights);
    std::vector<byte> bytes(tiled.strip_rows * tiled.strip_width);
    const auto read = [&](const image_area& a, float* values) {
        picture(a, bytes.data());
        std::transform(bytes.data(), bytes.data() + a.rows * a.columns, values,
                       [](byte b) { return static_cast<float>(b) / 255; });
    };
    const auto write = [&](const image_area& a, const float* values) {
        const std::size_t n = a.rows * a.columns;
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t best = 0;
            for (std::size_t c = 1; c < tiled.output_channels<>; ++c) {
                best = values[c * n + i] > values[best * n + i] ? c : best;
            }
            bytes[i] = static_cast<byte>(best);
        }
        classes(a, bytes.data());
    };
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    double shown = 0;
    const bool done = tiled.run(picture.height(), picture.width(), read, write, [&](const tiled_progress& p) {
        if (seconds() > shown + 1) {
            shown = seconds();
            std::cerr << "\r" << static_cast<int>(1000 * p.fraction()) / 10.0 << " %, "
                      << static_cast<int>(shown / p.fraction() - shown) << " s left   " << std::flush;
        }
        return interrupted == 0;
    });
    std::cerr << '\n';
    if (!done) {
        std::cerr << "stopped; " << to << " is as it was\n";
        return 128 + SIGINT;
    }
    classes.finish();
    const double pixels = static_cast<double>(picture.height()) * static_cast<double>(picture.width());
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "%zu x %zu pixels in %.1f s: %.2f million a second; memory of Tiled %.0f MB, of the process %.0f MB at most\n",
        picture.height(), picture.width(), seconds(), pixels / seconds() * 1e-6,
        static_cast<double>(tiled.memory_use()) / 1e6, static_cast<double>(usage.ru_maxrss) * 1.024e-3);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Segments a picture of any size, in 200 MB of memory", "fovea_large_image");
    std::size_t size = 0;
    std::string picture = "picture.npy", classes = "classes.npy", weights;
    app.add_option("--picture", picture, "H x W bytes in an .npy file")->capture_default_str();
    app.add_option("--classes", classes, "where the class of every pixel is written")->capture_default_str();
    app.add_option("--size", size, "make a picture of that many rows and columns first")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--weights", weights, "a .safetensors file; without one the weights are random");
    return examples::run_program(app, argc, argv, [&] {
        std::signal(SIGINT, [](int) { interrupted = 1; });
        const Weights<Net> w = weights.empty() ? untrained() : load<Net>(weights);
        if (size > 0) {
            make_picture(picture, size, size);
        }
        return segment(picture, classes, w);
    });
}
