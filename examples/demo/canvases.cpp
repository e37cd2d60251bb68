// SPDX-License-Identifier: BSD-3-Clause
// Items are cut out along their rectangles and put down one after the other.
#include "canvases.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace demo {

namespace {

constexpr std::size_t canvas_height = 64;
constexpr std::size_t canvas_width = 84;

struct box {
    std::size_t top;
    std::size_t left;
    std::size_t height;
    std::size_t width;

    /// Overlap, or less than a pixel between.
    bool touches(const box& o) const {
        return top <= o.top + o.height && o.top <= top + height && left <= o.left + o.width && o.left <= left + width;
    }
};

/// The rectangle of the pixels above the threshold; of height 0 if there are none.
box bounds_of(const fovea::dataset& items, std::size_t item) {
    std::size_t top = items.height();
    std::size_t bottom = 0;
    std::size_t left = items.width();
    std::size_t right = 0;
    for (std::size_t y = 0; y < items.height(); ++y) {
        for (std::size_t x = 0; x < items.width(); ++x) {
            if (items.images(item, 0, y, x) > threshold) {
                top = std::min(top, y);
                bottom = std::max(bottom, y + 1);
                left = std::min(left, x);
                right = std::max(right, x + 1);
            }
        }
    }
    return bottom == 0 ? box{0, 0, 0, 0} : box{top, left, bottom - top, right - left};
}

}  // namespace

fovea::dataset make_canvases(const fovea::dataset& items, std::size_t count, std::uint64_t seed) {
    const auto background = static_cast<std::uint8_t>(items.class_count());
    fovea::dataset canvases;
    canvases.class_names = items.class_names;
    canvases.class_names.emplace_back("background");
    canvases.images.resize({count, 1, canvas_height, canvas_width});
    canvases.images.fill(0);
    canvases.labels.resize({count, canvas_height, canvas_width});
    canvases.labels.fill(background);

    // The engine's numbers are the same everywhere, those of std::uniform_int_distribution are not.
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    std::vector<box> placed;
    for (std::size_t n = 0; n < count; ++n) {
        placed.clear();
        for (std::size_t left_to_place = 1 + below(3); left_to_place > 0; --left_to_place) {
            const std::size_t item = below(items.size());
            const box cut = bounds_of(items, item);
            if (cut.height == 0) {
                continue;
            }
            for (int attempt = 0; attempt < 50; ++attempt) {
                const box place{below(canvas_height - cut.height + 1), below(canvas_width - cut.width + 1), cut.height,
                                cut.width};
                if (std::any_of(placed.begin(), placed.end(), [&](const box& b) { return b.touches(place); })) {
                    continue;
                }
                for (std::size_t y = 0; y < cut.height; ++y) {
                    for (std::size_t x = 0; x < cut.width; ++x) {
                        const std::uint8_t value = items.images(item, 0, cut.top + y, cut.left + x);
                        canvases.images(n, 0, place.top + y, place.left + x) = value;
                        if (value > threshold) {
                            canvases.labels(n, place.top + y, place.left + x) = items.labels(item, 0, 0);
                        }
                    }
                }
                placed.push_back(place);
                break;
            }
        }
    }
    return canvases;
}

}  // namespace demo
