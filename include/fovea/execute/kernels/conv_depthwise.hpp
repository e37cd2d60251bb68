// SPDX-License-Identifier: BSD-3-Clause
// How does a depthwise convolution run? Each loaded vector serves every output row that a kernel row brings onto it.
#pragma once

#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// One input and one output channel a group, stride 1. A tile is R output rows `dilation_height` apart by P vectors, so
/// that its rows share their input rows: R + KH - 1 of them instead of R * KH. With AVX-512, 8 x 2: 16 chains of sums,
/// 2.5 loads a vector of outputs; a channel in the first-level cache runs at 0.67 of the multiply-add peak.
template <class T, conv_geometry G, activation A, bool Add>
struct conv_depthwise {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t row_vectors = ceil_div(G.out.width, lanes<T>);
    static constexpr std::ptrdiff_t taps = G.kernel_width;
    static constexpr std::ptrdiff_t step = G.dilation_height;
    static constexpr std::ptrdiff_t tile_rows = vector_registers >= 32 ? 8 : 2;
    static constexpr cover columns = cover_with(row_vectors, 2);

    static constexpr std::ptrdiff_t window = G.tap_count();

    static constexpr bool has_tap(std::ptrdiff_t ky, std::ptrdiff_t kx) {
        return ky >= 0 && ky < G.kernel_height && G.has_tap(ky, kx);
    }
    /// Number of a tap among those present.
    template <std::ptrdiff_t KY, std::ptrdiff_t KX>
    static constexpr auto tap_number = G.taps.count(static_cast<std::size_t>(KY * taps + KX));

    static constexpr std::ptrdiff_t packed_size = G.weight_count();
    static constexpr std::ptrdiff_t scratch_size = 0;

    static constexpr std::ptrdiff_t all_taps[] = {0, window};
    static constexpr weight_order order{G.groups, 1, 1, {1, 1, 0}, 1, all_taps, 1};

    template <std::ptrdiff_t R, std::ptrdiff_t P>
    struct tile {
        using accumulators = vector[static_cast<std::size_t>(R * P)];

        template <std::size_t... V>
        FOVEA_INLINE static void multiply(vector* acc, const vector* v, vector w, std::index_sequence<V...>) {
            ((acc[V] = fmadd(v[V], w, acc[V])), ...);
        }

        /// All weights of the channel, in registers if they fit: GCC would broadcast them again for every use.
        static constexpr bool hold_weights = window + (R + 1) * P + 1 <= vector_registers;
        struct weights {
            vector held[static_cast<std::size_t>(hold_weights ? window : 1)];
            const T* all;

            FOVEA_INLINE vector operator[](std::size_t i) const {
                if constexpr (hold_weights) {
                    return held[i];
                } else {
                    return vector(all[i]);
                }
            }
        };
        template <std::size_t... I>
        FOVEA_INLINE static weights hold(const T* w, std::index_sequence<I...>) {
            if constexpr (hold_weights) {
                return {{broadcast_pinned(w + I)...}, w};
            } else {
                return {{vector(T(0))}, w};
            }
        }
        FOVEA_INLINE static vector broadcast_pinned(const T* p) {
            vector v(*p);
            pin(v);
            return v;
        }

        /// Input row J of the tile meets output row N with kernel row J - N.
        template <std::ptrdiff_t J, std::size_t K, std::size_t... V, std::size_t... N>
        FOVEA_INLINE static void tap(accumulators& acc, const T* source, const weights& w, std::index_sequence<V...> vs,
                                     std::index_sequence<N...>) {
            constexpr auto kx = static_cast<std::ptrdiff_t>(K);
            if constexpr ((has_tap(J - static_cast<std::ptrdiff_t>(N), kx) || ...)) {
                const vector v[] = {
                    load_pinned(source + kx * G.dilation_width + static_cast<std::ptrdiff_t>(V) * lanes<T>)...};
                (
                    [&]() __attribute__((always_inline)) {
                        constexpr std::ptrdiff_t ky = J - static_cast<std::ptrdiff_t>(N);
                        if constexpr (has_tap(ky, kx)) {
                            multiply(acc + N * sizeof...(V), v, w[tap_number<ky, kx>], vs);
                        }
                    }(),
                    ...);
            }
        }

        template <std::ptrdiff_t J, std::size_t... K>
        FOVEA_INLINE static void row(accumulators& acc, const T* source, const weights& w, std::index_sequence<K...>) {
            (tap<J, K>(acc, source, w, range<P>{}, range<R>{}), ...);
        }

