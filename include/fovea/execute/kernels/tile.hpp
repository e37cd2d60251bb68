// SPDX-License-Identifier: BSD-3-Clause
// How are the products of a convolution made? A register tile: vectors along x times output channels, fed by shifted
// loads of the input and broadcast weights. No im2col, no edge code, no lanes lost to odd channel counts.
#pragma once

#include <array>

#include <fovea/execute/kernels/activate.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// `total` things in `count` blocks of two adjacent sizes: the first `larger` blocks have size + 1, the others size.
struct cover {
    std::ptrdiff_t count = 0;
    std::ptrdiff_t size = 0;
    std::ptrdiff_t larger = 0;

    constexpr std::ptrdiff_t largest() const { return size + (larger > 0 ? 1 : 0); }
    /// Where block b begins.
    constexpr std::ptrdiff_t first(std::ptrdiff_t b) const { return b * size + (b < larger ? b : larger); }
};

constexpr cover cover_with(std::ptrdiff_t total, std::ptrdiff_t largest) {
    const std::ptrdiff_t count = ceil_div(total, largest);
    return {count, total / count, total % count};
}

/// How a layer is cut into tiles: `rows` x `vectors` of x for each block of output channels.
struct tiling {
    std::ptrdiff_t rows = 1;
    std::ptrdiff_t vectors = 1;
    std::ptrdiff_t channels = 1;
};

/// Picks the tile for rows of `row_vectors` vectors and `channels` output channels. The model counts half cycles of a
/// core with two FMA units and two load ports: an unaligned vector costs 1.7 loads, a broadcast one, and ten
/// independent chains are needed to hide the latency.
constexpr tiling choose_tiling(std::ptrdiff_t row_vectors, std::ptrdiff_t channels) {
    const std::ptrdiff_t spare = fused_multiply_add ? 1 : 2;  // the broadcast, and the product
    tiling best;
    double best_cost = 1e30;
    for (std::ptrdiff_t p = 1; p <= 6; ++p) {
        const std::ptrdiff_t most = (tile_registers - spare - p) / p;
        if (most < 1 || (row_vectors > 1 && p > row_vectors)) {
            continue;
        }
        const cover oc = cover_with(channels, most < 12 ? most : 12);
        const cover xs = cover_with(row_vectors > 1 ? row_vectors : p, p);
        double cost = 0;
        for (std::ptrdiff_t i = 0; i < xs.count; ++i) {
            for (std::ptrdiff_t j = 0; j < oc.count; ++j) {
                const auto a = static_cast<double>(xs.size + (i < xs.larger ? 1 : 0));
                const auto b = static_cast<double>(oc.size + (j < oc.larger ? 1 : 0));
                const double step = a * b > 10 ? a * b : 10;
                const double loads = 1.25 * (1.7 * a + b);
                cost += 0.3 + (step > loads ? step : loads);
            }
        }
        cost /= row_vectors > 1 ? 1.0 : static_cast<double>(p) * 0.97;  // rows of a tile: some border rows go alone
        if (cost < best_cost * 0.999) {
            best_cost = cost;
            best = row_vectors > 1 ? tiling{1, xs.largest(), oc.largest()} : tiling{p, 1, oc.largest()};
        }
    }
    return best;
}

/// The taps of all kernel rows, as offsets from the output's own column: row r has offset[begin[r]] and those before
/// offset[begin[r + 1]]. Rows that differ by a shift only are of one kind and share code.
template <std::size_t Rows, std::size_t Taps>
struct tap_rows {
    std::array<std::ptrdiff_t, Rows + 1> begin{};
    std::array<std::ptrdiff_t, Taps> offset{};
    std::array<std::ptrdiff_t, Rows> kind{};    ///< -1: no tap in this row
    std::array<std::ptrdiff_t, Rows> sample{};  ///< a row of each kind
    std::ptrdiff_t kinds = 0;
    bool regular = true;  ///< all rows have the same taps

    constexpr std::ptrdiff_t size(std::ptrdiff_t r) const {
        return begin[static_cast<std::size_t>(r) + 1] - begin[static_cast<std::size_t>(r)];
    }
    constexpr std::ptrdiff_t tap(std::ptrdiff_t r, std::ptrdiff_t k) const {
        return offset[static_cast<std::size_t>(begin[static_cast<std::size_t>(r)] + k)];
    }
    /// Taps of a row of each kind, in all.
    constexpr std::ptrdiff_t distinct() const {
        std::ptrdiff_t n = 0;
        for (std::ptrdiff_t k = 0; k < kinds; ++k) {
            n += size(sample[static_cast<std::size_t>(k)]);
        }
        return n;
    }

