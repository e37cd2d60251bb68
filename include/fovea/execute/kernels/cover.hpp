// SPDX-License-Identifier: BSD-3-Clause
// How do things fall into blocks whose sizes are constants, and how does a loop over them look?
#pragma once

#include <type_traits>

#include <fovea/execute/kernels/simd.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// `total` things in `count` blocks of two adjacent sizes: the first `larger` blocks have size + 1, the others size.
struct cover {
    std::ptrdiff_t count = 0;
    std::ptrdiff_t size = 0;
    std::ptrdiff_t larger = 0;

    constexpr std::ptrdiff_t largest() const { return size + (larger > 0 ? 1 : 0); }
    constexpr std::ptrdiff_t size_of(std::ptrdiff_t b) const { return size + (b < larger ? 1 : 0); }
    /// Where block b begins.
    constexpr std::ptrdiff_t first(std::ptrdiff_t b) const { return b * size + (b < larger ? b : larger); }
};

constexpr cover cover_with(std::ptrdiff_t total, std::ptrdiff_t largest) {
    const std::ptrdiff_t count = ceil_div(total, largest);
    return {count, total / count, total % count};
}

template <std::ptrdiff_t N>
using constant = std::integral_constant<std::ptrdiff_t, N>;

/// f(size, first) for blocks [Begin, End) of C: the size as a constant, and where the block begins.
template <cover C, std::ptrdiff_t Begin = 0, std::ptrdiff_t End = C.count, class F>
FOVEA_INLINE void each_block(F&& f) {
    constexpr std::ptrdiff_t large_end = C.larger < End ? C.larger : End;
    if constexpr (Begin < large_end) {
        for (std::ptrdiff_t b = Begin; b < large_end; ++b) {
            f(constant<C.size + 1>{}, b * (C.size + 1));
        }
    }
    constexpr std::ptrdiff_t small_begin = C.larger > Begin ? C.larger : Begin;
    if constexpr (small_begin < End) {
        for (std::ptrdiff_t b = small_begin; b < End; ++b) {
            f(constant<C.size>{}, C.first(b));
        }
    }
}

/// The same for blocks that are known when it runs.
template <cover C, class F>
FOVEA_INLINE void each_block_of(std::ptrdiff_t begin, std::ptrdiff_t end, F&& f) {
    std::ptrdiff_t b = begin;
    if constexpr (C.larger > 0) {
        for (; b < end && b < C.larger; ++b) {
            f(constant<C.size + 1>{}, b * (C.size + 1));
        }
    }
    for (; b < end; ++b) {
        f(constant<C.size>{}, C.first(b));
    }
}

/// f(i) for i of 0 ... N - 1 as constants; at most 256 of them. Not for the products of a register tile: those are
/// folds, which g++ keeps in registers at -O2, too.
template <std::ptrdiff_t N, class F>
FOVEA_INLINE constexpr void for_each_index([[maybe_unused]] F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (f(constant<static_cast<std::ptrdiff_t>(I)>{}), ...);
    }
    (range<N>{});
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
