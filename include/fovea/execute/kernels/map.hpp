// SPDX-License-Identifier: BSD-3-Clause
// How do values get into a map's layout and out of it, and how do its gaps become zero?
#pragma once

#include <algorithm>

#include <fovea/plan/geometry.hpp>

namespace fovea::kernels {

/// Zeroes the guards alone: kernels that write a map zero its gaps themselves.
template <class T, map_layout M>
void clear_guards(T* first) noexcept {
    std::fill_n(first - M.guard, M.guard, T(0));
    std::fill_n(first + M.extent(), M.guard, T(0));
}

/// Zeroes what lies between the values of rows [row_begin, row_end): row gaps, the space behind each plane and, if
/// `guards`, the guards. `first` points at the first value of channel 0.
template <class T, map_layout M>
void clear_gaps(T* first, std::ptrdiff_t row_begin, std::ptrdiff_t row_end, bool guards) noexcept {
    if (guards) {
        clear_guards<T, M>(first);
    }
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        T* plane = first + c * M.plane;
        if constexpr (M.pitch > M.width) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                std::fill_n(plane + y * M.pitch + M.width, M.pitch - M.width, T(0));
            }
        }
        if (guards) {
            std::fill_n(plane + M.height * M.pitch, M.plane - M.height * M.pitch, T(0));
        }
    }
}

/// Rows [row_begin, row_end) of a dense C x H x W array into the map.
template <class T, map_layout M>
void copy_in(const T* dense, T* first, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
            std::copy_n(dense + (c * M.height + y) * M.width, M.width, first + c * M.plane + y * M.pitch);
        }
    }
}

/// Rows [row_begin, row_end) of the map into a dense C x H x W array.
template <class T, map_layout M>
void copy_out(const T* first, T* dense, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
            std::copy_n(first + c * M.plane + y * M.pitch, M.width, dense + (c * M.height + y) * M.width);
        }
    }
}

}  // namespace fovea::kernels