    /// begin and offset -> the others
    constexpr void find_kinds() {
        for (std::size_t r = 0; r < Rows; ++r) {
            const auto row = static_cast<std::ptrdiff_t>(r);
            kind[r] = -1;
            for (std::ptrdiff_t k = 0; k < kinds && size(row) > 0 && kind[r] < 0; ++k) {
                const std::ptrdiff_t other = sample[static_cast<std::size_t>(k)];
                bool same = size(other) == size(row);
                for (std::ptrdiff_t t = 1; same && t < size(row); ++t) {
                    same = tap(row, t) - tap(row, 0) == tap(other, t) - tap(other, 0);
                }
                kind[r] = same ? k : -1;
            }
            if (kind[r] < 0 && size(row) > 0) {
                sample[static_cast<std::size_t>(kinds)] = row;
                kind[r] = kinds++;
            }
            regular = regular && kind[r] == 0 && tap(row, 0) == tap(0, 0);
        }
    }
};

/// A `View` says where the operands of one row of outputs lie, all as constants:
///   channels      input channels to sum over           channel_step  elements from one to the next
///   taps          tap_rows of the kernel
///   row_step      source elements between two rows of a tile
///   out_plane, out_pitch, out_width                     of the destination
///   adds          sums are added to what the destination holds, instead of a bias
/// `rows` kernel rows from `first` on are summed, each `step` after the last, in the source `source_step` elements.
template <class T>
struct tile_operands {
    const T* source;   ///< channel 0, first kernel row, x of the tile
    const T* weights;  ///< [kernel row][channel][tap][output channel of the block]
    std::ptrdiff_t source_step;
    std::ptrdiff_t first;
    std::ptrdiff_t step;
    std::ptrdiff_t rows;
};

template <class T, class View, std::ptrdiff_t R, std::ptrdiff_t P, std::ptrdiff_t O>
struct tile {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t vectors = R * P;
    /// A kernel row of each kind; all rows at once overflow the µop cache.
    static constexpr bool unroll = View::taps.distinct() * vectors * O <= 256;

    /// acc[o * vectors + v]
    using accumulators = vector[static_cast<std::size_t>(vectors * O)];

    template <std::size_t... I>
    FOVEA_INLINE static void multiply(accumulators& acc, const vector* v, vector w, std::size_t first,
                                      std::index_sequence<I...>) {
        ((acc[first + I] = fmadd(v[I], w, acc[first + I])), ...);
    }

    template <std::size_t... V, std::size_t... C>
    FOVEA_INLINE static void tap(accumulators& acc, const T* source, const T* w, std::index_sequence<V...> vs,
                                 std::index_sequence<C...>) {
        keep_loads_behind();
        const vector v[] = {load_pinned(source + static_cast<std::ptrdiff_t>(V) / P * View::row_step +
                                        static_cast<std::ptrdiff_t>(V) % P * lanes<T>)...};
        (multiply(acc, v, vector(w[C]), C * sizeof...(V), vs), ...);
    }

    /// source: the row's first tap. Row: one of its kind.
    template <std::ptrdiff_t Row, std::size_t... K>
    FOVEA_INLINE static void all_taps(accumulators& acc, const T* source, const T* w, std::index_sequence<K...>) {
        constexpr auto first = static_cast<std::size_t>(View::taps.begin[static_cast<std::size_t>(Row)]);
        (tap(acc, source + (View::taps.offset[first + K] - View::taps.offset[first]),
             w + static_cast<std::ptrdiff_t>(K) * O, range<vectors>{}, range<O>{}),
         ...);
    }

    template <std::ptrdiff_t Row>
    FOVEA_INLINE static void all_channels(accumulators& acc, const T* source, const T* w) {
        constexpr std::ptrdiff_t size = View::taps.size(Row);
        for (std::ptrdiff_t i = 0; i < View::channels; ++i, source += View::channel_step, w += size * O) {
            if constexpr (far) {
                prefetch_next<Row>(source, range<P>{});
            }
            all_taps<Row>(acc, source, w, range<size>{});
        }
    }

