// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a convolution's weights? Products of the output's gradient with the shifted input, summed
// over positions: output channels times taps of one kernel row stay in registers while the rows of one image go by.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/conv_patterns.hpp>
#include <fovea/train/kernels/conv_window_gradient.hpp>
#include <fovea/train/kernels/elementwise_backward.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// How the weights are cut into tiles: output channels x (input channels x taps of a kernel row), and how many rows are
/// summed side by side where there are too few of them to hide the latency of an FMA.
struct weight_tiling {
    std::ptrdiff_t out_channels = 1;
    std::ptrdiff_t in_channels = 1;
    std::ptrdiff_t taps = 1;
    std::ptrdiff_t rows = 1;
};

constexpr weight_tiling choose_weight_tiling(std::ptrdiff_t out_channels, std::ptrdiff_t in_channels,
                                             std::ptrdiff_t taps) {
    weight_tiling best;
    double best_cost = 1e30;
    const std::ptrdiff_t spare = fused_multiply_add ? 1 : 2;
    for (std::ptrdiff_t k = 1; k <= taps; ++k) {
        for (std::ptrdiff_t i = 1; i <= in_channels && (i == 1 || k == taps) && i * k <= 8; ++i) {
            for (std::ptrdiff_t o = 1; o <= out_channels && o <= 10; ++o) {
                const std::ptrdiff_t columns = i * k;
                const std::ptrdiff_t held = o < columns ? o : columns;
                if (o * columns + held + spare > vector_registers || (columns > 1 && in_channels % i != 0)) {
                    continue;
                }
                const cover os = cover_with(out_channels, o);
                const cover ks = cover_with(taps, k);
                double cost = 0;
                for (std::ptrdiff_t a = 0; a < os.count; ++a) {
                    for (std::ptrdiff_t b = 0; b < ks.count; ++b) {
                        const auto rows = static_cast<double>(os.size_of(a));
                        const auto cols = static_cast<double>(ks.size_of(b) * i);
                        const double loads = 1.25 * (rows + 1.7 * cols);
                        cost += (rows * cols > loads ? rows * cols : loads) + 0.5;
                    }
                }
                cost *= static_cast<double>(ceil_div(in_channels, i));
                if (cost < best_cost * 0.999) {
                    best_cost = cost;
                    best = {os.largest(), i, ks.largest(), 1};
                }
            }
        }
    }
    const std::ptrdiff_t chains = best.out_channels * best.in_channels * best.taps;
    while (best.rows < 4 && chains * best.rows < 8 && 2 * chains * best.rows + 6 <= vector_registers) {
        best.rows *= 2;
    }
    return best;
}

/// One whole trimmed window; see conv_backward_weights.
template <class T, conv_geometry G, std::ptrdiff_t WeightsAChannel>
struct weight_gradient {
    using vector = batch<T>;
    using phases = column_phases<T, G>;
    static constexpr bool strided = G.stride_width > 1;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group();
    static constexpr std::ptrdiff_t out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t row_vectors = ceil_div(G.out.width, lanes<T>);
    static constexpr auto taps = tap_rows_of<G>(
        [](std::ptrdiff_t kx) { return strided ? phases::offset(kx) : kx * G.dilation_width - G.pad_left; });

    /// Tiles of the kernel rows that are like Row.
    template <std::ptrdiff_t Row>
    static constexpr weight_tiling tiles = choose_weight_tiling(out_channels, in_channels, taps.size(Row));

    /// Output rows that are summed before the next tile of weights: the gradients of a tile's channels (half of the
    /// nearest cache, 16 KB) and the input rows under them stay there, and a float adds up 64 products at most. Each
    /// band costs one horizontal sum a weight.
    static constexpr std::ptrdiff_t band_rows = [] {
        const std::ptrdiff_t channels = []<std::size_t... Kind>(std::index_sequence<Kind...>) {
            std::ptrdiff_t most = 0;
            ((most = tiles<taps.sample[Kind]>.out_channels > most ? tiles<taps.sample[Kind]>.out_channels : most), ...);
            return most;
        }
        (range<taps.kinds>{});
        const std::ptrdiff_t row = channels * row_vectors * lanes<T> * static_cast<std::ptrdiff_t>(sizeof(T));
        const std::ptrdiff_t fit = std::min(this_machine.l1 / 2 / row, 64 / row_vectors);
        const std::ptrdiff_t least = ceil_div(32, row_vectors);
        const std::ptrdiff_t rows = fit > least ? fit : least;
        return rows < G.out.height ? ceil_div(G.out.height, ceil_div(G.out.height, rows)) : G.out.height;
    }();
    static constexpr std::ptrdiff_t copied_rows = [] {
        const std::ptrdiff_t rows = (band_rows - 1) * G.stride_height + (G.kernel_height - 1) * G.dilation_height + 1;
        return rows < G.in.height ? rows : G.in.height;
    }();
    static constexpr std::ptrdiff_t source_pitch = strided ? phases::row_size : G.in.pitch;
    static constexpr std::ptrdiff_t channel_step = strided ? copied_rows * phases::row_size : G.in.plane;
    static constexpr std::ptrdiff_t rows_size = strided ? G.in.channels * channel_step : 0;

