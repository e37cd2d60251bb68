// SPDX-License-Identifier: BSD-3-Clause
// How is a convolution in Winograd's domain cut, and where does everything lie in its scratch? Constants alone; the
// same for the forward kernel, whatever its activation, and for the gradient of the weights.
#pragma once

#include <fovea/execute/kernels/cover.hpp>
#include <fovea/execute/kernels/winograd_transform.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <class T, conv_geometry G, winograd_tile W>
struct winograd_layout {
    static constexpr winograd_axis vertical = inside_where_it_is(G, W).rows, horizontal = W.columns;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group(), out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t dilation = G.dilation_width;
    static constexpr std::ptrdiff_t points = vertical.points() * horizontal.points(), blocks = W.blocks();
    static constexpr tile_axis down{G.out.height, G.dilation_height, vertical};
    static constexpr tile_axis across{G.out.width, dilation, horizontal};

    /// Tile rows.
    static constexpr std::ptrdiff_t units = down.count;

    // --- How the work is cut: panels of columns, bands of tile rows, slabs of output channels.

    /// Tiles of a panel, whole steps of all phases: as many as make the transformed input of one tile row small.
    static constexpr std::ptrdiff_t panel_steps = [] {
        const std::ptrdiff_t most = 64 / across.phases;
        const cover c = cover_with(across.steps, most < 1 ? 1 : most);
        return c.largest();
    }();
    static constexpr std::ptrdiff_t panels = ceil_div(across.steps, panel_steps);
    static constexpr std::ptrdiff_t panel_tiles = panel_steps * across.phases;
    /// Transformed tiles of a row: the blocks of a long kernel reach so many further.
    static constexpr std::ptrdiff_t row_tiles = (panel_steps + horizontal.blocks - 1) * across.phases;
    static constexpr std::ptrdiff_t more_rows = (vertical.blocks - 1) * down.phases;

    /// Lanes of a transform: fewer than a register has where rows would leave them idle.
    static constexpr std::ptrdiff_t short_lanes = [] {
        std::ptrdiff_t n = lanes<T>;
        for (std::ptrdiff_t c = n / 2; c >= 4; c /= 2) {
            n = 10 * round_up(row_tiles, c) <= 8 * round_up(row_tiles, n) ? c : n;
        }
        return n;
    }();
    /// Tile rows whose pieces of `short_lanes` tiles share a vector in the transforms. Tiles of a band are numbered
    /// [tile rows that go together][piece][tile row][lane] then, else [tile row][tile].
    static constexpr std::ptrdiff_t together = blocks == 1 ? lanes<T> / short_lanes : 1;
    static constexpr std::ptrdiff_t pieces = ceil_div(row_tiles, short_lanes);
    using piece = typename short_vector<T, short_lanes>::type;
    using vector = typename short_vector<T, short_lanes * together>::type;

    /// Vectors of tiles that `rows` tile rows fill: the last one ends before the blocks' surplus.
    static constexpr std::ptrdiff_t vectors_of(std::ptrdiff_t rows) {
        return together > 1 ? ceil_div(rows, together) * pieces
                            : ceil_div((rows - 1) * row_tiles + panel_tiles, lanes<T>);
    }
    /// Where tile t of a band's row is, t the first of a piece.
    static constexpr std::ptrdiff_t tile_at(std::ptrdiff_t row, std::ptrdiff_t t) {
        return together > 1 ? row / together * pieces * lanes<T> + t * together + row % together * short_lanes
                            : row * row_tiles + t;
    }
    /// So many input channels of a band that they do not fit into the first-level cache: wider blocks of output
    /// channels read them less often, and longer bands the weights.
    static constexpr bool deep = in_channels >= 128;
    static constexpr bool very_deep = in_channels >= 192;  ///< nor, of a band, into the second-level cache
    static constexpr std::ptrdiff_t least_tiles = very_deep ? 112 : 32;
    /// Tile rows of a band. Its transformed input should leave room in the second-level cache; below that, the fewest
    /// vectors in all, then the fewest bands, since each reads all weights.
    static constexpr std::ptrdiff_t band_rows = [] {
        const std::ptrdiff_t row_bytes = points * in_channels * row_tiles * static_cast<std::ptrdiff_t>(sizeof(T));
        std::ptrdiff_t best = together, best_vectors = ceil_div(units, together) * vectors_of(together);
        for (std::ptrdiff_t rows = together > 1 ? together : 2; rows <= units; rows += together) {
            if ((rows + more_rows) * row_bytes > this_machine.l2 * 7 / 32 && rows * row_tiles > least_tiles) {
                break;
            }
            const std::ptrdiff_t rest = units % rows;
            const std::ptrdiff_t vectors = units / rows * vectors_of(rows) + (rest > 0 ? vectors_of(rest) : 0);
            if (vectors <= best_vectors) {
                best = rows;
                best_vectors = vectors;
            }
        }
        return best;
    }();
    static constexpr std::ptrdiff_t band_tiles = vectors_of(band_rows) * lanes<T>;

