// SPDX-License-Identifier: BSD-3-Clause
// How do pools run? A window is first reduced over its rows, whole vectors at a time, into one padded row, then over
// its columns. The geometry is that of a depthwise convolution: in.channels == out.channels.
#pragma once

#include <fovea/detail/finite.hpp>
#include <fovea/execute/kernels/conv_rows.hpp>
#include <fovea/execute/kernels/pool_nan.hpp>
#include <fovea/execute/kernels/sum.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Reduction and its neutral element; columns outside of the image hold the latter.
struct pool_maximum {
    static constexpr bool drops_nan = true;
    template <class T>
    static constexpr T neutral = -fovea::detail::infinity<T>;
    template <class T>
    FOVEA_INLINE static batch<T> of(batch<T> a, batch<T> b) {
        return at_least(a, b);
    }
    template <class T>
    FOVEA_INLINE static T of(T a, T b) {
        return a < b ? b : a;
    }
    /// Of single values.
    template <class T>
    using scalar = T;
    /// Of at most Most vectors.
    template <class T, std::ptrdiff_t Most>
    struct vector {
        batch<T> most = batch<T>(neutral<T>);
        FOVEA_INLINE void add(batch<T> v) { most = of(most, v); }
        FOVEA_INLINE batch<T> value() const { return most; }
    };
};

struct pool_sum {
    static constexpr bool drops_nan = false;
    template <class T>
    static constexpr T neutral = T(0);
    template <class T>
    FOVEA_INLINE static T of(T a, T b) {
        return a + b;
    }
    template <class T>
    using scalar = double;
    template <class T, std::ptrdiff_t Most>
    using vector = lane_sum<T, Most>;
};

template <class T, conv_geometry G, class Reduction>
struct pool_window {
    static constexpr std::ptrdiff_t out_vectors = ceil_div(G.out.width, lanes<T>);
    static constexpr std::ptrdiff_t lead = round_up(G.pad_left, lanes<T>);
    /// One more column than windows reach: those of stride 2 are read in pairs.
    static constexpr std::ptrdiff_t reach =
        (out_vectors * lanes<T> - 1) * G.stride_width - G.pad_left + (G.kernel_width - 1) * G.dilation_width + 2;
    static constexpr std::ptrdiff_t behind = round_up(reach > G.in.width ? reach : G.in.width, lanes<T>);
    /// Of a reduced row with neutral elements on either side; its first value is at `lead`.
    static constexpr std::ptrdiff_t row_size = lead + behind;
    /// Rows reduced before their columns are: a shifted load of what was just stored would wait for the store.
    static constexpr std::ptrdiff_t block_rows = G.out.height < 8 ? G.out.height : 8;
    static constexpr std::ptrdiff_t scratch_size = block_rows * row_size;

    static void fill_sides(T* row) noexcept {
        for (std::ptrdiff_t x = -lead; x < 0; ++x) {
            row[x] = Reduction::template neutral<T>;
        }
        for (std::ptrdiff_t x = G.in.width; x < behind; ++x) {
            row[x] = Reduction::template neutral<T>;
        }
    }

    /// Reduces `count` input rows, dilation_height apart from `in` on, into row[0, in.width).
    FOVEA_INLINE static void reduce(const T* in, std::ptrdiff_t count, T* row) noexcept {
        for (std::ptrdiff_t x = 0; x < G.in.width; x += lanes<T>) {
            typename Reduction::template vector<T, G.kernel_height> rows;
            for (std::ptrdiff_t k = 0; k < count; ++k) {
                rows.add(load(in + k * G.dilation_height * G.in.pitch + x));
            }
            batch<T> sum = rows.value();
            if constexpr (G.in.width % lanes<T> != 0) {
                if (x + lanes<T> > G.in.width) {
                    const batch<T> beyond(Reduction::template neutral<T>);
                    sum = keep_first(sum, G.in.width - x, beyond);
                }
            }
            store(row + x, sum);
        }
    }

    /// The kernel rows `k` of output row y.
    static void reduce_rows(const T* in, std::ptrdiff_t y, kernel_rows k, T* row) noexcept {
        const T* first = in + (y * G.stride_height - G.pad_top + k.first * G.dilation_height) * G.in.pitch;
        if (k.last - k.first == G.kernel_height) {
            reduce(first, G.kernel_height, row);
        } else {
            reduce(first, k.last - k.first, row);
        }
    }

    /// The taps of output columns x .. x + lanes - 1.
    template <std::size_t... K>
    FOVEA_INLINE static batch<T> columns(const T* row, std::ptrdiff_t x, std::index_sequence<K...>) {
        typename Reduction::template vector<T, G.kernel_width> sum;
        if constexpr (G.stride_width == 2) {
            constexpr std::ptrdiff_t pair = G.dilation_width == 1 ? 2 : 1;  // taps 2n and 2n + 1 are read at once
            const auto tap = [&](std::ptrdiff_t k) __attribute__((always_inline)) {
                const T* p = row + 2 * x - G.pad_left + k / pair * pair * G.dilation_width;
                const batch<T> a = load(p);
                const batch<T> b = load(p + lanes<T>);
                return k % pair == 0 ? alternate_lanes<0>(a, b) : alternate_lanes<1>(a, b);
            };
            (sum.add(tap(static_cast<std::ptrdiff_t>(K))), ...);
        } else {
            (sum.add(load(row + x - G.pad_left + static_cast<std::ptrdiff_t>(K) * G.dilation_width)), ...);
        }
        return sum.value();
    }