    /// A run is a band, or 64 vectors of a longer row.
    static constexpr std::ptrdiff_t run_vectors = row_vectors < 64 ? row_vectors : 64;
    static constexpr std::ptrdiff_t runs = ceil_div(G.out.height, band_rows) * ceil_div(row_vectors, run_vectors);
    using own_sums = sums_of_runs<T, G, WeightsAChannel, runs>;
    static constexpr std::ptrdiff_t scratch_size = rows_size + own_sums::size;

    /// O output channels x (I input channels x K taps of Row from K0 on) x U rows; acc[(u * O + o) * I * K + i * K +
    /// k].
    template <std::ptrdiff_t Row, std::ptrdiff_t O, std::ptrdiff_t I, std::ptrdiff_t K0, std::ptrdiff_t K,
              std::ptrdiff_t U>
    struct tile {
        static constexpr std::ptrdiff_t columns = I * K;
        static constexpr std::ptrdiff_t count = O * columns;
        using accumulators = vector[static_cast<std::size_t>(U * count)];

        template <std::size_t... N>
        FOVEA_INLINE static void multiply(vector* acc, const vector* v, vector w, std::index_sequence<N...>) {
            ((acc[N] = fmadd(v[N], w, acc[N])), ...);
        }
        template <std::size_t... N>
        FOVEA_INLINE static void multiply_down(vector* acc, const vector* v, vector w, std::index_sequence<N...>) {
            ((acc[N * static_cast<std::size_t>(columns)] = fmadd(v[N], w, acc[N * static_cast<std::size_t>(columns)])),
             ...);
        }
        static constexpr std::ptrdiff_t source_offset(std::size_t c) {
            return static_cast<std::ptrdiff_t>(c) / K * channel_step +
                   taps.tap(Row, K0 + static_cast<std::ptrdiff_t>(c) % K) - taps.tap(Row, 0);
        }

        /// One vector of positions. The smaller set of operands is held, the larger one streamed.
        template <std::size_t... C, std::size_t... N>
        FOVEA_INLINE static void step(vector* acc, const T* source, const T* gradient, std::index_sequence<C...> cs,
                                      std::index_sequence<N...> os) {
            if constexpr (sizeof...(C) <= sizeof...(N)) {
                const vector v[] = {load_pinned(source + source_offset(C))...};
                (multiply(acc + N * sizeof...(C), v,
                          load_pinned(gradient + static_cast<std::ptrdiff_t>(N) * G.out.plane), cs),
                 ...);
            } else {
                const vector v[] = {load_pinned(gradient + static_cast<std::ptrdiff_t>(N) * G.out.plane)...};
                (multiply_down(acc + C, v, load_pinned(source + source_offset(C)), os), ...);
            }
        }

        template <std::size_t... R>
        FOVEA_INLINE static void rows(vector* acc, const T* source, const T* gradient, std::ptrdiff_t vectors,
                                      std::index_sequence<R...>) {
            FOVEA_NO_UNROLL
            for (std::ptrdiff_t x = 0; x < vectors * lanes<T>; x += lanes<T>) {
                (step(acc + R * static_cast<std::size_t>(count),
                      source + static_cast<std::ptrdiff_t>(R) * G.stride_height * source_pitch + x,
                      gradient + static_cast<std::ptrdiff_t>(R) * G.out.pitch + x, range<columns>{}, range<O>{}),
                 ...);
            }
        }

        template <std::size_t... N>
        FOVEA_INLINE static void fold(accumulators& acc, std::index_sequence<N...>) {
            ((acc[N % static_cast<std::size_t>(count)] += acc[N + static_cast<std::size_t>(count)]), ...);
        }