    // --- The products: a register tile of two to four vectors of tiles by output channels. Vectors and broadcasts
    // share the load ports: 4x6 and 3x9 sums read 10 and 12 values for 24 and 27 products, 2x8 sums 10 for 16 and
    // reach 0.78 of the peak instead of 0.86.
    static constexpr std::ptrdiff_t most_tile_vectors =
        vector_registers < 32 || deep                                      ? 2
        : vectors_of(band_rows) % 4 == 0 && vectors_of(band_rows) % 3 != 0 ? 4
                                                                           : 3;
    static constexpr std::ptrdiff_t most_tile_channels = vector_registers < 32    ? (fused_multiply_add ? 6 : 5)
                                                         : deep                   ? 12
                                                         : most_tile_vectors == 4 ? 6
                                                                                  : 9;
    static constexpr cover channels = cover_with(out_channels, most_tile_channels);
    /// Channel blocks whose sums wait for their transform at once. Each slab reads all of a band's transformed input,
    /// which of so many channels is larger than the second-level cache: of 256->512 channels (32x32, dilation 8) slabs
    /// of 200 KB take 9.3 ms, of 800 KB 6.9 ms.
    static constexpr std::ptrdiff_t slab_blocks = [] {
        const std::ptrdiff_t block_bytes =
            points * channels.largest() * band_tiles * static_cast<std::ptrdiff_t>(sizeof(T));
        const std::ptrdiff_t most = this_machine.l2 / 10 * (very_deep ? 4 : 1) / block_bytes;
        return most < 1 ? 1 : most < channels.count ? most : channels.count;
    }();
    static constexpr std::ptrdiff_t slab_channels = slab_blocks * channels.largest();

    // --- Columns. Input k of a tile is column k - lead, in dilations from the tile's first output.
    static constexpr std::ptrdiff_t lead = G.pad_left / dilation;
    static_assert(G.pad_left % dilation == 0, "the tile's inputs and outputs must share their columns");
    static constexpr std::ptrdiff_t step_of(std::ptrdiff_t k) { return floor_div(k - lead, horizontal.outputs); }
    static constexpr std::ptrdiff_t column_in_step(std::ptrdiff_t k) {
        return k - lead - step_of(k) * horizontal.outputs;
    }
    /// Steps that the tiles of a panel read before and behind their own.
    static constexpr std::ptrdiff_t steps_before = -step_of(0);
    static constexpr std::ptrdiff_t steps_behind =
        horizontal.blocks - 1 + (step_of(horizontal.points() - 1) > 0 ? step_of(horizontal.points() - 1) : 0);
    /// Columns of one number within their tile lie in whole vectors, or can be shuffled into them.
    static constexpr bool whole_runs = across.phases == dilation && dilation % short_lanes == 0;
    static constexpr bool shuffled_runs = across.phases == dilation && short_lanes % dilation == 0 && !whole_runs;
    /// One panel reads nothing but padding before its own steps, and behind them if it covers the input's columns.
    static constexpr bool padding_behind = panels == 1 && G.in.width <= panel_steps * horizontal.outputs * dilation;
    /// A tile row is one vector between paddings: nothing goes through memory.
    static constexpr bool in_registers = padding_behind && horizontal.blocks == 1 && row_tiles == short_lanes &&
                                         (shuffled_runs || (whole_runs && dilation == short_lanes)) &&
                                         steps_before <= 1 && steps_behind <= 1;
    static constexpr std::ptrdiff_t dealt_before = round_up(steps_before * across.phases, short_lanes);
    static constexpr std::ptrdiff_t dealt_pitch =
        dealt_before + round_up((panel_steps + steps_behind) * across.phases, short_lanes) + 2 * short_lanes;
    /// Of a row of outputs; the last vector of tiles may run over.
    static constexpr std::ptrdiff_t line_size =
        round_up((panel_steps * dilation + short_lanes) * horizontal.outputs, map_quantum);

    /// An even number of cache lines from row to row would put them into few cache sets: 0.70 instead of 0.9 of the
    /// peak.
    static constexpr std::ptrdiff_t odd_lines(std::ptrdiff_t n) {
        n = round_up(n, map_quantum);
        return n / map_quantum % 2 == 0 ? n + map_quantum : n;
    }
    static constexpr std::ptrdiff_t tile_pitch =
        odd_lines(together > 1 ? band_tiles : (band_rows + more_rows) * row_tiles + lanes<T> + short_lanes);
    static constexpr std::ptrdiff_t input_plane = odd_lines(in_channels * tile_pitch);
    static constexpr std::ptrdiff_t sum_pitch = odd_lines(band_tiles + short_lanes);
    static constexpr std::ptrdiff_t sum_plane = odd_lines(slab_channels * sum_pitch);
    static constexpr std::ptrdiff_t dealt_size = horizontal.outputs * dealt_pitch;
    static constexpr std::ptrdiff_t dealt_rows = vertical.points() * dealt_size;  // of one tile row
    static constexpr std::ptrdiff_t dealt_at = 0;
    static constexpr std::ptrdiff_t lines_at = dealt_at + round_up(together * dealt_rows, map_quantum);
    static constexpr std::ptrdiff_t input_at = lines_at + together * vertical.outputs * line_size;
    static constexpr std::ptrdiff_t sums_at = input_at + points * input_plane;
    static constexpr std::ptrdiff_t zeros_at = sums_at + points * sum_plane;
    static constexpr std::ptrdiff_t scratch_size = zeros_at + G.in.pitch;

    /// Output row and column at which tile row u begins; columns of a panel.
    static constexpr std::ptrdiff_t row_of(std::ptrdiff_t u) {
        return u % down.phases + u / down.phases * vertical.outputs * G.dilation_height;
    }
    static constexpr std::ptrdiff_t column_of(std::ptrdiff_t panel) {
        return panel * panel_steps * horizontal.outputs * dilation;
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
