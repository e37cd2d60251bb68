// SPDX-License-Identifier: BSD-3-Clause
// How are the products of a convolution made? A register tile: vectors along x times output channels, fed by shifted
// loads of the input and broadcast weights. No im2col, no edge code, no lanes lost to odd channel counts.
#pragma once

#include <array>
#include <concepts>

#include <fovea/execute/kernels/activate.hpp>
#include <fovea/execute/kernels/cover.hpp>
#include <fovea/execute/kernels/tile_columns.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// How a layer is cut into tiles: `rows` x `vectors` of x for each block of output channels. packed_rows: the columns
/// behind the last whole vector are done for so many rows at a time; 0: they fill a part of a vector.
struct tiling {
    std::ptrdiff_t rows = 1;
    std::ptrdiff_t vectors = 1;
    std::ptrdiff_t channels = 1;
    std::ptrdiff_t packed_rows = 0;
    double cost = 1e30;  ///< of a row, in half cycles for each tap and input channel
};

/// Half cycles of a tap of a tile on a core with two FMA units and two load ports: an unaligned vector costs 1.7 loads,
/// a broadcast one, and ten independent chains are needed to hide the latency. `merged`: vectors put together of two
/// loads, on a port that multiplies.
constexpr double step_cost(std::ptrdiff_t vectors, std::ptrdiff_t channels, std::ptrdiff_t merged = 0) {
    const auto sums = static_cast<double>(vectors * channels + merged);
    const double loads = 1.25 * (1.7 * static_cast<double>(vectors + merged) + static_cast<double>(channels));
    const double step = sums > 10 ? sums : 10;
    return 0.3 + (step > loads ? step : loads);
}

/// Registers that a tile has for sums and vectors of the source: not those of the broadcast, and of the product.
inline constexpr std::ptrdiff_t tile_room = tile_registers - (fused_multiply_add ? 1 : 2);

/// Picks the tile for rows of `row_vectors` vectors and `channels` output channels.
constexpr tiling choose_tiling(std::ptrdiff_t row_vectors, std::ptrdiff_t channels) {
    tiling best;
    // Five vectors by five channels reach 0.77 of the peak where three by eight and two by twelve reach 0.82.
    for (std::ptrdiff_t p = 1; p <= (row_vectors > 1 ? 4 : 6); ++p) {
        const std::ptrdiff_t most = (tile_room - p) / p;
        if (most < 1 || (row_vectors > 1 && p > row_vectors)) {
            continue;
        }
        const cover oc = cover_with(channels, most < 12 ? most : 12);
        const cover xs = cover_with(row_vectors > 1 ? row_vectors : p, p);
        double cost = 0;
        for (std::ptrdiff_t i = 0; i < xs.count; ++i) {
            for (std::ptrdiff_t j = 0; j < oc.count; ++j) {
                cost += step_cost(xs.size_of(i), oc.size_of(j));
            }
        }
        cost /= row_vectors > 1 ? 1.0 : static_cast<double>(p) * 0.97;  // rows of a tile: some border rows go alone
        if (cost < best.cost * 0.999) {
            best = row_vectors > 1 ? tiling{1, xs.largest(), oc.largest()} : tiling{p, 1, oc.largest()};
            best.cost = cost;
        }
    }
    return best;
}