        template <std::size_t... N>
        FOVEA_INLINE static void clear(accumulators& acc, std::index_sequence<N...>) {
            ((acc[N] = vector(T(0))), ...);
        }

        /// gradient: channel and first row of dout; source: channel, first row of the input; height rows, `vectors` of
        /// each.
        [[gnu::noinline]] static void run(const T* source, const T* gradient, std::ptrdiff_t height,
                                          std::ptrdiff_t vectors, T* dweights) noexcept {
            if constexpr (run_vectors == row_vectors) {
                vectors = row_vectors;
            }
            accumulators acc;
            clear(acc, range<U * count>{});
            std::ptrdiff_t y = 0;
            FOVEA_NO_UNROLL
            for (; y + U <= height; y += U) {
                rows(acc, source, gradient, vectors, range<U>{});
                source += U * G.stride_height * source_pitch;
                gradient += U * G.out.pitch;
            }
            if constexpr (U > 1) {
                for (; y < height; ++y) {
                    rows(acc, source, gradient, vectors, range<1>{});
                    source += G.stride_height * source_pitch;
                    gradient += G.out.pitch;
                }
                fold(acc, range<(U - 1) * count>{});
            }
            alignas(64) T sums[static_cast<std::size_t>(round_up(count, std::max<std::ptrdiff_t>(4, lanes<T>)))];
            reduce_add_each<static_cast<std::size_t>(count)>(acc, sums);
            constexpr std::ptrdiff_t window = G.tap_count();
            for (std::ptrdiff_t o = 0; o < O; ++o) {
                for (std::ptrdiff_t i = 0; i < I; ++i) {
                    for (std::ptrdiff_t k = 0; k < K; ++k) {
                        dweights[o * WeightsAChannel + i * window + k] += sums[o * columns + i * K + k];
                    }
                }
            }
        }
    };

    template <std::ptrdiff_t Row>
    static constexpr cover columns = cover_with(taps.size(Row), tiles<Row>.taps);

    /// All taps of one kernel row for O output channels.
    template <std::ptrdiff_t Row, std::ptrdiff_t O, std::size_t... B>
    static void kernel_row(const T* source, const T* gradient, std::ptrdiff_t height, std::ptrdiff_t vectors,
                           T* dweights, std::index_sequence<B...>) noexcept {
        constexpr weight_tiling t = tiles<Row>;
        constexpr cover ks = columns<Row>;
        constexpr std::ptrdiff_t window = G.tap_count();
        for (std::ptrdiff_t i = 0; i + t.in_channels <= in_channels; i += t.in_channels) {
            (tile<Row, O, t.in_channels, ks.first(static_cast<std::ptrdiff_t>(B)),
                  ks.size_of(static_cast<std::ptrdiff_t>(B)), t.rows>::run(source + i * channel_step, gradient, height,
                                                                           vectors,
                                                                           dweights + i * window +
                                                                               ks.first(
                                                                                   static_cast<std::ptrdiff_t>(B))),
             ...);
        }
        static_assert(in_channels % t.in_channels == 0);
    }

