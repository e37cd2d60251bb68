// SPDX-License-Identifier: BSD-3-Clause
// Which outputs share a vector of a register tile? Whole vectors along rows, or the ends of several rows, packed.
#pragma once

#include <fovea/execute/kernels/simd.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// R rows of P vectors each. First: the column of the first one where taps may read nothing but padding, -1 where it is
/// not known or does not matter. Ends: the last vector may reach past the row's end.
template <class T, class View, std::ptrdiff_t R, std::ptrdiff_t P, std::ptrdiff_t First, bool Ends>
struct whole_vectors {
    static constexpr std::ptrdiff_t rows = R;
    static constexpr std::ptrdiff_t vectors = R * P;
    static constexpr std::ptrdiff_t width = P * lanes<T>;
    static constexpr bool follow = true;  ///< more columns come after these

    /// False if vector v of the source shifted by `offset` has nothing but padding.
    static constexpr bool reads(std::ptrdiff_t v, std::ptrdiff_t offset) {
        return First < 0 || View::reads(First + v % P * lanes<T> + offset, lanes<T>);
    }

    template <std::ptrdiff_t V>
    FOVEA_INLINE static batch<T> get(const T* from, std::ptrdiff_t row_step) {
        return load(from + V / P * row_step + V % P * lanes<T>);
    }

    /// left: columns from the first one to the row's end.
    template <std::ptrdiff_t V>
    FOVEA_INLINE static void put(T* to, batch<T> y, std::ptrdiff_t left) {
        if constexpr (Ends && V % P == P - 1) {  // only a tile's last vector can have a tail
            y = keep_first(y, left - V % P * lanes<T>);
        }
        store(to + V / P * View::out_pitch + V % P * lanes<T>, y);
    }
};

/// `Width` columns, less than a vector, of each of R rows, row behind row without gaps; they begin at column First.
template <class T, class View, std::ptrdiff_t R, std::ptrdiff_t Width, std::ptrdiff_t First>
struct packed_ends {
    static constexpr std::ptrdiff_t rows = R;
    static constexpr std::ptrdiff_t vectors = ceil_div(R * Width, lanes<T>);
    static constexpr std::ptrdiff_t width = Width;
    static constexpr bool follow = false;

    static constexpr bool reads(std::ptrdiff_t, std::ptrdiff_t offset) { return View::reads(First + offset, Width); }

    static constexpr std::ptrdiff_t first_row(std::ptrdiff_t v) { return v * lanes<T> / Width; }
    static constexpr std::ptrdiff_t row_count(std::ptrdiff_t v) {
        const std::ptrdiff_t last = ((v + 1) * lanes<T> - 1) / Width;
        return (last < R ? last : R - 1) - first_row(v) + 1;
    }
    /// The lane of vector v in which row r begins; below 0 if it began in the vector before.
    static constexpr std::ptrdiff_t lane(std::ptrdiff_t v, std::ptrdiff_t r) { return r * Width - v * lanes<T>; }

    template <std::ptrdiff_t V>
    FOVEA_INLINE static batch<T> get(const T* from, std::ptrdiff_t row_step) {
        constexpr std::ptrdiff_t first = first_row(V);
        return [&]<std::size_t... N>(std::index_sequence<N...>) __attribute__((always_inline)) {
            batch<T> v = load(from + first * row_step - lane(V, first));
            ((v = load_from<lane(V, first + 1 + static_cast<std::ptrdiff_t>(N))>(
                  from + (first + 1 + static_cast<std::ptrdiff_t>(N)) * row_step -
                      lane(V, first + 1 + static_cast<std::ptrdiff_t>(N)),
                  v)),
             ...);
            return v;
        }(range<row_count(V) - 1>{});
    }

    template <std::ptrdiff_t V>
    FOVEA_INLINE static void put(T* to, batch<T> y, std::ptrdiff_t) {
        [&]<std::size_t... N>(std::index_sequence<N...>) __attribute__((always_inline)) {
            (
                [&]() __attribute__((always_inline)) {
                    constexpr std::ptrdiff_t r = first_row(V) + static_cast<std::ptrdiff_t>(N);
                    constexpr std::ptrdiff_t at = lane(V, r);
                    store_lanes<(at > 0 ? at : 0), (at + Width < lanes<T> ? at + Width : lanes<T>)>(
                        to + r * View::out_pitch - at, y);
                }(),
                ...);
        }(range<row_count(V)>{});
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