    /// Reduces the columns of a row, and writes finish(vector, its first column) with zeros up to the next row.
    template <class Finish>
    FOVEA_INLINE static void reduce_columns(const T* row, T* out, Finish finish) noexcept {
        for (std::ptrdiff_t x = 0; x < G.out.width; x += lanes<T>) {
            batch<T> sum(Reduction::template neutral<T>);
            if constexpr (G.stride_width <= 2) {
                sum = columns(row, x, range<G.kernel_width>{});
            } else {
                T single[static_cast<std::size_t>(lanes<T>)];
                for (std::ptrdiff_t i = 0; i < lanes<T>; ++i) {
                    using wide = typename Reduction::template scalar<T>;
                    wide value = Reduction::template neutral<wide>;
                    for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                        const T tap = row[(x + i) * G.stride_width + kx * G.dilation_width - G.pad_left];
                        value = Reduction::of(value, static_cast<wide>(tap));
                    }
                    single[i] = static_cast<T>(value);
                }
                sum = load(single);
            }
            sum = finish(sum, x);
            if constexpr (G.out.width % lanes<T> != 0) {
                if (x + lanes<T> > G.out.width) {
                    sum = keep_first(sum, G.out.width - x);
                }
            }
            store(out + x, sum);
        }
        zero_gap<T, G.out>(out);
    }

    /// Rows [row_begin, row_end) of every channel; finish(sum, column, kernel rows).
    template <class Finish>
    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end,
                    Finish finish) noexcept {
        T* rows = scratch + lead;
        for (std::ptrdiff_t r = 0; r < block_rows; ++r) {
            fill_sides(rows + r * row_size);
        }
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; y += block_rows) {
                const std::ptrdiff_t n = row_end - y < block_rows ? row_end - y : block_rows;
                for (std::ptrdiff_t r = 0; r < n; ++r) {
                    reduce_rows(in + c * G.in.plane, y + r, kernel_rows_of<G>(y + r), rows + r * row_size);
                }
                for (std::ptrdiff_t r = 0; r < n; ++r) {
                    const kernel_rows k = kernel_rows_of<G>(y + r);
                    reduce_columns(rows + r * row_size, out + c * G.out.plane + (y + r) * G.out.pitch,
                                   [&](batch<T> sum, std::ptrdiff_t x)
                                       __attribute__((always_inline)) { return finish(sum, x, k.last - k.first); });
                }
            }
            if constexpr (Reduction::drops_nan) {
                spread_nan<T, G>(in + c * G.in.plane, out + c * G.out.plane, row_begin, row_end, G.in.height);
            }
            if (row_end == G.out.height) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

/// Taps outside of the image do not count as values.
template <class T, conv_geometry G>
struct max_pool_forward {
    using window = pool_window<T, G, pool_maximum>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        window::run(in, out, scratch, row_begin, row_end,
                    [](batch<T> most, std::ptrdiff_t, std::ptrdiff_t) __attribute__((always_inline)) { return most; });
    }
};

/// 1 / (rows * columns) of the taps inside the image: row `rows - 1`, and a value for each output column. Products
/// with these take a third of the time of quotients.
template <class T, conv_geometry G>
struct pool_shares {
    static constexpr auto columns = static_cast<std::size_t>(ceil_div(G.out.width, lanes<T>) * lanes<T>);
    static constexpr auto rows = static_cast<std::size_t>(G.kernel_height);
    static constexpr std::array<std::array<T, columns>, rows> value = [] {
        std::array<std::array<T, columns>, rows> share{};
        for (std::size_t x = 0; x < columns; ++x) {
            T n = 0;
            for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                const std::ptrdiff_t ix =
                    static_cast<std::ptrdiff_t>(x) * G.stride_width - G.pad_left + kx * G.dilation_width;
                n += ix >= 0 && ix < G.in.width ? T(1) : T(0);
            }
            n = n > T(0) ? n : T(1);  // an empty window has sum 0
            for (std::size_t y = 0; y < rows; ++y) {
                share[y][x] = T(1) / (static_cast<T>(y + 1) * n);
            }
        }
        return share;
    }();
};

/// The mean of the taps inside the image (PyTorch: count_include_pad=False).
template <class T, conv_geometry G>
struct average_pool_forward {
    using window = pool_window<T, G, pool_sum>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        window::run(in, out, scratch, row_begin, row_end,
                    [](batch<T> sum, std::ptrdiff_t x, std::ptrdiff_t rows) __attribute__((always_inline)) {
                        const auto& share = pool_shares<T, G>::value[static_cast<std::size_t>(rows > 0 ? rows - 1 : 0)];
                        return sum * load(share.data() + x);
                    });
    }
};

/// y[c * YStep] = mean of channel c. The gaps of the map are zero.
template <class T, map_layout M, std::ptrdiff_t YStep = 1>
struct global_average_pool_forward {
    /// Of channels [begin, end).
    static void run(const T* in, T* y, std::ptrdiff_t begin = 0, std::ptrdiff_t end = M.channels) noexcept {
        for (std::ptrdiff_t c = begin; c < end; ++c) {
            y[c * YStep] =
                static_cast<T>(sum_of_channel<T, M>(in + c * M.plane) / static_cast<double>(M.height * M.width));
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
