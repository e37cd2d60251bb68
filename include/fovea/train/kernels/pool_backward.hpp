// SPDX-License-Identifier: BSD-3-Clause
// Where does the gradient of a pool go? To the first maximum, or in equal parts to the taps inside the image. Each call
// takes one whole image and overwrites din, gaps included.
#pragma once

#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/pool.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Ties: the first tap in row-major order takes it all; of NaNs, the last one, as in PyTorch.
template <class T, conv_geometry G>
struct max_pool_backward {
    static void run(const T* in, const T* dout, T* din) noexcept {
        zero_map<T, G.in>(din);
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < G.out.height; ++y) {
                const kernel_rows k = kernel_rows_of<G>(y);
                const std::ptrdiff_t top = y * G.stride_height - G.pad_top;
                for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
                    const std::ptrdiff_t left = x * G.stride_width - G.pad_left;
                    std::ptrdiff_t best = -1;
                    T most = -fovea::detail::infinity<T>;
                    for (std::ptrdiff_t ky = k.first; ky < k.last; ++ky) {
                        const std::ptrdiff_t row = c * G.in.plane + (top + ky * G.dilation_height) * G.in.pitch;
                        for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                            const std::ptrdiff_t ix = left + kx * G.dilation_width;
                            if (ix >= 0 && ix < G.in.width &&
                                (best < 0 || in[row + ix] > most || fovea::detail::is_nan(in[row + ix]))) {
                                best = row + ix;
                                most = in[best];
                            }
                        }
                    }
                    if (best >= 0) {
                        din[best] += dout[c * G.out.plane + y * G.out.pitch + x];
                    }
                }
            }
        }
    }
};

template <class T, conv_geometry G>
struct average_pool_backward {
    static constexpr std::ptrdiff_t scratch_size = ceil_div(G.in.width, lanes<T>) * lanes<T>;

    static void run(const T* dout, T* din, T* scratch) noexcept {
        zero_map<T, G.in>(din);
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < G.out.height; ++y) {
                const kernel_rows k = kernel_rows_of<G>(y);
                const auto& share =
                    pool_shares<T, G>::value[static_cast<std::size_t>(k.last > k.first ? k.last - k.first - 1 : 0)];
                const T* from = dout + c * G.out.plane + y * G.out.pitch;
                for (std::ptrdiff_t x = 0; x < scratch_size; ++x) {
                    scratch[x] = T(0);
                }
                for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
                    const T part = from[x] * share[static_cast<std::size_t>(x)];
                    for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                        const std::ptrdiff_t ix = x * G.stride_width - G.pad_left + kx * G.dilation_width;
                        if (ix >= 0 && ix < G.in.width) {
                            scratch[ix] += part;
                        }
                    }
                }
                for (std::ptrdiff_t ky = k.first; ky < k.last; ++ky) {
                    T* to =
                        din + c * G.in.plane + (y * G.stride_height - G.pad_top + ky * G.dilation_height) * G.in.pitch;
                    for (std::ptrdiff_t x = 0; x < scratch_size; x += lanes<T>) {
                        store(to + x, load(to + x) + load(scratch + x));
                    }
                }
            }
        }
    }
};

/// din = dy[c * YStep] / positions everywhere in channel c.
template <class T, map_layout M, std::ptrdiff_t YStep = 1>
struct global_average_pool_backward {
    static void run(const T* dy, T* din) noexcept {
        for_each_vector<T, M>(0, M.height, [&](std::ptrdiff_t c, std::ptrdiff_t at, std::ptrdiff_t left) {
            store_in_row<T, M>(din + at, batch<T>(dy[c * YStep] / static_cast<T>(M.height * M.width)), left);
        });
        zero_gaps<T, M>(din, 0, M.height);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