    /// Output rows [row_begin, row_end) for O output channels and all kernel rows like Row; source row 0 is input row
    /// `source_row`.
    template <std::ptrdiff_t Row, std::ptrdiff_t O>
    static void block(const T* source, std::ptrdiff_t source_row, const T* dout, T* dweights, std::ptrdiff_t row_begin,
                      std::ptrdiff_t row_end, std::ptrdiff_t vectors) noexcept {
        for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky) {
            if (taps.kind[static_cast<std::size_t>(ky)] != taps.kind[static_cast<std::size_t>(Row)]) {
                continue;
            }
            const std::ptrdiff_t shift = ky * G.dilation_height - G.pad_top;
            std::ptrdiff_t first = shift >= 0 ? 0 : ceil_div(-shift, G.stride_height);
            std::ptrdiff_t last = floor_div(G.in.height - 1 - shift, G.stride_height) + 1;
            first = first < row_begin ? row_begin : first;
            last = last > row_end ? row_end : last;
            if (first < last) {
                kernel_row<Row, O>(source + (first * G.stride_height + shift - source_row) * source_pitch +
                                       taps.tap(ky, 0),
                                   dout + first * G.out.pitch, last - first, vectors,
                                   dweights + taps.begin[static_cast<std::size_t>(ky)], range<columns<Row>.count>{});
            }
        }
    }

    template <std::ptrdiff_t Row>
    static void kernel_rows_like(const T* source, std::ptrdiff_t source_row, const T* dout, T* dweights,
                                 std::ptrdiff_t row_begin, std::ptrdiff_t row_end, std::ptrdiff_t vectors) noexcept {
        constexpr cover outs = cover_with(out_channels, tiles<Row>.out_channels);
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            const T* from = source + g * in_channels * channel_step;
            each_block<outs>([&]<std::ptrdiff_t O>(constant<O>, std::ptrdiff_t first) {
                const std::ptrdiff_t o = g * out_channels + first;
                block<Row, O>(from, source_row, dout + o * G.out.plane, dweights + o * WeightsAChannel, row_begin,
                              row_end, vectors);
            });
        }
    }

    static void band(const T* source, std::ptrdiff_t source_row, const T* dout, T* sums, std::ptrdiff_t row_begin,
                     std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t x = 0; x < row_vectors; x += run_vectors) {
            for_each_index<taps.kinds>([&]<std::ptrdiff_t Kind>(constant<Kind>) {
                kernel_rows_like<taps.sample[static_cast<std::size_t>(Kind)]>(source + x * lanes<T>, source_row,
                                                                              dout + x * lanes<T>, sums, row_begin,
                                                                              row_end,
                                                                              std::min(run_vectors, row_vectors - x));
            });
            own_sums::end_run(sums, row_begin / band_rows * ceil_div(row_vectors, run_vectors) + x / run_vectors);
        }
    }

    static void run(const T* in, const T* dout, T* dweights, [[maybe_unused]] T* scratch) noexcept {
        T* sums = own_sums::begin(dweights, scratch + rows_size);
        for (std::ptrdiff_t y = 0; y < G.out.height; y += band_rows) {
            const std::ptrdiff_t end = y + band_rows < G.out.height ? y + band_rows : G.out.height;
            if constexpr (strided) {
                std::ptrdiff_t first = y * G.stride_height - G.pad_top;
                std::ptrdiff_t last =
                    (end - 1) * G.stride_height - G.pad_top + (G.kernel_height - 1) * G.dilation_height + 1;
                first = first < 0 ? 0 : first;
                last = last > G.in.height ? G.in.height : last;
                phases::split(in, first, last, scratch, channel_step);
                band(scratch, first, dout, sums, y, end);
            } else {
                band(in, 0, dout, sums, y, end);
            }
        }
        own_sums::finish(sums, dweights);
    }
};

/// The cheaper way: positions along the lanes, or weights on small maps.
template <class T, conv_geometry G, std::ptrdiff_t WeightsAChannel>
constexpr auto cheaper_weight_gradient() {
    if constexpr (windows_pay<T>(G)) {
        return window_weight_gradient<T, G, WeightsAChannel>{};
    } else {
        return weight_gradient<T, G, WeightsAChannel>{};
    }
}

/// dweights += , dbias += for one image. The gap of dout is zero, its own and that of the input finite. Weights lie as
/// those of the forward kernel.
template <class T, conv_geometry G>
struct conv_backward_weights {
    using weights = decltype(cheaper_weight_gradient<T, trimmed(G), G.in_per_group() * G.tap_count()>());
    static constexpr std::ptrdiff_t scratch_size = weights::scratch_size;

    /// dbias may be nullptr.
    static void run(const T* in, const T* dout, T* dweights, T* dbias, T* scratch) noexcept {
        weights::run(in, dout, dweights, scratch);
        if (dbias != nullptr) {
            channel_sums<T, G.out>::run(dout, dbias);
        }
    }
};

template <class T, conv_geometry G, auto Patterns>
struct dealt_conv_backward_weights {
    using pieces = pattern_pieces<G, Patterns>;
    template <std::ptrdiff_t Piece>
    using gradient =
        decltype(cheaper_weight_gradient<T, trimmed(pieces::geometry(Piece)), pieces::weights_a_channel>());

    static constexpr std::ptrdiff_t scratch_size =
        pieces::most([]<std::ptrdiff_t Piece> { return gradient<Piece>::scratch_size; });

    static void run(const T* in, const T* dout, T* dweights, T* dbias, T* scratch) noexcept {
        pieces::each([&]<std::ptrdiff_t Piece>(std::ptrdiff_t group, std::ptrdiff_t channel) {
            gradient<Piece>::run(in + group * G.in_per_group() * G.in.plane, dout + channel * G.out.plane,
                                 dweights + pieces::weights_before(channel), scratch);
        });
        if (dbias != nullptr) {
            channel_sums<T, G.out>::run(dout, dbias);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
