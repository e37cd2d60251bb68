// SPDX-License-Identifier: BSD-3-Clause
// What is the median of every window? Whole vectors of windows are sorted at a time by a fixed network of minima and
// maxima (Batcher's merge exchange: Knuth, The Art of Computer Programming 3, section 5.2.2, algorithm M).
#pragma once

#include <algorithm>
#include <array>

#include <fovea/detail/finite.hpp>
#include <fovea/execute/kernels/conv_rows.hpp>
#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/pool_nan.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Calls exchange(i, j), i < j, for every pair that is to be put in order for n values to be sorted.
template <class Exchange>
constexpr void for_each_exchange(std::ptrdiff_t n, Exchange exchange) {
    std::ptrdiff_t top = 1;
    while (2 * top < n) {
        top *= 2;
    }
    for (std::ptrdiff_t p = n > 1 ? top : 0; p > 0; p /= 2) {
        std::ptrdiff_t distance = p, first = 0;
        for (std::ptrdiff_t q = top; distance > 0; q /= 2) {
            for (std::ptrdiff_t run = first; run + distance < n; run += 2 * p) {
                const std::ptrdiff_t end = run + p < n - distance ? run + p : n - distance;
                for (std::ptrdiff_t i = run; i < end; ++i) {
                    exchange(i, i + distance);
                }
            }
            distance = q - p;
            first = p;
        }
    }
}

/// Of N sorted values the two around which the median of fewer values lies, see median_window.
constexpr std::ptrdiff_t middle_high(std::ptrdiff_t n) { return n / 2; }
constexpr std::ptrdiff_t middle_low(std::ptrdiff_t n) { return n > 1 ? (n - 1) / 2 - n % 2 : 0; }

/// The exchanges that these two depend on.
template <std::ptrdiff_t N>
struct median_network {
    struct exchange {
        std::size_t first = 0;
        std::size_t second = 0;
        bool smaller = true;  ///< whether the smaller value is needed afterwards; it goes to `first`
        bool larger = true;
    };
    static constexpr auto room = static_cast<std::size_t>(N * N);
    struct list {
        std::array<exchange, room> of{};
        std::size_t begin = room;  ///< the exchanges stand from here to the end
    };
    static constexpr list needed = [] {
        list l;
        std::size_t count = 0;
        for_each_exchange(N, [&](std::ptrdiff_t i, std::ptrdiff_t j) {
            l.of[count++] = {static_cast<std::size_t>(i), static_cast<std::size_t>(j)};
        });
        std::array<bool, static_cast<std::size_t>(N)> used{};
        used[static_cast<std::size_t>(middle_low(N))] = used[static_cast<std::size_t>(middle_high(N))] = true;
        while (count > 0) {
            exchange e = l.of[--count];
            e.smaller = used[e.first];
            e.larger = used[e.second];
            if (e.smaller || e.larger) {
                used[e.first] = used[e.second] = true;
                l.of[--l.begin] = e;
            }
        }
        return l;
    }();
    static constexpr std::size_t count = room - needed.begin;

    template <std::size_t E, class T>
    FOVEA_INLINE static void step(batch<T>* v) {
        constexpr exchange e = needed.of[needed.begin + E];
        const batch<T> a = v[e.first];
        const batch<T> b = v[e.second];
        if constexpr (e.smaller) {
            v[e.first] = at_most(a, b);
        }
        if constexpr (e.larger) {
            v[e.second] = at_least(a, b);
        }
    }
    /// Exchanges First and up. One fold has 256 operands at most with clang.
    template <std::size_t First, class T, std::size_t... E>
    FOVEA_INLINE static void steps(batch<T>* v, std::index_sequence<E...>) {
        (step<First + E>(v), ...);
    }
    template <std::size_t First = 0, class T>
    FOVEA_INLINE static void run([[maybe_unused]] batch<T>* v) {
        if constexpr (First < count) {
            steps<First>(v, std::make_index_sequence<(count - First < 128 ? count - First : 128)>{});
            run<First + 128>(v);
        }
    }
};

/// The two middle values of the windows of one output row; of an odd number of values, the same one twice. Whatever
/// they are where a window has a NaN, they do not count.
///
/// All windows are sorted as if they had `taps` values: those outside of the image are +infinity and -infinity in turn.
/// With m of them the values inside begin at m / 2, and their middle stays at middle_low(taps) and middle_high(taps).
template <class T, conv_geometry G>
struct median_window {
    static constexpr std::ptrdiff_t taps = G.kernel_height * G.kernel_width;
    static constexpr std::ptrdiff_t columns = round_up(G.out.width, lanes<T>);
    /// Larger windows (7x7: 313 exchanges) are sorted by loops, and whole.
    static constexpr bool unrolled = taps <= 49;
    static constexpr std::ptrdiff_t scratch_size = (taps + 1) * columns + (unrolled ? 0 : taps * lanes<T>);

