// SPDX-License-Identifier: BSD-3-Clause
// How are maxima and means over windows taken? Down the kernel's rows first, whole vectors of the input; then along x, from a
// copy of that row split into phases, so that every tap is one shifted load.
#pragma once

#include <limits>

#include <fovea/execute/kernels/conv_rows.hpp>
#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

enum class pool_kind { maximum, average };

template <class T, conv_geometry G, pool_kind Kind>
struct pool_forward {
    using phases = column_phases<T, G>;
    static constexpr std::ptrdiff_t v = lanes<T>;
    static constexpr std::ptrdiff_t scratch_size = 0;
    static constexpr T neutral = Kind == pool_kind::maximum ? -std::numeric_limits<T>::infinity() : T(0);

    FOVEA_INLINE static batch<T> join(batch<T> a, batch<T> b) {
        if constexpr (Kind == pool_kind::maximum) {
            return maximum(a, b);
        } else {
            return a + b;
        }
    }

    /// 1 / taps of column x that lie inside the image.
    static constexpr auto column_share = [] {
        std::array<T, static_cast<std::size_t>(round_up(G.out.width, v))> share{};
        for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
            std::ptrdiff_t inside = 0;
            for (std::ptrdiff_t k = 0; k < G.kernel_width; ++k) {
                const std::ptrdiff_t column = x * G.stride_width + phases::column(k);
                inside += column >= 0 && column < G.in.width ? 1 : 0;
            }
            share[static_cast<std::size_t>(x)] = inside == 0 ? T(0) : T(1) / static_cast<T>(inside);
        }
        return share;
    }();

    static void run(const T* in, T* out, T*, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        constexpr std::ptrdiff_t in_vectors = ceil_div(G.in.width, v);
        alignas(64) T column[static_cast<std::size_t>(in_vectors * v)];
        alignas(64) T split[static_cast<std::size_t>(phases::row_size + v)];
        std::fill(std::begin(split), std::end(split), neutral);
        std::ptrdiff_t done_c = -1, done_y = -1;
        write_rows<T, G.out>(out, row_begin, row_end, [&](std::ptrdiff_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
            const kernel_rows rows = kernel_rows_of<G>(y);
            if (c != done_c || y != done_y) {
                done_c = c;
                done_y = y;
                const T* top = in + c * G.in.plane +
                               (y * G.stride_height - G.pad_top + rows.first * G.dilation_height) * G.in.pitch;
                for (std::ptrdiff_t i = 0; i < in_vectors; ++i) {
                    batch<T> sum(neutral);
                    for (std::ptrdiff_t k = 0; k < rows.last - rows.first; ++k) {
                        sum = join(sum, load(top + k * G.dilation_height * G.in.pitch + i * v));
                    }
                    store(column + i * v, sum);
                }
                for (std::ptrdiff_t i = 0; i < G.in.width; ++i) {
                    const std::ptrdiff_t slot = phases::slot[static_cast<std::size_t>(i % phases::stride)];
                    const std::ptrdiff_t at = phases::lead + i / phases::stride;
                    if (slot >= 0 && at < phases::pitch) {
                        split[slot * phases::pitch + at] = column[i];
                    }
                }
            }
            batch<T> sum(neutral);
            for (std::ptrdiff_t k = 0; k < G.kernel_width; ++k) {
                sum = join(sum, load(split + phases::offset(k) + x));
            }
            if constexpr (Kind == pool_kind::average) {
                const T row_share = rows.last == rows.first ? T(0) : T(1) / static_cast<T>(rows.last - rows.first);
                sum = sum * load(column_share.data() + x) * batch<T>(row_share);
            }
            return sum;
        });
    }
};

/// Maximum over the taps inside the image.
template <class T, conv_geometry G>
struct max_pool_forward : pool_forward<T, G, pool_kind::maximum> {};

/// Mean over the taps inside the image.
template <class T, conv_geometry G>
struct avg_pool_forward : pool_forward<T, G, pool_kind::average> {};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
