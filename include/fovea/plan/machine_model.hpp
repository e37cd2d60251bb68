// SPDX-License-Identifier: BSD-3-Clause
// What do plans and kernels know of the machine? Its vectors and the sizes of its caches.
#pragma once

#include <cstddef>

namespace fovea {

/// Lanes and registers follow from the instruction set of a translation unit; caches differ between processors that run
/// the same code. The sizes here are those that speeds were measured with: kernels take shares of them, so that a
/// machine with other caches needs another model and no other kernel.
struct machine_model {
    std::ptrdiff_t lanes = 4;         ///< floats in a vector
    std::ptrdiff_t registers = 16;    ///< vectors
    std::ptrdiff_t l1 = 32 * 1024;    ///< bytes of a core's first-level cache for data
    std::ptrdiff_t l2 = 2048 * 1024;  ///< and of its second-level cache
    constexpr bool operator==(const machine_model&) const = default;
};

}  // namespace fovea