    /// Does the map lie beyond the second-level cache? Its rows are then fetched for the next tile along x in time:
    /// they are read in pieces that are too short, and too many at a time, for the processor to see where they lead. At
    /// 48 channels and 1,024 columns that is 1.9 times as fast.
    static constexpr bool far =
        View::channels * View::channel_step * static_cast<std::ptrdiff_t>(sizeof(T)) > 2'000'000;

    template <std::ptrdiff_t Row, std::size_t... V>
    FOVEA_INLINE static void prefetch_next(const T* source, std::index_sequence<V...>) {
        constexpr std::ptrdiff_t last = View::taps.tap(Row, View::taps.size(Row) - 1) - View::taps.tap(Row, 0);
        (__builtin_prefetch(source + last + (P + static_cast<std::ptrdiff_t>(V)) * lanes<T>, 0, 2), ...);
    }

    template <std::size_t... Kind>
    FOVEA_INLINE static void kernel_row(accumulators& acc, std::ptrdiff_t r, const T* row, const T* w,
                                        std::index_sequence<Kind...>) {
        (
            [&]() __attribute__((always_inline)) {
                if (View::taps.kind[static_cast<std::size_t>(r)] == static_cast<std::ptrdiff_t>(Kind)) {
                    all_channels<View::taps.sample[Kind]>(acc, row + View::taps.tap(r, 0), w);
                }
            }(),
            ...);
    }

    FOVEA_INLINE static void accumulate(accumulators& acc, const tile_operands<T>& in) {
        const T* row = in.source;
        std::ptrdiff_t r = in.first;
        for (std::ptrdiff_t n = 0; n < in.rows; ++n, row += in.source_step, r += in.step) {
            if constexpr (unroll && View::taps.regular) {
                constexpr std::ptrdiff_t weights = View::taps.size(0) * View::channels * O;
                all_channels<0>(acc, row + View::taps.offset[0], in.weights + r * weights);
            } else if constexpr (unroll) {
                kernel_row(acc, r, row, in.weights + View::taps.begin[static_cast<std::size_t>(r)] * View::channels * O,
                           range<View::taps.kinds>{});
            } else {
                const std::ptrdiff_t size = View::taps.size(r);
                const T* w = in.weights + View::taps.begin[static_cast<std::size_t>(r)] * View::channels * O;
                const T* source = row;
                for (std::ptrdiff_t i = 0; i < View::channels; ++i, source += View::channel_step) {
                    for (std::ptrdiff_t k = 0; k < size; ++k, w += O) {
                        tap(acc, source + View::taps.tap(r, k), w, range<vectors>{}, range<O>{});
                    }
                }
            }
        }
    }

    template <activation A, bool Masked, std::size_t... V>
    FOVEA_INLINE static void put(const vector* acc, T slope, T* out, std::ptrdiff_t left, std::index_sequence<V...>) {
        const auto one = [&](std::size_t v) __attribute__((always_inline)) {
            const auto r = static_cast<std::ptrdiff_t>(v) / P;
            const auto p = static_cast<std::ptrdiff_t>(v) % P;
            vector y = activate<A>(acc[v], slope);
            if constexpr (Masked) {
                if (p == P - 1) {  // a tile ends at the row's end or before it, so only its last vector has a tail
                    y = keep_first(y, left - p * lanes<T>);
                }
            }
            store(out + r * View::out_pitch + p * lanes<T>, y);
        };
        (one(V), ...);
    }

    template <activation A, std::size_t... C>
    FOVEA_INLINE static void finish(const accumulators& acc, const T* slope, T* out, std::ptrdiff_t left,
                                    std::index_sequence<C...>) {
        constexpr bool masked = View::out_width % lanes<T> != 0;
        constexpr activation now = is_cheap(A) ? A : activation::none;
        (put<now, masked>(acc + C * static_cast<std::size_t>(vectors),
                          slope_of<A>(slope, static_cast<std::ptrdiff_t>(C)),
                          out + static_cast<std::ptrdiff_t>(C) * View::out_plane, left, range<vectors>{}),
         ...);
        if constexpr (!is_cheap(A)) {
            const std::ptrdiff_t width = left < P * lanes<T> ? left : P * lanes<T>;
            for (std::ptrdiff_t c = 0; c < O; ++c) {
                for (std::ptrdiff_t r = 0; r < R; ++r) {
                    activate_row<A>(out + c * View::out_plane + r * View::out_pitch, width, T(0));
                }
            }
        }
    }

