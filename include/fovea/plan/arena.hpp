// SPDX-License-Identifier: BSD-3-Clause
// Where does each map lie in one block of memory? Maps that are alive at the same time must not overlap, others may.
#pragma once

#include <array>
#include <cstddef>

namespace fovea {

/// A map that is written by step `first` and read by step `last` at the latest.
struct map_life {
    std::size_t first = 0;
    std::size_t last = 0;
    std::ptrdiff_t size = 0;  ///< elements; 0: needs no place

    constexpr bool meets(const map_life& other) const {
        return size > 0 && other.size > 0 && first <= other.last && other.first <= last;
    }
};

template <std::size_t N>
struct arena_plan {
    std::array<std::ptrdiff_t, N> offsets{};
    std::ptrdiff_t size = 0;
};

namespace detail {

/// Every pair is looked at: clang allows 1,048,576 operations in one constant.
inline constexpr std::size_t most_maps_by_size = 250;

/// Places maps one by one in the given order, each into the smallest gap that is free for its whole life and holds it. In
/// the order of their writing those that died before are forgotten, which makes it linear.
template <std::size_t N>
constexpr arena_plan<N> place_in_order(const std::array<map_life, N>& lives, const std::array<std::size_t, N>& order,
                                       std::size_t count, bool by_first) {
    arena_plan<N> plan;
    std::array<std::size_t, N> placed{};  // by offset
    std::size_t kept = 0;
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t m = order[n];
        if (by_first) {
            std::size_t alive = 0;
            for (std::size_t k = 0; k < kept; ++k) {
                if (lives[placed[k]].last >= lives[m].first) {
                    placed[alive++] = placed[k];
                }
            }
            kept = alive;
        }
        std::ptrdiff_t end = 0, at = -1, smallest = 0;
        for (std::size_t k = 0; k < kept; ++k) {
            const std::size_t other = placed[k];
            if (lives[m].meets(lives[other])) {
                const std::ptrdiff_t gap = plan.offsets[other] - end;
                if (gap >= lives[m].size && (at < 0 || gap < smallest)) {
                    at = end;
                    smallest = gap;
                }
                const std::ptrdiff_t behind = plan.offsets[other] + lives[other].size;
                end = behind > end ? behind : end;
            }
        }
        at = at < 0 ? end : at;
        plan.offsets[m] = at;
        plan.size = at + lives[m].size > plan.size ? at + lives[m].size : plan.size;
        std::size_t k = kept++;
        for (; k > 0 && plan.offsets[placed[k - 1]] > at; --k) {
            placed[k] = placed[k - 1];
        }
        placed[k] = m;
    }
    return plan;
}

/// Every other map from the start, the others from the end: the best for a chain, where two neighbours live at once. Empty
/// if two maps of one end meet.
template <std::size_t N>
constexpr arena_plan<N> place_at_two_ends(const std::array<map_life, N>& lives, const std::array<std::size_t, N>& order,
                                          std::size_t count) {
    arena_plan<N> plan;
    for (std::size_t n = 0; n < count; ++n) {
        const map_life& life = lives[order[n]];
        if (n > 1 && life.first <= lives[order[n - 2]].last) {
            return {};
        }
        const std::ptrdiff_t both = life.size + (n > 0 ? lives[order[n - 1]].size : 0);
        plan.size = both > plan.size ? both : plan.size;
    }
    for (std::size_t n = 1; n < count; n += 2) {
        plan.offsets[order[n]] = plan.size - lives[order[n]].size;
    }
    return plan;
}

}  // namespace detail

/// Places the first `count` maps; tries the two ends (chains), then largest first and the order of their writing, and keeps
/// what is smallest. Finding the best is NP-hard; largest first is within a few percent on networks (Pisarchyk and Lee
/// 2020, "Efficient memory management for deep neural net inference").
template <std::size_t N>
constexpr arena_plan<N> place_maps(const std::array<map_life, N>& lives, std::size_t count) {
    std::array<std::size_t, N> order{};
    std::size_t placed = 0;
    for (std::size_t m = 0; m < count; ++m) {
        if (lives[m].size == 0) {
            continue;  // they would count as alive: a chain of 400 layers has 399 of them
        }
        std::size_t k = placed++;
        for (; k > 0 && lives[order[k - 1]].first > lives[m].first; --k) {
            order[k] = order[k - 1];
        }
        order[k] = m;
    }
    count = placed;
    arena_plan<N> best = detail::place_at_two_ends(lives, order, count);
    if (best.size > 0) {
        return best;
    }
    best = detail::place_in_order(lives, order, count, true);
    if (count > detail::most_maps_by_size) {
        return best;
    }
    for (std::size_t n = 1; n < count; ++n) {
        const std::size_t m = order[n];
        std::size_t k = n;
        for (; k > 0 && lives[order[k - 1]].size < lives[m].size; --k) {
            order[k] = order[k - 1];
        }
        order[k] = m;
    }
    const arena_plan<N> by_size = detail::place_in_order(lives, order, count, false);
    return by_size.size < best.size ? by_size : best;
}

}  // namespace fovea