/// The same for rows of `width` values of T, of which `rows` at least are done in one go, and sums of `terms` products.
/// The ends of rows are packed where that pays: of 84 columns in vectors of 16 an eighth of the products is saved, of
/// 56 too. Short sums do not repay the second pass over the rows.
template <class T>
constexpr tiling choose_tiling_of_width(std::ptrdiff_t width, std::ptrdiff_t channels, std::ptrdiff_t rows,
                                        std::ptrdiff_t terms) {
    tiling best = choose_tiling(ceil_div(width, lanes<T>), channels);
    const std::ptrdiff_t whole = width / lanes<T>;
    const std::ptrdiff_t end = width % lanes<T>;
    if (!lanes_may_be_masked || whole < 2 || end == 0 || terms < 64) {
        return best;
    }
    const tiling body = choose_tiling(whole, channels);
    const cover oc = cover_with(channels, body.channels);
    for (std::ptrdiff_t r = 2; r <= rows && r <= 16; ++r) {
        const std::ptrdiff_t vectors = ceil_div(r * end, lanes<T>);
        if (vectors * oc.largest() + vectors > tile_room) {
            break;
        }
        std::ptrdiff_t runs = 0;
        for (std::ptrdiff_t v = 0; v < vectors; ++v) {
            const std::ptrdiff_t last = ((v + 1) * lanes<T> - 1) / end;
            runs += (last < r ? last : r - 1) - v * lanes<T> / end + 1;
        }
        double ends = 0;
        for (std::ptrdiff_t j = 0; j < oc.count; ++j) {
            ends += step_cost(vectors, oc.size_of(j), runs - vectors);
        }
        const double cost = body.cost + 1.05 * ends / static_cast<double>(r);  // some rows are left over
        if (cost < best.cost * 0.98) {
            best = body;
            best.packed_rows = r;
            best.cost = cost;
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

/// Where the operands of one row of outputs lie, all as constants.
template <class V>
concept tile_view = requires(std::ptrdiff_t n) {
    { V::channels + V::channel_step } -> std::same_as<std::ptrdiff_t>;  // to sum over; elements from one to the next
    { V::taps.tap(n, n) } -> std::same_as<std::ptrdiff_t>;              // tap_rows of the kernel
    { V::row_step } -> std::convertible_to<std::ptrdiff_t>;             // source elements between two rows of a tile
    { V::out_plane + V::out_pitch + V::out_width } -> std::same_as<std::ptrdiff_t>;  // of the destination
    { V::adds } -> std::convertible_to<bool>;  // another map, laid out as the destination, before the activation
    // Do columns [n, n + m) of the source lie in the image, at least one of them?
    { V::reads(n, n) } -> std::same_as<bool>;
};

/// Which outputs share a vector of a tile: whole_vectors, packed_ends.
template <class C, class T>
concept tile_columns = requires(const T* from, T* to, std::ptrdiff_t n, batch<T> v) {
    { C::rows + C::vectors + C::width } -> std::same_as<std::ptrdiff_t>;
    { C::follow } -> std::convertible_to<bool>;
    { C::reads(n, n) } -> std::same_as<bool>;
    { C::template get<0>(from, n) } -> std::same_as<batch<T>>;
    C::template put<0>(to, v, n);
};

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

/// Of O output channels.
template <class T, tile_view View, tile_columns<T> Columns, std::ptrdiff_t O>
struct tile {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t vectors = Columns::vectors;
    /// A kernel row of each kind; all rows at once overflow the µop cache.
    static constexpr bool unroll = View::taps.distinct() * vectors * O <= 256;

    /// acc[o * vectors + v]
    using accumulators = vector[static_cast<std::size_t>(vectors * O)];

    struct every_vector {
        static constexpr bool has(std::ptrdiff_t) { return true; }
    };
    /// Those for which a tap so far from the output's column reads the image.
    template <std::ptrdiff_t Offset>
    struct vectors_that_read {
        static constexpr bool has(std::ptrdiff_t v) { return Columns::reads(v, Offset); }
    };

    /// Sums of output channel C.
    template <std::size_t C, class Which, std::size_t... V>
    FOVEA_INLINE static void multiply(accumulators& acc, const vector* v, const T* w, std::index_sequence<V...>) {
        constexpr std::ptrdiff_t present = (0 + ... + std::ptrdiff_t{Which::has(static_cast<std::ptrdiff_t>(V))});
        constexpr bool in_place = broadcasts_in_place(static_cast<std::ptrdiff_t>(C), present, O, 1.7);
        (
            [&]() __attribute__((always_inline)) {
                if constexpr (Which::has(static_cast<std::ptrdiff_t>(V))) {
                    fmadd_all<in_place>(acc + C * sizeof...(V) + V, v + V, w, range<1>{});
                }
            }(),
            ...);
    }

    template <std::ptrdiff_t V, class Which>
    FOVEA_INLINE static vector get_pinned(const T* source) {
        if constexpr (Which::has(V)) {
            vector v = Columns::template get<V>(source, View::row_step);
            pin(v);
            return v;
        } else {
            return vector(T(0));
        }
    }

    template <class Which, std::size_t... V, std::size_t... C>
    FOVEA_INLINE static void tap(accumulators& acc, const T* source, const T* w, std::index_sequence<V...> vs,
                                 std::index_sequence<C...>) {
        keep_loads_behind();
        const vector v[] = {get_pinned<static_cast<std::ptrdiff_t>(V), Which>(source)...};
        (multiply<C, Which>(acc, v, w + C, vs), ...);
    }

    /// source: the row's first tap. Row: one of its kind.
    template <std::ptrdiff_t Row, std::size_t... K>
    FOVEA_INLINE static void all_taps(accumulators& acc, const T* source, const T* w, std::index_sequence<K...>) {
        constexpr auto first = static_cast<std::size_t>(View::taps.begin[static_cast<std::size_t>(Row)]);
        (tap<std::conditional_t<View::taps.regular, vectors_that_read<View::taps.offset[first + K]>, every_vector>>(
             acc, source + (View::taps.offset[first + K] - View::taps.offset[first]),
             w + static_cast<std::ptrdiff_t>(K) * O, range<vectors>{}, range<O>{}),
         ...);
    }

    template <std::ptrdiff_t Row>
    FOVEA_INLINE static void all_channels(accumulators& acc, const T* source, const T* w) {
        constexpr std::ptrdiff_t size = View::taps.size(Row);
        for (std::ptrdiff_t i = 0; i < View::channels; ++i, source += View::channel_step, w += size * O) {
            if constexpr (far && Columns::follow) {
                prefetch_next<Row>(source, range<Columns::width / lanes<T>>{});
            }
            all_taps<Row>(acc, source, w, range<size>{});
        }
    }

    /// Does the map lie beyond the second-level cache? Its rows are then fetched for the next tile along x in time:
    /// they are read in pieces that are too short, and too many at a time, for the processor to see where they lead. At
    /// 48 channels and 1,024 columns that is 1.9 times as fast.
    static constexpr bool far =
        View::channels * View::channel_step * static_cast<std::ptrdiff_t>(sizeof(T)) > this_machine.l2;

    template <std::ptrdiff_t Row, std::size_t... V>
    FOVEA_INLINE static void prefetch_next(const T* source, std::index_sequence<V...>) {
        constexpr std::ptrdiff_t last = View::taps.tap(Row, View::taps.size(Row) - 1) - View::taps.tap(Row, 0);
        (__builtin_prefetch(source + last + Columns::width + static_cast<std::ptrdiff_t>(V) * lanes<T>, 0, 2), ...);
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
                        tap<every_vector>(acc, source + View::taps.tap(r, k), w, range<vectors>{}, range<O>{});
                    }
                }
            }
        }
    }

    template <activation A, class Slope, std::size_t... V>
    FOVEA_INLINE static void put(const vector* acc, Slope slope, T* out, std::ptrdiff_t left,
                                 std::index_sequence<V...>) {
        (Columns::template put<static_cast<std::ptrdiff_t>(V)>(out, activate<A>(acc[V], slope), left), ...);
    }

    template <activation A, std::size_t... C>
    FOVEA_INLINE static void finish(const accumulators& acc, const T* slope, T* out, std::ptrdiff_t left,
                                    std::index_sequence<C...>) {
        constexpr activation now = is_cheap<A> ? A : activation::none;
        (put<now>(acc + C * static_cast<std::size_t>(vectors), slope_of<A>(slope, static_cast<std::ptrdiff_t>(C)),
                  out + static_cast<std::ptrdiff_t>(C) * View::out_plane, left, range<vectors>{}),
         ...);
        if constexpr (!is_cheap<A>) {
            const std::ptrdiff_t width = left < Columns::width ? left : Columns::width;
            for (std::ptrdiff_t c = 0; c < O; ++c) {
                for (std::ptrdiff_t r = 0; r < Columns::rows; ++r) {
                    activate_row<A>(out + c * View::out_plane + r * View::out_pitch, width, slope_of<A>(slope, c));
                }
            }
        }
    }

    template <std::size_t... N>
    FOVEA_INLINE static void start(accumulators& acc, const T* bias, [[maybe_unused]] const T* added,
                                   std::index_sequence<N...>) {
        ((acc[N] = vector(bias != nullptr ? bias[N / static_cast<std::size_t>(vectors)] : T(0))), ...);
        if constexpr (View::adds) {
            ((acc[N] += Columns::template get<static_cast<std::ptrdiff_t>(N) % vectors>(
                  added + static_cast<std::ptrdiff_t>(N) / vectors * View::out_plane, View::out_pitch)),
             ...);
        }
    }

    /// added: read if View::adds; `left`: columns from the tile's first one to the row's end.
    template <activation A>
    [[gnu::noinline]] static void run(const tile_operands<T>& in, const T* bias, const T* slope, const T* added, T* out,
                                      std::ptrdiff_t left) noexcept {
        accumulators acc;
        start(acc, bias, added, range<vectors * O>{});
        accumulate(acc, in);
        finish<A>(acc, slope, out, left, range<O>{});
    }
};