    template <std::size_t... N>
    FOVEA_INLINE static void start(accumulators& acc, const T* bias, const T* out, std::index_sequence<N...>) {
        if constexpr (View::adds) {
            ((acc[N] = load(out + static_cast<std::ptrdiff_t>(N) / vectors * View::out_plane +
                            static_cast<std::ptrdiff_t>(N) % vectors / P * View::out_pitch +
                            static_cast<std::ptrdiff_t>(N) % P * lanes<T>)),
             ...);
        } else {
            ((acc[N] = vector(bias != nullptr ? bias[N / static_cast<std::size_t>(vectors)] : T(0))), ...);
        }
    }

    /// `left`: columns from the tile's first one to the row's end.
    template <activation A>
    [[gnu::noinline]] static void run(const tile_operands<T>& in, const T* bias, const T* slope, T* out,
                                      std::ptrdiff_t left) noexcept {
        accumulators acc;
        start(acc, bias, out, range<vectors * O>{});
        accumulate(acc, in);
        finish<A>(acc, slope, out, left, range<O>{});
    }
};

/// A strip of output rows that all use the same kernel rows: every block of output channels, every tile.
template <class T, class View, tiling Tiles, cover Channels, activation A>
struct strip {
    static constexpr cover columns = cover_with(ceil_div(View::out_width, lanes<T>), Tiles.vectors);

    template <std::ptrdiff_t R, std::ptrdiff_t O>
    static void row(tile_operands<T> in, const T* bias, const T* slope, T* out) noexcept {
        std::ptrdiff_t x = 0;
        if constexpr (columns.larger > 0) {
            for (std::ptrdiff_t i = 0; i < columns.larger; ++i) {
                tile<T, View, R, columns.size + 1, O>::template run<A>(in, bias, slope, out + x, View::out_width - x);
                x += (columns.size + 1) * lanes<T>;
                in.source += (columns.size + 1) * lanes<T>;
            }
        }
        for (std::ptrdiff_t i = columns.larger; i < columns.count; ++i) {
            tile<T, View, R, columns.size, O>::template run<A>(in, bias, slope, out + x, View::out_width - x);
            x += columns.size * lanes<T>;
            in.source += columns.size * lanes<T>;
        }
        for (std::ptrdiff_t o = 0; o < O; ++o) {
            for (std::ptrdiff_t r = 0; r < R; ++r) {
                T* line = out + o * View::out_plane + r * View::out_pitch;
                for (std::ptrdiff_t g = ceil_div(View::out_width, lanes<T>) * lanes<T>; g < View::out_pitch;
                     g += lanes<T>) {
                    store(line + g, batch<T>(T(0)));
                }
            }
        }
    }

    template <std::ptrdiff_t O>
    static void block(tile_operands<T> in, const T* bias, const T* slope, T* out, std::ptrdiff_t rows) noexcept {
        std::ptrdiff_t y = 0;
        if constexpr (Tiles.rows > 1) {
            for (; y + Tiles.rows <= rows; y += Tiles.rows) {
                row<Tiles.rows, O>(in, bias, slope, out);
                in.source += Tiles.rows * View::row_step;
                out += Tiles.rows * View::out_pitch;
            }
        }
        for (; y < rows; ++y) {
            row<1, O>(in, bias, slope, out);
            in.source += View::row_step;
            out += View::out_pitch;
        }
    }

    /// in.weights: those of the first block, kernel row 0.
    static void run(tile_operands<T> in, const T* bias, const T* slope, T* out, std::ptrdiff_t rows) noexcept {
        for (std::ptrdiff_t b = 0; b < Channels.count; ++b) {
            const std::ptrdiff_t size = Channels.size + (b < Channels.larger ? 1 : 0);
            if constexpr (Channels.larger > 0) {
                if (b < Channels.larger) {
                    block<Channels.size + 1>(in, bias, slope, out, rows);
                } else {
                    block<Channels.size>(in, bias, slope, out, rows);
                }
            } else {
                block<Channels.size>(in, bias, slope, out, rows);
            }
            in.weights += size * View::channels * static_cast<std::ptrdiff_t>(View::taps.offset.size());
            bias = bias != nullptr ? bias + size : nullptr;
            slope = A == activation::prelu ? slope + size : slope;
            out += size * View::out_plane;
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
