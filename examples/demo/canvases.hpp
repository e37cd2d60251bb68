// SPDX-License-Identifier: BSD-3-Clause
// What does the demo look at? Canvases of 64 x 84 with one to three small things and a class for every pixel.
#pragma once

#include <cstddef>
#include <cstdint>

#include <fovea/io/dataset.hpp>

namespace demo {

/// Pixels of a thing that are darker than this belong to the background (Fashion-MNIST has faint specks around things).
inline constexpr std::uint8_t threshold = 24;

/// `count` canvases, each with one to three items out of `items` (grey images no larger than a canvas, a class each) at
/// random places, whose rectangles do not touch. A pixel's label is the item's class where it is brighter than
/// `threshold`, and the class behind the items' classes, "background", elsewhere. The same seed gives the same canvases
/// everywhere.
fovea::dataset make_canvases(const fovea::dataset& items, std::size_t count, std::uint64_t seed);

/// `count` drawings of 28 x 28 of ten shapes, for machines without Fashion-MNIST: size, angle, place, line and
/// brightness vary, and there is noise.
fovea::dataset draw_shapes(std::size_t count, std::uint64_t seed);

}  // namespace demo