/// Output rows that all use the same kernel rows: every block of output channels, every tile.
template <class T, tile_view View, tiling Tiles, cover Channels, activation A>
struct band {
    static constexpr bool packs = Tiles.packed_rows > 0;
    static constexpr std::ptrdiff_t row_end = View::out_width % lanes<T>;
    static constexpr std::ptrdiff_t row_vectors =
        packs ? View::out_width / lanes<T> : ceil_div(View::out_width, lanes<T>);
    static constexpr cover columns = cover_with(row_vectors, Tiles.vectors);

    /// `First` of whole_vectors: the column at which tile number i begins, if some tap reads nothing but padding there.
    static constexpr std::ptrdiff_t known_column(std::ptrdiff_t i) {
        if (!View::taps.regular) {
            return -1;
        }
        const std::ptrdiff_t first = columns.first(i) * lanes<T>;
        const std::ptrdiff_t vectors = columns.size_of(i);
        for (std::ptrdiff_t k = 0; k < View::taps.size(0); ++k) {
            for (std::ptrdiff_t v = 0; v < vectors; ++v) {
                if (!View::reads(first + v * lanes<T> + View::taps.tap(0, k), lanes<T>)) {
                    return first;
                }
            }
        }
        return -1;
    }
    /// Tiles [known_until, known_from) need no column.
    static constexpr std::ptrdiff_t known_until = [] {
        std::ptrdiff_t i = 0;
        while (i < columns.count && known_column(i) >= 0) {
            ++i;
        }
        return i;
    }();
    static constexpr std::ptrdiff_t known_from = [] {
        std::ptrdiff_t i = columns.count;
        while (i > known_until && known_column(i - 1) >= 0) {
            --i;
        }
        return i;
    }();

