// SPDX-License-Identifier: BSD-3-Clause
// How do pools run? A window is first reduced over its rows, whole vectors at a time, into one padded row, then over
// its columns. The geometry is that of a depthwise convolution: in.channels == out.channels.
#pragma once

#include <limits>

#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Reduction and its neutral element; columns outside of the image hold the latter.
struct pool_maximum {
    template <class T>
    static constexpr T neutral = -std::numeric_limits<T>::infinity();
    template <class T>
    FOVEA_INLINE static batch<T> of(batch<T> a, batch<T> b) {
        return maximum(a, b);
    }
    template <class T>
    FOVEA_INLINE static T of(T a, T b) {
        return a < b ? b : a;
    }
};

struct pool_sum {
    template <class T>
    static constexpr T neutral = T(0);
    template <class T>
    FOVEA_INLINE static batch<T> of(batch<T> a, batch<T> b) {
        return a + b;
    }
    template <class T>
    FOVEA_INLINE static T of(T a, T b) {
        return a + b;
    }
};

template <class T, conv_geometry G, class Reduction>
struct pool_window {
    static constexpr std::ptrdiff_t out_vectors = ceil_div(G.out.width, lanes<T>);
    static constexpr std::ptrdiff_t lead = round_up(G.pad_left, lanes<T>);
    static constexpr std::ptrdiff_t reach =
        (out_vectors * lanes<T> - 1) * G.stride_width - G.pad_left + (G.kernel_width - 1) * G.dilation_width + 1;
    static constexpr std::ptrdiff_t behind = round_up(reach > G.in.width ? reach : G.in.width, lanes<T>);
    static constexpr std::ptrdiff_t scratch_size = lead + behind;

    /// Reduces the kernel rows `k` of output row y into row[0, in.width), neutral elements on either side.
    static void reduce_rows(const T* in, std::ptrdiff_t y, kernel_rows k, T* row) noexcept {
        const std::ptrdiff_t top = y * G.stride_height - G.pad_top;
        for (std::ptrdiff_t x = 0; x < G.in.width; x += lanes<T>) {
            batch<T> sum(Reduction::template neutral<T>);
            for (std::ptrdiff_t ky = k.first; ky < k.last; ++ky) {
                sum = Reduction::of(sum, load(in + (top + ky * G.dilation_height) * G.in.pitch + x));
            }
            store(row + x, sum);
        }
        for (std::ptrdiff_t x = -lead; x < 0; ++x) {
            row[x] = Reduction::template neutral<T>;
        }
        for (std::ptrdiff_t x = G.in.width; x < behind; ++x) {
            row[x] = Reduction::template neutral<T>;
        }
    }

    static void reduce_columns(const T* row, T* out) noexcept {
        if constexpr (G.stride_width == 1) {
            for (std::ptrdiff_t x = 0; x < out_vectors * lanes<T>; x += lanes<T>) {
                batch<T> sum(Reduction::template neutral<T>);
                for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                    sum = Reduction::of(sum, load(row + x + kx * G.dilation_width - G.pad_left));
                }
                store(out + x, sum);
            }
        } else {
            for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
                T sum = Reduction::template neutral<T>;
                for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                    sum = Reduction::of(sum, row[x * G.stride_width + kx * G.dilation_width - G.pad_left]);
                }
                out[x] = sum;
            }
        }
    }

    static void clear_tail(T* out) noexcept {
        for (std::ptrdiff_t x = G.out.width; x < out_vectors * lanes<T>; ++x) {
            out[x] = T(0);
        }
        zero_gap<T, G.out>(out);
    }
};

/// Taps outside of the image do not count as values.
template <class T, conv_geometry G>
struct max_pool_forward {
    using window = pool_window<T, G, pool_maximum>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                T* to = out + c * G.out.plane + y * G.out.pitch;
                window::reduce_rows(in + c * G.in.plane, y, kernel_rows_of<G>(y), scratch + window::lead);
                window::reduce_columns(scratch + window::lead, to);
                window::clear_tail(to);
            }
            if (row_end == G.out.height) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

/// How many taps of a window lie inside the image, per output column.
template <class T, conv_geometry G>
struct column_counts {
    static constexpr std::size_t size = static_cast<std::size_t>(ceil_div(G.out.width, lanes<T>) * lanes<T>);
    static constexpr std::array<T, size> value = [] {
        std::array<T, size> n{};
        for (std::ptrdiff_t x = 0; x < static_cast<std::ptrdiff_t>(size); ++x) {
            for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                const std::ptrdiff_t ix = x * G.stride_width - G.pad_left + kx * G.dilation_width;
                n[static_cast<std::size_t>(x)] += ix >= 0 && ix < G.in.width ? T(1) : T(0);
            }
        }
        for (T& v : n) {
            v = v > T(0) ? v : T(1);  // an empty window has sum 0
        }
        return n;
    }();
};

/// The mean of the taps inside the image (PyTorch: count_include_pad=False).
template <class T, conv_geometry G>
struct avg_pool_forward {
    using window = pool_window<T, G, pool_sum>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                const kernel_rows k = kernel_rows_of<G>(y);
                const auto rows = static_cast<T>(k.last > k.first ? k.last - k.first : 1);
                T* to = out + c * G.out.plane + y * G.out.pitch;
                window::reduce_rows(in + c * G.in.plane, y, k, scratch + window::lead);
                window::reduce_columns(scratch + window::lead, to);
                for (std::ptrdiff_t x = 0; x < G.out.width; x += lanes<T>) {
                    store(to + x, load(to + x) / (batch<T>(rows) * load(column_counts<T, G>::value.data() + x)));
                }
                window::clear_tail(to);
            }
            if (row_end == G.out.height) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

/// y[c * YStep] = mean of channel c. The gaps of the map are zero.
template <class T, map_layout M, std::ptrdiff_t YStep = 1>
struct global_average_pool_forward {
    static void run(const T* in, T* y) noexcept {
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            batch<T> sums[4] = {batch<T>(T(0)), batch<T>(T(0)), batch<T>(T(0)), batch<T>(T(0))};
            constexpr std::ptrdiff_t row = ceil_div(M.width, lanes<T>) * lanes<T>;
            std::size_t n = 0;
            for (std::ptrdiff_t r = 0; r < M.height; ++r) {
                for (std::ptrdiff_t x = 0; x < row; x += lanes<T>) {
                    sums[n % 4] += load(in + c * M.plane + r * M.pitch + x);
                    ++n;
                }
            }
            y[c * YStep] = reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3])) / static_cast<T>(M.height * M.width);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
