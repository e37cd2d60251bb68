// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run in Winograd's domain? Transform tiles of the input, multiply, transform back; for any
// dilation, without a copy of the image: a dilated convolution is interleaved plain ones, so every step of a tile is
// multiplied by the dilation.
//
// Lanes run over tiles. A tile row is a set of output rows y, y + d, ..., its tiles are numbered t * d + p: the t-th
// tile of the sub-image of columns that leave remainder p on division by d. Then input k of a tile is input k - m of
// the tile d places on, for all d.
//
// More than 600 lines, since sizes, transforms and products are one struct: all follow from its tile.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/activate.hpp>
#include <fovea/execute/kernels/conv_rows.hpp>
#include <fovea/execute/kernels/winograd_layout.hpp>

namespace fovea::kernels {

inline namespace FOVEA_KERNELS_ISA {

/// Stride 1, all taps present. `units` of work are tile rows; any split of them among threads gives the same bits. Add:
/// a map is added before the activation.
template <class T, conv_geometry G, activation A, winograd_tile W, bool Add = false>
struct conv_winograd : winograd_layout<T, G, W> {
    using layout = winograd_layout<T, G, W>;
    using layout::vertical, layout::in_channels, layout::dilation, layout::points, layout::down, layout::across,
        layout::units, layout::panel_steps, layout::panels, layout::panel_tiles, layout::row_tiles, layout::more_rows,
        layout::short_lanes, layout::together, layout::pieces, layout::vectors_of, layout::tile_at, layout::band_rows,
        layout::most_tile_vectors, layout::channels, layout::slab_blocks, layout::step_of, layout::column_in_step,
        layout::steps_before, layout::steps_behind, layout::whole_runs, layout::shuffled_runs, layout::padding_behind,
        layout::in_registers, layout::dealt_before, layout::dealt_pitch, layout::line_size, layout::tile_pitch,
        layout::input_plane, layout::sum_pitch, layout::sum_plane, layout::dealt_size, layout::dealt_rows,
        layout::dealt_at, layout::lines_at, layout::input_at, layout::sums_at, layout::zeros_at, layout::scratch_size,
        layout::row_of, layout::column_of, layout::out_channels, layout::horizontal, layout::blocks;
    using typename layout::piece, typename layout::vector;

    // --- Weights: [group][slab][product][channel block][block of taps][input channel][channel of the block].
    static constexpr std::ptrdiff_t packed_size = G.groups * out_channels * in_channels * points * blocks;

    /// Any order of weights in memory; tap t is ky * kernel_width + kx.
    static void pack(const weight_source<T>& from, T* packed) noexcept {
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            for (std::ptrdiff_t b0 = 0; b0 < channels.count; b0 += slab_blocks) {
                const std::ptrdiff_t b1 = b0 + slab_blocks < channels.count ? b0 + slab_blocks : channels.count;
                for (std::ptrdiff_t b = b0; b < b1; ++b) {
                    const std::ptrdiff_t size = channels.size_of(b);
                    const std::ptrdiff_t before = channels.first(b) - channels.first(b0);
                    const std::ptrdiff_t slab = channels.first(b1) - channels.first(b0);
                    for (std::ptrdiff_t o = 0; o < size; ++o) {
                        for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
                            const T* w = from.first + g * from.group_step + (channels.first(b) + o) * from.out_step +
                                         i * from.in_step;
                            for (std::ptrdiff_t k = 0; k < blocks; ++k) {
                                T values[static_cast<std::size_t>(points)];
                                transform_weights(w, from.tap_step, k, values);
                                T* to = packed + (before * blocks + size * k) * in_channels + i * size + o;
                                for (std::ptrdiff_t p = 0; p < points; ++p) {
                                    to[p * slab * blocks * in_channels] = values[p];
                                }
                            }
                        }
                    }
                }
                packed += (channels.first(b1) - channels.first(b0)) * points * blocks * in_channels;
            }
        }
    }
    /// weights: O, I / groups, taps in row-major order; those of an output channel begin `weights_a_channel` after
    /// those of the last.
    static void pack(const T* weights, T* packed,
                     std::ptrdiff_t weights_a_channel = G.in_per_group() * G.tap_count()) noexcept {
        pack(weight_source<T>{weights, G.out_per_group() * weights_a_channel, weights_a_channel, G.tap_count(), 1},
             packed);
    }

