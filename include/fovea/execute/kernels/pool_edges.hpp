// SPDX-License-Identifier: BSD-3-Clause
// How does a pool of stride 1 run on part of an image whose edges are known at run time only? As in pool.hpp, with the
// window bounded by the image instead of by the map.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/pool.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Row y of the map is row y of an image of image_rows rows. Of the map's columns the first
/// image_columns belong to the image.
template <class T, conv_geometry G, bool Average>
struct pool_edges {
    static_assert(G.stride_height == 1 && G.stride_width == 1);
    using reduction = std::conditional_t<Average, pool_sum, pool_maximum>;
    using window = pool_window<T, G, reduction>;
    static constexpr std::ptrdiff_t row_size = window::out_vectors * lanes<T>;
    static constexpr std::ptrdiff_t scratch_size = round_up(window::row_size, map_quantum) + row_size;

    static constexpr kernel_rows rows_of(std::ptrdiff_t y, std::ptrdiff_t image_rows) {
        const std::ptrdiff_t top = y - G.pad_top;
        const std::ptrdiff_t first = top >= 0 ? 0 : ceil_div(-top, G.dilation_height);
        const std::ptrdiff_t last = floor_div(image_rows - 1 - top, G.dilation_height) + 1;
        return {first, std::min(last, G.kernel_height)};
    }

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end,
                    std::ptrdiff_t image_rows, std::ptrdiff_t image_columns) noexcept {
        T* counts = scratch + round_up(window::row_size, map_quantum);
        if constexpr (Average) {
            for (std::ptrdiff_t x = 0; x < row_size; ++x) {
                T n = 0;
                for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                    const std::ptrdiff_t ix = x - G.pad_left + kx * G.dilation_width;
                    n += ix >= 0 && ix < image_columns ? T(1) : T(0);
                }
                counts[x] = n > T(0) ? n : T(1);
            }
        }
        T* row = scratch + window::lead;
        window::fill_sides(row);
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                const kernel_rows k = rows_of(y, image_rows);
                window::reduce_rows(in + c * G.in.plane, y, k, row);
                if (image_columns < G.in.width) {
                    std::fill(row + image_columns, row + G.in.width, reduction::template neutral<T>);
                }
                const batch<T> rows(static_cast<T>(k.last > k.first ? k.last - k.first : 1));
                window::reduce_columns(row, out + c * G.out.plane + y * G.out.pitch,
                                       [&](batch<T> v, [[maybe_unused]] std::ptrdiff_t x) {
                                           if constexpr (Average) {
                                               v = v * (batch<T>(T(1)) / (rows * load(counts + x)));
                                           }
                                           return v;
                                       });
            }
            if constexpr (reduction::drops_nan) {
                spread_nan<T, G>(in + c * G.in.plane, out + c * G.out.plane, row_begin, row_end, image_rows);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
