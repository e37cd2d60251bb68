// SPDX-License-Identifier: BSD-3-Clause
// Which outputs of a pool are NaN? Those whose window has one. Maxima, and networks of them, lose it.
#pragma once

#include <limits>

#include <fovea/detail/finite.hpp>
#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Output rows [row_begin, row_end) of one channel, whose windows see `image_rows` rows. Every value is asked once, not
/// once a window.
template <class T, conv_geometry G>
void spread_nan(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end,
                std::ptrdiff_t image_rows) noexcept {
    const std::ptrdiff_t top = row_begin * G.stride_height - G.pad_top;
    const std::ptrdiff_t bottom =
        (row_end - 1) * G.stride_height - G.pad_top + (G.kernel_height - 1) * G.dilation_height + 1;
    const std::ptrdiff_t first = top > 0 ? top : 0, last = bottom < image_rows ? bottom : image_rows;
    const batch<T> infinity(std::numeric_limits<T>::infinity());
    auto even = infinity <= infinity, odd = even;  // lanes without a NaN in every second vector
    for (std::ptrdiff_t y = first; y < last; ++y) {
        for (std::ptrdiff_t x = 0; x < G.in.width; x += lanes<T>) {
            auto& numbers = x / lanes<T> % 2 == 0 ? even : odd;
            numbers = numbers & (load(in + y * G.in.pitch + x) <= infinity);  // zeros behind a row's end
        }
    }
    if (simd::all(even & odd)) {
        return;
    }
    for (std::ptrdiff_t oy = row_begin; oy < row_end; ++oy) {
        for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky) {
            const std::ptrdiff_t y = oy * G.stride_height - G.pad_top + ky * G.dilation_height;
            for (std::ptrdiff_t ox = 0; y >= first && y < last && ox < G.out.width; ++ox) {
                for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                    const std::ptrdiff_t x = ox * G.stride_width - G.pad_left + kx * G.dilation_width;
                    if (x >= 0 && x < G.in.width && fovea::detail::is_nan(in[y * G.in.pitch + x])) {
                        out[oy * G.out.pitch + ox] = in[y * G.in.pitch + x];
                    }
                }
            }
        }
    }
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
