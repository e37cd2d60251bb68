// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run on maps narrower than a vector? With output channels in the lanes: packed weight vectors
// times broadcast input values, several columns of one output row at a time. Any stride reads the map as it is.
#pragma once

#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <class T, conv_geometry G, activation A, bool Add>
struct conv_along_channels {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group();
    static constexpr std::ptrdiff_t out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t channel_vectors = ceil_div(out_channels, lanes<T>);
    static constexpr auto taps = tap_rows_of<G>([](std::ptrdiff_t kx) { return kx * G.dilation_width; });

    /// Vectors of channels times columns, the columns held as short broadcasts.
    static constexpr tiling tiles = [] {
        tiling best;
        double best_cost = 1e30;
        const std::ptrdiff_t spare = fused_multiply_add ? 1 : 2;
        for (std::ptrdiff_t q = 1; q <= 4 && q <= channel_vectors; ++q) {
            std::ptrdiff_t columns = (vector_registers - spare - q) / q;
            columns = columns < 8 ? columns : 8;
            const cover xs = cover_with(G.out.width, columns);
            const cover qs = cover_with(channel_vectors, q);
            double cost = 0;
            for (std::ptrdiff_t i = 0; i < xs.count; ++i) {
                for (std::ptrdiff_t j = 0; j < qs.count; ++j) {
                    const auto a = static_cast<double>(xs.size_of(i));
                    const auto b = static_cast<double>(qs.size_of(j));
                    const double step = a * b > 10 ? a * b : 10;
                    const double loads = 1.25 * (a + b);
                    cost += step > loads ? step : loads;
                }
            }
            if (cost < best_cost * 0.999) {
                best_cost = cost;
                best = {1, xs.largest(), q};
            }
        }
        return best;
    }();
    static constexpr cover blocks = cover_with(channel_vectors, tiles.channels);
    static constexpr cover columns = cover_with(G.out.width, tiles.vectors);

    static constexpr std::ptrdiff_t group_weights = channel_vectors * lanes<T> * in_channels * G.tap_count();
    static constexpr std::ptrdiff_t packed_size = G.groups * group_weights;
    static constexpr std::ptrdiff_t scratch_size = 0;

    static constexpr weight_order order{G.groups, out_channels,      in_channels,    blocks,
                                        lanes<T>, taps.begin.data(), G.kernel_height};

    /// X columns by Q vectors of channels; acc[x * Q + q].
    template <std::ptrdiff_t X, std::ptrdiff_t Q>
    struct tile {
        using accumulators = vector[static_cast<std::size_t>(X * Q)];
        static constexpr bool unroll = taps.regular && taps.size(0) * X * Q <= 256;

        template <std::size_t... C>
        FOVEA_INLINE static void column(vector* acc, const vector* w, vector value, std::index_sequence<C...>) {
            ((acc[C] = fmadd(w[C], value, acc[C])), ...);
        }

        template <std::size_t... C, std::size_t... I>
        FOVEA_INLINE static void tap(accumulators& acc, const T* source, const T* weights, std::index_sequence<C...> qs,
                                     std::index_sequence<I...>) {
            const vector w[] = {load(weights + static_cast<std::ptrdiff_t>(C) * lanes<T>)...};
            (column(acc + I * sizeof...(C), w, vector(source[static_cast<std::ptrdiff_t>(I) * G.stride_width]), qs),
             ...);
        }

        template <std::size_t... K>
        FOVEA_INLINE static void all_taps(accumulators& acc, const T* source, const T* w, std::index_sequence<K...>) {
            (tap(acc, source + taps.tap(0, static_cast<std::ptrdiff_t>(K)),
                 w + static_cast<std::ptrdiff_t>(K) * Q * lanes<T>, range<Q>{}, range<X>{}),
             ...);
        }

        /// As the other kernels begin, so that all give the same bits.
        template <std::size_t... N>
        FOVEA_INLINE static void begin(accumulators& acc, const T* bias, [[maybe_unused]] const T* added,
                                       [[maybe_unused]] std::ptrdiff_t channels, std::index_sequence<N...>) {
            ((acc[N] = load(bias + static_cast<std::ptrdiff_t>(N) % Q * lanes<T>)), ...);
            if constexpr (Add) {
                alignas(64) T values[static_cast<std::size_t>(X * Q * lanes<T>)] = {};
                for (std::ptrdiff_t c = 0; c < channels; ++c) {
                    for (std::ptrdiff_t x = 0; x < X; ++x) {
                        values[x * Q * lanes<T> + c] = added[c * G.out.plane + x];
                    }
                }
                ((acc[N] += load(values + static_cast<std::ptrdiff_t>(N) * lanes<T>)), ...);
            }
        }