        /// top: input row of output row 0 and kernel row 0, perhaps outside; source: where that row would be.
        template <std::size_t... J>
        FOVEA_INLINE static void rows(accumulators& acc, const T* source, std::ptrdiff_t top, const weights& w,
                                      std::index_sequence<J...>) {
            (
                [&]() __attribute__((always_inline)) {
                    constexpr auto j = static_cast<std::ptrdiff_t>(J);
                    const std::ptrdiff_t y = top + j * step;
                    if (y >= 0 && y < G.in.height) {
                        row<j>(acc, source + j * step * G.in.pitch, w, range<taps>{});
                    }
                }(),
                ...);
        }

        template <std::size_t... N>
        FOVEA_INLINE static void start(accumulators& acc, T bias, [[maybe_unused]] const T* added,
                                       std::index_sequence<N...>) {
            ((acc[N] = vector(bias)), ...);
            if constexpr (Add) {
                ((acc[N] += load(added + static_cast<std::ptrdiff_t>(N) / P * step * G.out.pitch +
                                 static_cast<std::ptrdiff_t>(N) % P * lanes<T>)),
                 ...);
            }
        }

        [[gnu::noinline]] static void run(const T* source, std::ptrdiff_t top, const T* w, T bias,
                                          slope_type<A, T> slope, const T* added, T* out,
                                          std::ptrdiff_t left) noexcept {
            accumulators acc;
            start(acc, bias, added, range<R * P>{});
            const weights held = hold(w, range<window>{});
            rows(acc, source, top, held, range<R + G.kernel_height - 1>{});
            finish(acc, slope, out, left, range<R * P>{});
        }

        template <std::size_t... N>
        FOVEA_INLINE static void finish(const accumulators& acc, slope_type<A, T> slope, T* out, std::ptrdiff_t left,
                                        std::index_sequence<N...>) {
            constexpr activation now = is_cheap<A> ? A : activation::none;
            const auto one = [&](std::size_t n) __attribute__((always_inline)) {
                const auto r = static_cast<std::ptrdiff_t>(n) / P;
                const auto p = static_cast<std::ptrdiff_t>(n) % P;
                vector y = activate<now>(acc[n], slope);
                if constexpr (G.out.width % lanes<T> != 0) {
                    if (p == P - 1) {
                        y = keep_first(y, left - p * lanes<T>);
                    }
                }
                store(out + r * step * G.out.pitch + p * lanes<T>, y);
            };
            (one(N), ...);
        }
    };

    /// R rows from y on, `step` apart.
    template <std::ptrdiff_t R>
    static void row(const T* in, const T* w, T bias, slope_type<A, T> slope, const T* added, T* out,
                    std::ptrdiff_t y) noexcept {
        const std::ptrdiff_t top = y - G.pad_top;
        const T* source = in + top * G.in.pitch - G.pad_left;
        added += y * G.out.pitch;
        T* to = out + y * G.out.pitch;
        each_block<columns>([&]<std::ptrdiff_t P>(constant<P>, std::ptrdiff_t first) {
            const std::ptrdiff_t x = first * lanes<T>;
            tile<R, P>::run(source + x, top, w, bias, slope, added + x, to + x, G.out.width - x);
        });
        for (std::ptrdiff_t r = 0; r < R; ++r) {
            if constexpr (!is_cheap<A>) {
                activate_row<A>(to + r * step * G.out.pitch, G.out.width, slope);
            }
            zero_gap<T, G.out>(to + r * step * G.out.pitch);
        }
    }

    /// Rows [y, row_end) in tiles of R rows, `step` apart; what is left in smaller ones.
    template <std::ptrdiff_t R>
    static void rows(const T* in, const T* w, T bias, slope_type<A, T> slope, const T* added, T* out, std::ptrdiff_t y,
                     std::ptrdiff_t row_end) noexcept {
        for (; y + R * step <= row_end; y += R * step) {
            for (std::ptrdiff_t r = 0; r < step; ++r) {
                row<R>(in, w, bias, slope, added, out, y + r);
            }
        }
        if constexpr (R > 1) {
            rows<(R > 2 ? 2 : 1)>(in, w, bias, slope, added, out, y, row_end);
        } else {
            for (; y < row_end; ++y) {
                row<1>(in, w, bias, slope, added, out, y);
            }
        }
    }

    /// Rows of channel c alone; in, added and out point at its own first values.
    static void channel(std::ptrdiff_t c, const T* in, const T* packed, const T* bias, const T* slope, const T* added,
                        T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        rows<tile_rows>(in, packed + c * window, bias != nullptr ? bias[c] : T(0), slope_of<A>(slope, c), added, out,
                        row_begin, row_end);
    }

    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T*, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end, const T* added = nullptr) noexcept {
        added = added != nullptr ? added : out;
        for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
            channel(c, in + c * G.in.plane, packed, bias, slope, added + c * G.out.plane, out + c * G.out.plane,
                    row_begin, row_end);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
