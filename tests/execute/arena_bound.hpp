// SPDX-License-Identifier: BSD-3-Clause
// How small could an arena be at best?
#pragma once

#include <fovea/plan/arena.hpp>

namespace fovea::test {

/// The largest sum of maps that are alive at once: no arena can be smaller.
template <std::size_t N>
constexpr std::ptrdiff_t arena_lower_bound(const std::array<map_life, N>& lives, std::size_t count) {
    std::ptrdiff_t most = 0;
    for (std::size_t m = 0; m < count; ++m) {
        std::ptrdiff_t alive = 0;  // when map m is written
        for (std::size_t k = 0; k < count; ++k) {
            alive += lives[k].first <= lives[m].first && lives[m].first <= lives[k].last ? lives[k].size : 0;
        }
        most = alive > most ? alive : most;
    }
    return most;
}

}  // namespace fovea::test