    template <std::ptrdiff_t R, std::ptrdiff_t O, std::ptrdiff_t P, std::ptrdiff_t First>
    FOVEA_INLINE static void one(tile_operands<T> in, const T* bias, const T* slope, const T* added, T* out,
                                 std::ptrdiff_t x) {
        constexpr bool ends = row_end != 0 && !packs;
        in.source += x;
        tile<T, View, whole_vectors<T, View, R, P, First, ends>, O>::template run<A>(in, bias, slope, added + x,
                                                                                     out + x, View::out_width - x);
    }

    /// Tile number I, at a known column.
    template <std::ptrdiff_t R, std::ptrdiff_t O, std::ptrdiff_t I>
    FOVEA_INLINE static void known(const tile_operands<T>& in, const T* bias, const T* slope, const T* added, T* out) {
        constexpr std::ptrdiff_t vectors = columns.size_of(I);
        one<R, O, vectors, known_column(I)>(in, bias, slope, added, out, columns.first(I) * lanes<T>);
    }

    template <std::ptrdiff_t R, std::ptrdiff_t O>
    static void row(const tile_operands<T>& in, const T* bias, const T* slope, const T* added, T* out) noexcept {
        for_each_index<known_until>(
            [&]<std::ptrdiff_t I>(constant<I>) { known<R, O, I>(in, bias, slope, added, out); });
        each_block<columns, known_until, known_from>([&]<std::ptrdiff_t P>(constant<P>, std::ptrdiff_t first) {
            one<R, O, P, -1>(in, bias, slope, added, out, first * lanes<T>);
        });
        for_each_index<columns.count - known_from>(
            [&]<std::ptrdiff_t I>(constant<I>) { known<R, O, known_from + I>(in, bias, slope, added, out); });
        // The ends of rows that are packed come later, and may be added to themselves.
        constexpr bool keeps_end = View::adds && packs;
        constexpr std::ptrdiff_t gap = keeps_end ? row_vectors + 1 : row_vectors;
        for (std::ptrdiff_t o = 0; o < O; ++o) {
            for (std::ptrdiff_t r = 0; r < R; ++r) {
                T* line = out + o * View::out_plane + r * View::out_pitch;
                if constexpr (keeps_end) {
                    store_lanes<row_end, lanes<T>>(line + row_vectors * lanes<T>, batch<T>(T(0)));
                }
                for (std::ptrdiff_t g = gap * lanes<T>; g < View::out_pitch; g += lanes<T>) {
                    store(line + g, batch<T>(T(0)));
                }
            }
        }
    }