    /// Tile rows [unit_begin, unit_end). in and out point at the first value of channel 0; the gaps of `in` are zero,
    /// those of `out` are afterwards. bias: O values or nullptr; slope: one value for leaky_relu, O for prelu. added:
    /// with Add, a map of the layout of `out`, which may be `out` itself.
    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch,
                    std::ptrdiff_t unit_begin, std::ptrdiff_t unit_end, const T* added = nullptr) noexcept {
        added = added != nullptr ? added : out;
        clear(scratch);
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            const T* source = in + g * in_channels * G.in.plane;
            const T* weights = packed + g * (packed_size / G.groups);
            T* to = out + g * out_channels * G.out.plane;
            const T* other = added + g * out_channels * G.out.plane;
            const T* group_bias = bias != nullptr ? bias + g * out_channels : nullptr;
            const T* group_slope = slopes_from<A>(slope, g * out_channels);
            for (std::ptrdiff_t u = unit_begin; u < unit_end; u += band_rows) {
                const std::ptrdiff_t rows = unit_end - u < band_rows ? unit_end - u : band_rows;
                for (std::ptrdiff_t panel = 0; panel < panels; ++panel) {
                    band(source, weights, group_bias, group_slope, other, to, scratch, u, rows, panel);
                }
            }
        }
        if (unit_end == units) {
            for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }

    /// What transform_band expects to be zero, once before the first.
    static void clear(T* scratch) noexcept {
        std::fill_n(scratch + zeros_at, scratch_size - zeros_at, T(0));
        std::fill_n(scratch + dealt_at, together * dealt_rows, T(0));
    }
    /// The first group's transformed inputs of `rows` tile rows from u on: scratch + input_at has, for each product and
    /// input channel (input_plane and tile_pitch apart), the tiles in the order of tile_at; whole vectors of them.
    static void transform_band(const T* in, T* scratch, std::ptrdiff_t u, std::ptrdiff_t rows,
                               std::ptrdiff_t panel) noexcept {
        for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
            for (std::ptrdiff_t r = 0; r < rows + more_rows; r += together) {
                transform_tiles(in + i * G.in.plane, scratch, u + r, rows + more_rows - r, panel,
                                scratch + input_at + i * tile_pitch + tile_at(r, 0));
            }
        }
    }
    /// Do tile rows [unit_begin, unit_end) read row y of the input?
    static constexpr bool reads_row(std::ptrdiff_t y, std::ptrdiff_t unit_begin, std::ptrdiff_t unit_end) noexcept {
        constexpr std::ptrdiff_t reach = (vertical.points() + more_rows / down.phases - 1) * G.dilation_height;
        for (std::ptrdiff_t u = unit_begin; u < unit_end; ++u) {
            const std::ptrdiff_t from = y - (row_of(u) - G.pad_top);
            if (from >= 0 && from <= reach && from % G.dilation_height == 0) {
                return true;
            }
        }
        return false;
    }