        template <std::size_t... N>
        FOVEA_INLINE static void end(const accumulators& acc, T* to, std::index_sequence<N...>) {
            (store(to + static_cast<std::ptrdiff_t>(N) * lanes<T>, acc[N]), ...);
        }

        /// source: kernel row k.first, column 0 of the tile's first output. bias: Q vectors.
        /// added, out: `channels` planes.
        [[gnu::noinline]] static void run(const T* source, const T* weights, kernel_rows k, const T* bias,
                                          const T* added, T* out, std::ptrdiff_t channels) noexcept {
            accumulators acc;
            begin(acc, bias, added, channels, range<X * Q>{});
            for (std::ptrdiff_t ky = k.first; ky < k.last; ++ky, source += G.dilation_height * G.in.pitch) {
                const T* from = source;
                const std::ptrdiff_t size = taps.size(ky);
                for (std::ptrdiff_t i = 0; i < in_channels; ++i, from += G.in.plane, weights += size * Q * lanes<T>) {
                    if constexpr (unroll) {
                        all_taps(acc, from, weights, range<taps.size(0)>{});
                    } else {
                        for (std::ptrdiff_t t = 0; t < size; ++t) {
                            tap(acc, from + taps.tap(ky, t), weights + t * Q * lanes<T>, range<Q>{}, range<X>{});
                        }
                    }
                }
            }
            alignas(64) T values[static_cast<std::size_t>(X * Q * lanes<T>)];
            end(acc, values, range<X * Q>{});
            for (std::ptrdiff_t c = 0; c < channels; ++c) {
                for (std::ptrdiff_t x = 0; x < X; ++x) {
                    out[c * G.out.plane + x] = values[x * Q * lanes<T> + c];
                }
            }
        }
    };

    template <std::ptrdiff_t Q>
    static void block(const T* in, const T* weights, const T* bias, const T* slope, const T* added, T* out,
                      std::ptrdiff_t channels, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        alignas(64) T padded_bias[static_cast<std::size_t>(Q * lanes<T>)] = {};
        for (std::ptrdiff_t c = 0; c < channels && bias != nullptr; ++c) {
            padded_bias[c] = bias[c];
        }
        for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
            const kernel_rows k = kernel_rows_of<G>(y);
            const T* source =
                in + (y * G.stride_height - G.pad_top + k.first * G.dilation_height) * G.in.pitch - G.pad_left;
            const T* w = weights + taps.begin[static_cast<std::size_t>(k.first)] * in_channels * Q * lanes<T>;
            const T* other = added + y * G.out.pitch;
            T* row = out + y * G.out.pitch;
            each_block<columns>([&]<std::ptrdiff_t X>(constant<X>, std::ptrdiff_t x) {
                tile<X, Q>::run(source + x * G.stride_width, w, k, padded_bias, other + x, row + x, channels);
            });
            for (std::ptrdiff_t c = 0; c < channels; ++c) {
                activate_row<A>(row + c * G.out.plane, G.out.width, slope_of<A>(slope, c));
                zero_gap<T, G.out>(row + c * G.out.plane);
            }
        }
    }

    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T*, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end, const T* added = nullptr) noexcept {
        added = added != nullptr ? added : out;
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            const T* source = in + g * in_channels * G.in.plane;
            const T* weights = packed + g * group_weights;
            each_block<blocks>([&]<std::ptrdiff_t Q>(constant<Q>, std::ptrdiff_t first) {
                constexpr std::ptrdiff_t size = Q * lanes<T>;
                const std::ptrdiff_t o = first * lanes<T>;
                const std::ptrdiff_t c = g * out_channels + o;
                block<Q>(source, weights, bias != nullptr ? bias + c : nullptr, slopes_from<A>(slope, c),
                         added + c * G.out.plane, out + c * G.out.plane,
                         size < out_channels - o ? size : out_channels - o, row_begin, row_end);
                weights += size * (in_channels * taps.begin[static_cast<std::size_t>(G.kernel_height)]);
            });
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
