// SPDX-License-Identifier: BSD-3-Clause
// Which part of an image? What callbacks of Tiled are asked for, and what mapped files read and write.
#pragma once

#include <cstddef>

namespace fovea {

/// A rectangle of an image.
struct image_area {
    std::size_t row = 0;
    std::size_t rows = 0;
    std::size_t column = 0;
    std::size_t columns = 0;
    constexpr bool operator==(const image_area&) const = default;
};

}  // namespace fovea