    /// The columns behind the whole vectors.
    template <std::ptrdiff_t O>
    static void row_ends(tile_operands<T> in, const T* bias, const T* slope, const T* added, T* out,
                         std::ptrdiff_t rows) noexcept {
        constexpr std::ptrdiff_t together = Tiles.packed_rows;
        using packed = tile<T, View, packed_ends<T, View, together, row_end, row_vectors * lanes<T>>, O>;
        in.source += row_vectors * lanes<T>;
        added += row_vectors * lanes<T>;
        out += row_vectors * lanes<T>;
        const auto at = [&](std::ptrdiff_t y) {
            tile_operands<T> from = in;
            from.source += y * View::row_step;
            return from;
        };
        std::ptrdiff_t y = 0;
        for (; y + together <= rows; y += together) {
            packed::template run<A>(at(y), bias, slope, added + y * View::out_pitch, out + y * View::out_pitch,
                                    row_end);
        }
        if (!View::adds && y < rows && rows >= together) {  // some rows once more: they come out the same
            y = rows - together;
            packed::template run<A>(at(y), bias, slope, added + y * View::out_pitch, out + y * View::out_pitch,
                                    row_end);
            y = rows;
        }
        for (; y < rows; ++y) {
            tile<T, View, whole_vectors<T, View, 1, 1, -1, true>, O>::template run<A>(at(y), bias, slope,
                                                                                      added + y * View::out_pitch,
                                                                                      out + y * View::out_pitch,
                                                                                      row_end);
        }
    }

    template <std::ptrdiff_t O>
    static void block(tile_operands<T> in, const T* bias, const T* slope, const T* added, T* out,
                      std::ptrdiff_t rows) noexcept {
        const tile_operands<T> whole = in;
        const T* const first_added = added;
        T* const first = out;
        std::ptrdiff_t y = 0;
        if constexpr (Tiles.rows > 1) {
            for (; y + Tiles.rows <= rows; y += Tiles.rows) {
                row<Tiles.rows, O>(in, bias, slope, added, out);
                in.source += Tiles.rows * View::row_step;
                added += Tiles.rows * View::out_pitch;
                out += Tiles.rows * View::out_pitch;
            }
        }
        for (; y < rows; ++y) {
            row<1, O>(in, bias, slope, added, out);
            in.source += View::row_step;
            added += View::out_pitch;
            out += View::out_pitch;
        }
        if constexpr (packs) {
            row_ends<O>(whole, bias, slope, first_added, first, rows);
        }
    }

    /// in.weights: those of the first block, kernel row 0. added: as `out`, to be read if View::adds.
    static void run(tile_operands<T> in, const T* bias, const T* slope, const T* added, T* out,
                    std::ptrdiff_t rows) noexcept {
        each_block<Channels>([&]<std::ptrdiff_t Size>(constant<Size>, std::ptrdiff_t) {
            block<Size>(in, bias, slope, added, out, rows);
            in.weights += Size * View::channels * static_cast<std::ptrdiff_t>(View::taps.offset.size());
            bias = bias != nullptr ? bias + Size : nullptr;
            slope = slopes_from<A>(slope, Size);
            added += Size * View::out_plane;
            out += Size * View::out_plane;
        });
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
