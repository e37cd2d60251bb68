// SPDX-License-Identifier: BSD-3-Clause
// Ten shapes, each a function that says whether a point belongs to it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include "canvases.hpp"

namespace demo {

namespace {

/// Is (x, y) inside? The shape fills about [-1, 1] x [-1, 1]; `line` is the width of lines, 0.3 to 0.5.
using shape = bool (*)(double x, double y, double line);

bool in_triangle(double x, double y, double) { return y < 0.8 && y > -0.9 + 1.9 * std::abs(x); }

struct named_shape {
    const char* name;
    shape inside;
};

constexpr std::array<named_shape, 10> shapes{{
    {"disc", [](double x, double y, double) { return x * x + y * y < 0.9; }},
    {"ring", [](double x, double y, double line) {
         const double r = std::hypot(x, y);
         return r < 1.0 && r > 1.0 - line;
     }},
    {"square", [](double x, double y, double) { return std::max(std::abs(x), std::abs(y)) < 0.85; }},
    {"frame", [](double x, double y, double line) {
         const double r = std::max(std::abs(x), std::abs(y));
         return r < 0.9 && r > 0.9 - line;
     }},
    {"triangle", &in_triangle},
    {"diamond", [](double x, double y, double) { return std::abs(x) + std::abs(y) < 1.05; }},
    {"plus", [](double x, double y, double line) {
         return std::max(std::abs(x), std::abs(y)) < 1.0 && std::min(std::abs(x), std::abs(y)) < line / 2;
     }},
    {"cross", [](double x, double y, double line) {
         return std::max(std::abs(x), std::abs(y)) < 0.95 && std::abs(std::abs(x) - std::abs(y)) < line * 0.7;
     }},
    {"bars", [](double x, double y, double) {
         return std::abs(x) < 0.95 && std::abs(y) < 0.95 && std::fmod(y + 0.95, 0.76) < 0.38;
     }},
    {"moon", [](double x, double y, double) { return x * x + y * y < 1.0 && std::hypot(x - 0.55, y) > 0.8; }},
}};

}  // namespace

fovea::dataset draw_shapes(std::size_t count, std::uint64_t seed) {
    constexpr std::size_t side = 28;
    constexpr int samples = 3;  // along each axis of a pixel, against jagged edges
    fovea::dataset drawings;
    for (const named_shape& s : shapes) {
        drawings.class_names.emplace_back(s.name);
    }
    drawings.images.resize({count, 1, side, side});
    drawings.labels.resize({count, 1, 1});
    std::mt19937_64 random(seed);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1.0p-53;
    };
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t kind = n % shapes.size();
        const double radius = uniform(8.0, 12.0);
        const double angle = uniform(-0.25, 0.25);  // radians; more would make a square a diamond
        const double line = uniform(0.3, 0.5);
        const double brightness = uniform(120.0, 250.0);
        const double centre_x = side / 2.0 + uniform(-1.0, 1.0);
        const double centre_y = side / 2.0 + uniform(-1.0, 1.0);
        for (std::size_t y = 0; y < side; ++y) {
            for (std::size_t x = 0; x < side; ++x) {
                int hits = 0;
                for (int i = 0; i < samples * samples; ++i) {
                    const double dx = (static_cast<double>(x) + (i % samples + 0.5) / samples - centre_x) / radius;
                    const double dy = (static_cast<double>(y) + (i / samples + 0.5) / samples - centre_y) / radius;
                    hits += shapes[kind].inside(std::cos(angle) * dx + std::sin(angle) * dy,
                                                std::cos(angle) * dy - std::sin(angle) * dx, line)
                                ? 1
                                : 0;
                }
                const double share = hits / static_cast<double>(samples * samples);
                const double value = share * (brightness + uniform(-25.0, 25.0));
                drawings.images(n, 0, y, x) = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
            }
        }
        drawings.labels(n, 0, 0) = static_cast<std::uint8_t>(kind);
    }
    return drawings;
}

}  // namespace demo