private:
    static constexpr auto row_shares = [] {
        std::array<std::array<double, static_cast<std::size_t>(vertical.taps)>,
                   static_cast<std::size_t>(vertical.points())>
            s{};
        for (std::size_t i = 0; i < s.size(); ++i) {
            for (std::size_t k = 0; k < s[i].size(); ++k) {
                s[i][k] = weight_share(vertical, static_cast<std::ptrdiff_t>(i), static_cast<std::ptrdiff_t>(k));
            }
        }
        return s;
    }();
    static constexpr auto column_shares = [] {
        std::array<std::array<double, static_cast<std::size_t>(horizontal.taps)>,
                   static_cast<std::size_t>(horizontal.points())>
            s{};
        for (std::size_t i = 0; i < s.size(); ++i) {
            for (std::size_t k = 0; k < s[i].size(); ++k) {
                s[i][k] = weight_share(horizontal, static_cast<std::ptrdiff_t>(i), static_cast<std::ptrdiff_t>(k));
            }
        }
        return s;
    }();

    /// G g G^T of one block of taps, zeros beyond the kernel's edge.
    static void transform_weights(const T* w, std::ptrdiff_t tap_step, std::ptrdiff_t block, T* to) noexcept {
        const std::ptrdiff_t y0 = block / horizontal.blocks * vertical.taps,
                             x0 = block % horizontal.blocks * horizontal.taps;
        double half[static_cast<std::size_t>(vertical.points())][static_cast<std::size_t>(horizontal.taps)] = {};
        for (std::size_t i = 0; i < row_shares.size(); ++i) {
            for (std::ptrdiff_t x = 0; x < horizontal.taps && x0 + x < G.kernel_width; ++x) {
                double sum = 0;
                for (std::ptrdiff_t y = 0; y < vertical.taps && y0 + y < G.kernel_height; ++y) {
                    sum += row_shares[i][static_cast<std::size_t>(y)] *
                           static_cast<double>(w[((y0 + y) * G.kernel_width + x0 + x) * tap_step]);
                }
                half[i][x] = sum;
            }
        }
        for (std::size_t i = 0; i < row_shares.size(); ++i) {
            for (std::size_t j = 0; j < column_shares.size(); ++j) {
                double sum = 0;
                for (std::size_t x = 0; x < column_shares[j].size(); ++x) {
                    sum += half[i][x] * column_shares[j][x];
                }
                to[i * column_shares.size() + j] = static_cast<T>(sum);
            }
        }
    }

    static void band(const T* in, const T* weights, const T* bias, const T* slope, const T* added, T* out, T* scratch,
                     std::ptrdiff_t u, std::ptrdiff_t rows, std::ptrdiff_t panel) noexcept {
        transform_band(in, scratch, u, rows, panel);
        const T* transformed = scratch + input_at;
        const std::ptrdiff_t vectors = vectors_of(rows);
        T* sums = scratch + sums_at;
        for (std::ptrdiff_t b0 = 0; b0 < channels.count; b0 += slab_blocks) {
            const std::ptrdiff_t b1 = b0 + slab_blocks < channels.count ? b0 + slab_blocks : channels.count;
            for (std::ptrdiff_t p = 0; p < points; ++p) {
                T* sum = sums + p * sum_plane;
                each_block_of<channels>(b0, b1, [&]<std::ptrdiff_t O>(constant<O>, std::ptrdiff_t) {
                    multiply<O>(transformed + p * input_plane, weights, sum, vectors);
                    weights += O * in_channels * blocks;
                    sum += O * sum_pitch;
                });
            }
            for (std::ptrdiff_t c = channels.first(b0); c < channels.first(b1); ++c) {
                const T b = bias != nullptr ? bias[c] : T(0);
                for (std::ptrdiff_t r = 0; r < rows; r += together) {
                    untransform_tiles(sums + (c - channels.first(b0)) * sum_pitch + tile_at(r, 0), b,
                                      slope_of<A>(slope, c), scratch + lines_at, added + c * G.out.plane,
                                      out + c * G.out.plane, u + r, rows - r, panel);
                }
            }
        }
    }

    // --- Input: B^T d B of one channel and the tile rows that go together.

    /// What tiles need of the input: [row of the tile][column of the tile].
    using columns = vector[static_cast<std::size_t>(vertical.points())][static_cast<std::size_t>(horizontal.outputs)];
    using row_pointers = const T * [static_cast<std::size_t>(vertical.points())][static_cast<std::size_t>(together)];

    /// The vertical half of the transform for the columns of tiles t, t + 1, ...: v[.][j] has their column j. `first`:
    /// column of the map at which tile 0 begins.
    template <std::size_t... K>
    FOVEA_INLINE static void transform_columns(const row_pointers& rows, std::ptrdiff_t first, std::ptrdiff_t t,
                                               columns& v, std::index_sequence<K...>) {
        for (std::ptrdiff_t j = 0; j < horizontal.outputs; ++j) {
            const std::ptrdiff_t step = floor_div(t, across.phases);
            const std::ptrdiff_t x =
                first + (shuffled_runs ? t * horizontal.outputs + j * short_lanes
                                       : (step * horizontal.outputs + j) * dilation + t - step * across.phases);
            vector d[sizeof...(K)];
            ((d[K] = load_columns(rows[K], x)), ...);
            transform_input<vertical.points()>(d);
            ((v[K][j] = d[K]), ...);
        }
        if constexpr (shuffled_runs) {
            (deal_runs<short_lanes, dilation, horizontal.outputs>(v[K]), ...);
        }
    }
    /// Columns of the map or of the zeros behind them; what lies behind those belongs to the next row.
    FOVEA_INLINE static vector load_columns(const T* const* rows, std::ptrdiff_t x) {
        // All of a panel between paddings lies in the map's rows if its last vector does.
        constexpr bool always =
            padding_behind && shuffled_runs && round_up(panel_tiles, short_lanes) * horizontal.outputs <= G.in.pitch;
        piece loaded[static_cast<std::size_t>(together)];
        if (always || (x >= 0 && x + short_lanes <= G.in.pitch)) {
            for (std::ptrdiff_t r = 0; r < together; ++r) {
                loaded[r] = load_as<piece>(rows[r] + x);
            }
        } else {
            for (std::ptrdiff_t r = 0; r < together; ++r) {
                loaded[r] = piece{};
                for (std::ptrdiff_t l = 0; l < short_lanes && x + l < G.in.width; ++l) {
                    loaded[r][l] = x + l >= 0 ? rows[r][x + l] : T(0);
                }
            }
        }
        return join_pieces<vector>(loaded);
    }

    /// Columns dealt out to tiles, [row of the tile][column of the tile][tile] of one tile row after another; or, where
    /// inputs of all steps begin with a piece, with the pieces of tile rows side by side.
    static constexpr bool dealt_together = across.phases % short_lanes == 0;

    FOVEA_INLINE static vector load_dealt(const T* dealt, std::ptrdiff_t t) {
        if constexpr (dealt_together || together == 1) {
            return load_as<vector>(dealt + t * together);
        } else {
            piece loaded[static_cast<std::size_t>(together)];
            for (std::ptrdiff_t r = 0; r < together; ++r) {
                loaded[r] = load_as<piece>(dealt + r * dealt_rows + t);
            }
            return join_pieces<vector>(loaded);
        }
    }
    /// `Size` tiles of each tile row.
    template <std::ptrdiff_t Size>
    FOVEA_INLINE static void store_dealt(T* dealt, std::ptrdiff_t t, const vector& v) {
        if constexpr ((dealt_together || together == 1) && Size == short_lanes) {
            store_as(dealt + t * together, v);
        } else {
            [&]<std::size_t... R>(std::index_sequence<R...>) __attribute__((always_inline)) {
                const piece parts[] = {piece_of<R, piece>(v)...};
                (std::memcpy(dealt + static_cast<std::ptrdiff_t>(R) * dealt_rows + t, &parts[R],
                             static_cast<std::size_t>(Size) * sizeof(T)),
                 ...);
            }
            (range<together>{});
        }
    }

    /// Tile rows u, u + 1, ... of which `rows` exist.
    static void transform_tiles(const T* channel, T* scratch, std::ptrdiff_t u, std::ptrdiff_t rows_left,
                                std::ptrdiff_t panel, T* to) noexcept {
        constexpr std::ptrdiff_t n = vertical.points();
        row_pointers rows;
        for (std::ptrdiff_t r = 0; r < together; ++r) {
            const std::ptrdiff_t top = row_of(u + r) - (vertical.inside ? 0 : G.pad_top);
            for (std::ptrdiff_t k = 0; k < n; ++k) {
                const std::ptrdiff_t y = top + (vertical.inside ? k / 2 : k) * G.dilation_height;
                rows[k][r] = r < rows_left && y >= 0 && y < G.in.height ? channel + y * G.in.pitch : scratch + zeros_at;
            }
        }
        const std::ptrdiff_t first = column_of(panel);
        columns v;
        if constexpr (in_registers) {
            transform_columns(rows, first, 0, v, range<n>{});
            for (std::ptrdiff_t k = 0; k < n; ++k) {
                transform_row(v[k], to + k * horizontal.points() * input_plane, range<horizontal.points()>{});
            }
            return;
        }
        // Padding is zero already.
        constexpr std::ptrdiff_t begin = panels == 1 ? 0 : -steps_before;
        constexpr std::ptrdiff_t end = padding_behind ? panel_steps : panel_steps + steps_behind;
        T* dealt = scratch + dealt_at + dealt_before * (dealt_together ? together : 1);
        const auto chunk = [&]<std::ptrdiff_t Size>(std::ptrdiff_t t, std::integral_constant<std::ptrdiff_t, Size>)
            __attribute__((always_inline)) {
            transform_columns(rows, first, t, v, range<n>{});
            for (std::ptrdiff_t k = 0; k < n; ++k) {
                for (std::ptrdiff_t j = 0; j < horizontal.outputs; ++j) {
                    store_dealt<Size>(dealt + dealt_line(k, j), t, v[k][j]);
                }
            }
        };
        constexpr std::integral_constant<std::ptrdiff_t, short_lanes> whole;
        if constexpr (shuffled_runs) {
            constexpr std::ptrdiff_t start = floor_div(begin * across.phases, short_lanes) * short_lanes;
            for (std::ptrdiff_t t = start; t < end * across.phases; t += short_lanes) {
                chunk(t, whole);
            }
        } else {
            constexpr std::ptrdiff_t rest = across.phases % short_lanes;
            for (std::ptrdiff_t s = begin; s < end; ++s) {
                for (std::ptrdiff_t p = 0; p + short_lanes <= across.phases; p += short_lanes) {
                    chunk(s * across.phases + p, whole);
                }
                if constexpr (rest > 0) {
                    chunk((s + 1) * across.phases - rest, std::integral_constant<std::ptrdiff_t, rest>{});
                }
            }
        }
        for (std::ptrdiff_t k = 0; k < n; ++k) {
            for (std::ptrdiff_t t = 0; t < row_tiles; t += short_lanes) {
                transform_row(dealt + dealt_line(k, 0), t, to + k * horizontal.points() * input_plane + t * together,
                              range<horizontal.points()>{});
            }
        }
    }
    static constexpr std::ptrdiff_t dealt_line(std::ptrdiff_t k, std::ptrdiff_t j) {
        return (k * dealt_size + j * dealt_pitch) * (dealt_together ? together : 1);
    }

    template <std::size_t... K>
    FOVEA_INLINE static void transform_row(const T* dealt, std::ptrdiff_t t, T* to, std::index_sequence<K...>) {
        vector d[] = {load_dealt(dealt + dealt_line(0, column_in_step(static_cast<std::ptrdiff_t>(K))),
                                 t + step_of(static_cast<std::ptrdiff_t>(K)) * across.phases)...};
        transform_input<horizontal.points()>(d);
        (store_as(to + static_cast<std::ptrdiff_t>(K) * input_plane, d[K]), ...);
    }
    /// The same of a row in registers.
    template <std::size_t... K>
    FOVEA_INLINE static void transform_row(const vector* dealt, T* to, std::index_sequence<K...>) {
        vector d[] = {move_runs<step_of(static_cast<std::ptrdiff_t>(K))>(
            dealt[column_in_step(static_cast<std::ptrdiff_t>(K))])...};
        transform_input<horizontal.points()>(d);
        (store_as(to + static_cast<std::ptrdiff_t>(K) * input_plane, d[K]), ...);
    }
    /// Tile t gets what tile t + Steps * phases has, zeros from outside.
    template <std::ptrdiff_t Steps>
    FOVEA_INLINE static vector move_runs(vector v) {
        if constexpr (Steps == 0) {
            return v;
        } else if constexpr (dilation == short_lanes) {
            return vector{};
        } else {
            return pick_runs<short_lanes, dilation, moved<Steps, short_lanes / dilation>>(v, vector{});
        }
    }

    // --- Products of one point: O output channels for all vectors of tiles.

    template <std::ptrdiff_t P, std::ptrdiff_t O>
    FOVEA_INLINE static void product(const T* tiles, const T* w, T* sums) noexcept {
        batch<T> acc[static_cast<std::size_t>(P * O)];
        for_each_index<P * O>([&](auto n) __attribute__((always_inline)) { acc[n] = batch<T>(T(0)); });
        for (std::ptrdiff_t b = 0; b < blocks; ++b) {
            const T* v =
                tiles + (b / horizontal.blocks * down.phases * row_tiles) + b % horizontal.blocks * across.phases;
            FOVEA_NO_UNROLL
            for (std::ptrdiff_t i = 0; i < in_channels; ++i, v += tile_pitch, w += O) {
                fmadd_tile<P, O>(acc, v, w, 1);
            }
        }
        for_each_index<P * O>([&](auto n) __attribute__((always_inline)) {
            store(sums + n / P * sum_pitch + n % P * lanes<T>, acc[n]);
        });
    }

    template <std::ptrdiff_t O>
    [[gnu::noinline]] static void multiply(const T* tiles, const T* w, T* sums, std::ptrdiff_t vectors) noexcept {
        std::ptrdiff_t v = 0;
        const auto tiles_of = [&]<std::ptrdiff_t P>(std::integral_constant<std::ptrdiff_t, P>, std::ptrdiff_t end) {
            for (; v + P <= end; v += P) {
                product<P, O>(tiles + v * lanes<T>, w, sums + v * lanes<T>);
            }
        };
        // As many of the largest as leave no single vector.
        constexpr std::integral_constant<std::ptrdiff_t, most_tile_vectors> most;
        if constexpr (most > 2) {
            tiles_of(most, vectors % most == 1 ? vectors - most : vectors);
        }
        if constexpr (most == 4) {
            tiles_of(std::integral_constant<std::ptrdiff_t, 3>{}, (vectors - v) % 2 == 1 ? vectors : v);
        }
        tiles_of(std::integral_constant<std::ptrdiff_t, 2>{}, vectors);
        tiles_of(std::integral_constant<std::ptrdiff_t, 1>{}, vectors);
    }

    // --- Output: A^T m A of one channel and the tile rows that go together, bias, activation.

    /// Columns fall into whole vectors of whole tiles, or the last ones end before the next row: rows are written at
    /// once.
    static constexpr bool straight =
        (whole_runs || shuffled_runs) &&
        ((panel_tiles % short_lanes == 0 && panels * panel_steps == across.steps &&
          across.steps * horizontal.outputs * dilation == G.out.width) ||
         (panels == 1 && round_up(panel_tiles, short_lanes) * horizontal.outputs <= G.out.pitch));

    /// A vector, or a value.
    template <class V>
    FOVEA_INLINE static V finish(V v, slope_type<A, T> slope) {
        return function_of < is_cheap<A> ? A : activation::none > ::value(v, slope);
    }

    struct output_rows {
        T* row[static_cast<std::size_t>(together)][static_cast<std::size_t>(vertical.outputs)] = {};
        std::ptrdiff_t count[static_cast<std::size_t>(together)] = {};
    };

    /// Tile rows u, u + 1, ... of which `rows_left` exist.
    static void untransform_tiles(const T* sums, T bias, slope_type<A, T> slope, T* lines,
                                  [[maybe_unused]] const T* added, T* channel, std::ptrdiff_t u,
                                  std::ptrdiff_t rows_left, std::ptrdiff_t panel) noexcept {
        constexpr std::ptrdiff_t m = vertical.outputs;
        output_rows to;
        for (std::ptrdiff_t r = 0; r < together && r < rows_left; ++r) {
            const std::ptrdiff_t top = row_of(u + r);
            std::ptrdiff_t& count = to.count[r];
            for (; count < m && top + count * G.dilation_height < G.out.height; ++count) {
                to.row[r][count] = straight
                                       ? channel + (top + count * G.dilation_height) * G.out.pitch + column_of(panel)
                                       : lines + (r * m + count) * line_size;
            }
        }
        for (std::ptrdiff_t t = 0; t < panel_tiles; t += short_lanes) {
            untransform_vector(sums + t * together, bias, slope, to, channel, added, t, range<horizontal.points()>{});
        }
        const std::ptrdiff_t left = G.out.width - column_of(panel);
        constexpr std::ptrdiff_t wide = panel_steps * horizontal.outputs * dilation;
        for (std::ptrdiff_t r = 0; r < together; ++r) {
            for (std::ptrdiff_t i = 0; i < to.count[r]; ++i) {
                T* row = channel + (row_of(u + r) + i * G.dilation_height) * G.out.pitch;
                std::ptrdiff_t x = G.out.width;  // what is written
                if constexpr (!straight) {
                    const std::ptrdiff_t end = column_of(panel) + (left < wide ? left : wide);
                    const T* from = to.row[r][i] - column_of(panel);
                    [[maybe_unused]] const T* other = added + (row - channel);
                    const auto get = [&](std::ptrdiff_t at) __attribute__((always_inline)) {
                        if constexpr (Add) {
                            constexpr activation now = is_cheap<A> ? A : activation::none;
                            return activate<now>(load(from + at) + load(other + at), slope);
                        } else {
                            return load(from + at);
                        }
                    };
                    for (x = column_of(panel); x + lanes<T> <= end; x += lanes<T>) {
                        store(row + x, get(x));
                    }
                    if (x < end && end == G.out.width && x + lanes<T> <= G.out.pitch) {
                        store(row + x, keep_first(get(x), end - x));
                        x += lanes<T>;
                    }
                    for (; x < end; ++x) {
                        row[x] = Add ? finish(from[x] + other[x], slope) : from[x];
                    }
                }
                if (left <= wide) {
                    std::fill(row + x, row + G.out.pitch, T(0));
                    if constexpr (!is_cheap<A>) {
                        activate_row<A>(row, G.out.width, slope);
                    }
                }
            }
        }
    }

    template <std::size_t... J>
    FOVEA_INLINE static void untransform_vector(const T* sums, T bias, slope_type<A, T> slope, const output_rows& to,
                                                [[maybe_unused]] const T* channel, [[maybe_unused]] const T* added,
                                                std::ptrdiff_t t, std::index_sequence<J...>) {
        constexpr std::ptrdiff_t m = vertical.outputs;
        vector half[static_cast<std::size_t>(m)][sizeof...(J)];
        const auto column = [&](std::size_t j) __attribute__((always_inline)) {
            vector d[static_cast<std::size_t>(vertical.points())], y[static_cast<std::size_t>(m)];
            for (std::ptrdiff_t k = 0; k < vertical.points(); ++k) {
                d[k] = load_as<vector>(
                    sums +
                    (k * static_cast<std::ptrdiff_t>(sizeof...(J)) + static_cast<std::ptrdiff_t>(j)) * sum_plane);
            }
            transform_output<vertical>(d, y);
            for (std::ptrdiff_t i = 0; i < m; ++i) {
                half[i][j] = y[i];
            }
        };
        (column(J), ...);
        for (std::ptrdiff_t i = 0; i < m; ++i) {
            if (i < to.count[0]) {  // the first tile row ends last
                vector y[static_cast<std::size_t>(horizontal.outputs)];
                transform_output<horizontal>(half[i], y);
                for (auto& v : y) {
                    v = Add ? v + bias : finish(v + bias, slope);
                }
                if constexpr (shuffled_runs) {
                    join_runs<short_lanes, dilation, horizontal.outputs>(y);
                }
                const auto row = [&]<std::size_t R>(std::integral_constant<std::size_t, R>)
                    __attribute__((always_inline)) {
                    if (R == 0 || i < to.count[R]) {
                        piece parts[static_cast<std::size_t>(horizontal.outputs)];
                        for (std::ptrdiff_t j = 0; j < horizontal.outputs; ++j) {
                            parts[j] = piece_of<R, piece>(y[j]);
                        }
                        if constexpr (Add && straight) {
                            put(parts, to.row[R][i], t, added + (to.row[R][i] - channel), slope);
                        } else {
                            put(parts, to.row[R][i], t);
                        }
                    }
                };
                [&]<std::size_t... R>(std::index_sequence<R...>) __attribute__((always_inline)) {
                    (row(std::integral_constant<std::size_t, R>{}), ...);
                }
                (range<together>{});
            }
        }
    }

    /// Outputs of `short_lanes` tiles of one row; shuffled runs are joined already. added: see run; of rows written at
    /// once.
    FOVEA_INLINE static void put(const piece* y, T* row, std::ptrdiff_t t, [[maybe_unused]] const T* added = nullptr,
                                 slope_type<A, T> slope = {}) {
        constexpr std::ptrdiff_t m = horizontal.outputs;
        if constexpr (shuffled_runs || whole_runs) {
            for (std::ptrdiff_t j = 0; j < m; ++j) {
                const std::ptrdiff_t at = shuffled_runs ? t * m + j * short_lanes
                                                        : (t / across.phases * m + j) * dilation + t % across.phases;
                if constexpr (Add && straight) {
                    store_as(row + at, finish(y[j] + load_as<piece>(added + at), slope));
                } else {
                    store_as(row + at, y[j]);
                }
            }
        } else {
            T values[static_cast<std::size_t>(m * short_lanes)];
            std::memcpy(values, y, sizeof(values));
            for (std::ptrdiff_t l = 0; l < short_lanes && t + l < panel_tiles; ++l) {
                for (std::ptrdiff_t j = 0; j < m; ++j) {
                    row[((t + l) / across.phases * m + j) * dilation + (t + l) % across.phases] =
                        values[j * short_lanes + l];
                }
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
