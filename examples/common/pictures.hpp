// SPDX-License-Identifier: BSD-3-Clause
// How are answers shown? A sheet of classified images, and images beside their maps of classes with a legend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "draw.hpp"

namespace examples {

/// A classified image.
struct classified {
    fovea::picture image;
    std::string predicted;
    double probability = 0;
    std::optional<std::string> truth;  ///< none: not known
};

/// Images with the predicted class, a bar for its probability and, where the truth is known, a green frame with a tick
/// or a red one with a cross and the true class.
fovea::picture contact_sheet(const std::vector<classified>& items, const std::string& title);

/// A segmented image; maps of height x width classes.
struct segmented {
    fovea::picture image;
    std::vector<std::uint8_t> truth;  ///< empty: not known
    std::vector<std::uint8_t> predicted;
};

/// Blocks of image | truth | prediction, `across` of them in a row, and a legend of the classes' colours.
fovea::picture segmentation_sheet(const std::vector<segmented>& items, const std::vector<std::string>& class_names,
                                  const std::string& title, std::size_t across = 2, std::size_t zoom = 3);

}  // namespace examples