    using column_values = std::array<T, static_cast<std::size_t>(columns)>;
    struct column_table {
        column_values even{};    ///< 1 where an even number of kernel columns lies inside the image
        column_values filled{};  ///< 1 where any does
    };
    static constexpr column_table table = [] {
        column_table t{};
        for (std::ptrdiff_t x = 0; x < columns; ++x) {
            std::ptrdiff_t inside = 0;
            for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                const std::ptrdiff_t ix = x * G.stride_width - G.pad_left + kx * G.dilation_width;
                inside += ix >= 0 && ix < G.in.width ? 1 : 0;
            }
            t.even[static_cast<std::size_t>(x)] = inside % 2 == 0 ? T(1) : T(0);
            t.filled[static_cast<std::size_t>(x)] = inside > 0 ? T(1) : T(0);
        }
        return t;
    }();

    /// `to`: tap after tap, its values in all columns; behind them what stands for the next absent tap of each column.
    static void gather(const T* in, std::ptrdiff_t y, kernel_rows k, T* to) noexcept {
        T* absent = to + taps * columns;
        std::fill_n(absent, columns, fovea::detail::infinity<T>);
        for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky) {
            for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx, to += columns) {
                std::ptrdiff_t begin = 0, end = 0;
                if (ky >= k.first && ky < k.last) {
                    const std::ptrdiff_t shift = kx * G.dilation_width - G.pad_left;
                    const T* row = in + (y * G.stride_height - G.pad_top + ky * G.dilation_height) * G.in.pitch;
                    begin = shift < 0 ? std::min(ceil_div(-shift, G.stride_width), G.out.width) : 0;
                    end = std::clamp(floor_div(G.in.width - 1 - shift, G.stride_width) + 1, begin, G.out.width);
                    for (std::ptrdiff_t x = begin; x < end; ++x) {
                        to[x] = row[x * G.stride_width + shift];
                    }
                }
                take_absent(absent, to, 0, begin);
                take_absent(absent, to, end, columns);
            }
        }
    }

    static void take_absent(T* absent, T* to, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        for (std::ptrdiff_t x = begin; x < end; ++x) {
            to[x] = absent[x];
            absent[x] = -absent[x];
        }
    }

    struct middle {
        batch<T> low;
        batch<T> high;
    };

    static middle sort(const T* gathered, [[maybe_unused]] T* values) noexcept {
        if constexpr (unrolled) {
            return [gathered]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
                batch<T> v[] = {load(gathered + static_cast<std::ptrdiff_t>(I) * columns)...};
                median_network<taps>::run(v);
                return middle{v[static_cast<std::size_t>(middle_low(taps))],
                              v[static_cast<std::size_t>(middle_high(taps))]};
            }
            (range<taps>{});
        } else {
            for (std::ptrdiff_t i = 0; i < taps; ++i) {
                store(values + i * lanes<T>, load(gathered + i * columns));
            }
            for_each_exchange(taps, [&](std::ptrdiff_t i, std::ptrdiff_t j) {
                const batch<T> a = load(values + i * lanes<T>);
                const batch<T> b = load(values + j * lanes<T>);
                store(values + i * lanes<T>, at_most(a, b));
                store(values + j * lanes<T>, at_least(a, b));
            });
            return {load(values + middle_low(taps) * lanes<T>), load(values + middle_high(taps) * lanes<T>)};
        }
    }

    /// take(column, lower, upper) for every vector of row y; 0 for windows without values.
    template <class Take>
    static void run(const T* in, std::ptrdiff_t y, T* scratch, Take take) noexcept {
        const kernel_rows k = kernel_rows_of<G>(y);
        gather(in, y, k, scratch);
        const batch<T> odd((k.last - k.first) % 2 == 0 ? T(-1) : T(0));
        const batch<T> empty(k.last > k.first ? T(0) : T(1));
        for (std::ptrdiff_t x = 0; x < columns; x += lanes<T>) {
            middle m = sort(scratch + x, scratch + (taps + 1) * columns);
            const auto even = load(table.even.data() + x) > odd;
            const auto filled = load(table.filled.data() + x) > empty;
            if constexpr (taps % 2 == 0) {
                m.high = simd::select(even, m.high, m.low);
            } else {
                m.low = simd::select(even, m.low, m.high);
            }
            take(x, simd::select(filled, m.low, batch<T>(T(0))), simd::select(filled, m.high, batch<T>(T(0))));
        }
    }
};

/// (a + b) / 2, where the sum may be too large for a number and where it may be too small to be halved first.
template <class T>
FOVEA_INLINE batch<T> mean_of(batch<T> a, batch<T> b) {
    const batch<T> half(T(0.5)), sum = a + b;
    return simd::select(simd::abs(sum) < batch<T>(std::numeric_limits<T>::infinity()), sum * half,
                         a * half + b * half);
}

/// The median of the taps inside the image; of an even number of them, the mean of the two in the middle. NaN if one of
/// them is.
template <class T, conv_geometry G>
struct median_pool_forward {
    using window = median_window<T, G>;
    static constexpr std::ptrdiff_t scratch_size = window::scratch_size;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                T* to = out + c * G.out.plane + y * G.out.pitch;
                window::run(in + c * G.in.plane, y, scratch, [to](std::ptrdiff_t x, batch<T> low, batch<T> high) {
                    store_in_row<T, G.out>(to + x, mean_of<T>(low, high), G.out.width - x);
                });
                zero_gap<T, G.out>(to);
            }
            spread_nan<T, G>(in + c * G.in.plane, out + c * G.out.plane, row_begin, row_end, G.in.height);
            if (row_end == G.out.height) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
