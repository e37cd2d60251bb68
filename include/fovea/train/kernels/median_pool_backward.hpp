// SPDX-License-Identifier: BSD-3-Clause
// Where does the gradient of a median go? To the value that it is, or half to each of the two that it is the mean of.
#pragma once

#include <fovea/execute/kernels/median_pool.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Of equal values the first in row-major order takes it, and the first NaN if there is one.
template <class T, conv_geometry G>
struct median_pool_backward {
    using window = median_window<T, G>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size + 2 * window::columns;

    static void run(const T* in, const T* dout, T* din, T* scratch) noexcept {
        zero_map<T, G.in>(din);
        T* lower = scratch + window::scratch_size;
        T* upper = lower + window::columns;
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < G.out.height; ++y) {
                const T* from = in + c * G.in.plane;
                const T* gradient = dout + c * G.out.plane + y * G.out.pitch;
                T* to = din + c * G.in.plane;
                window::run(from, y, scratch, [&](std::ptrdiff_t x, batch<T> low, batch<T> high) {
                    store(lower + x, low);
                    store(upper + x, high);
                });
                for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
                    give(from, y, x, lower[x], gradient[x] / 2, to);
                    give(from, y, x, upper[x], gradient[x] / 2, to);
                }
            }
        }
    }

    static void give(const T* in, std::ptrdiff_t y, std::ptrdiff_t x, T value, T gradient, T* din) noexcept {
        const kernel_rows k = kernel_rows_of<G>(y);
        std::ptrdiff_t to = -1;
        for (std::ptrdiff_t ky = k.first; ky < k.last; ++ky) {
            const std::ptrdiff_t row = (y * G.stride_height - G.pad_top + ky * G.dilation_height) * G.in.pitch;
            for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                const std::ptrdiff_t ix = x * G.stride_width - G.pad_left + kx * G.dilation_width;
                if (ix < 0 || ix >= G.in.width) {
                    continue;
                }
                if (fovea::detail::is_nan(in[row + ix])) {
                    din[row + ix] += gradient;
                    return;
                }
                to = to < 0 && in[row + ix] == value ? row + ix : to;
            }
        }
        if (to >= 0) {
            din[to] += gradient;
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
