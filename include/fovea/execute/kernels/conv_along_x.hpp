// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run with neighbouring columns in the lanes? Packs weights in the order of their use and walks
// rows.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Output rows done before the next block of output channels, so that their input (3/32 of the second-level cache
/// at most, 192 KB, if four rows allow it) is still there; many rows, so that a block's weights are read seldom.
template <class T, conv_geometry G>
constexpr std::ptrdiff_t band_rows_of(std::ptrdiff_t source_pitch) {
    const std::ptrdiff_t row_bytes = G.in_per_group() * source_pitch * static_cast<std::ptrdiff_t>(sizeof(T));
    std::ptrdiff_t rows = 4;
    for (; rows < G.out.height; ++rows) {
        const std::ptrdiff_t apart = (rows + 1) * G.kernel_height;
        const std::ptrdiff_t together = rows * G.stride_height + (G.kernel_height - 1) * G.dilation_height + 1;
        if ((apart < together ? apart : together) * row_bytes > this_machine.l2 * 3 / 32) {
            break;
        }
    }
    return rows;
}

/// Larger strides read a copy of the map, whose ends of rows are not packed.
template <class T, conv_geometry G>
constexpr tiling choose_tiling_along_x() {
    return G.stride_width > 1 ? choose_tiling(ceil_div(G.out.width, lanes<T>), G.out_per_group())
                              : choose_tiling_of_width<T>(G.out.width, G.out_per_group(),
                                                          std::min(band_rows_of<T, G>(G.in.pitch), G.out.height),
                                                          G.in_per_group() * G.tap_count());
}

/// Lanes along x. Stride 1 reads the map itself, larger strides a copy split into phases.
template <class T, conv_geometry G, activation A, bool Add, tiling Tiles = choose_tiling_along_x<T, G>()>
struct conv_along_x {
    static constexpr std::ptrdiff_t out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t in_channels = G.in_per_group();
    static constexpr bool strided = G.stride_width > 1;
    static constexpr cover channels = cover_with(out_channels, Tiles.channels);
    using phases = column_phases<T, G>;

    static constexpr std::ptrdiff_t band_rows = [] {
        const std::ptrdiff_t rows = band_rows_of<T, G>(strided ? phases::row_size : G.in.pitch);
        const std::ptrdiff_t together = std::max<std::ptrdiff_t>(Tiles.packed_rows, 1);
        return rows < G.out.height ? rows / together * together : rows;
    }();

    /// Rows of a split copy, which serves a run of output rows.
    static constexpr std::ptrdiff_t copied_output_rows = [] {
        constexpr std::ptrdiff_t elements = this_machine.l2 / 8 / static_cast<std::ptrdiff_t>(sizeof(float));
        std::ptrdiff_t rows = elements / (G.in.channels * phases::row_size * G.stride_height) + 1;
        rows = rows < 8 ? 8 : rows;
        return rows < G.out.height ? rows : G.out.height;
    }();
    static constexpr std::ptrdiff_t copied_rows = [] {
        const std::ptrdiff_t rows =
            (copied_output_rows - 1) * G.stride_height + (G.kernel_height - 1) * G.dilation_height + 1;
        return rows < G.in.height ? rows : G.in.height;
    }();

    struct view {
        static constexpr std::ptrdiff_t channels = in_channels;
        static constexpr std::ptrdiff_t source_pitch = strided ? phases::row_size : G.in.pitch;
        static constexpr std::ptrdiff_t channel_step = strided ? copied_rows * phases::row_size : G.in.plane;
        static constexpr std::ptrdiff_t row_step = source_pitch * G.stride_height;
        static constexpr auto taps = tap_rows_of<G>(
            [](std::ptrdiff_t kx) { return strided ? phases::offset(kx) : kx * G.dilation_width - G.pad_left; });
        static constexpr bool adds = Add;
        static constexpr std::ptrdiff_t out_plane = G.out.plane;
        static constexpr std::ptrdiff_t out_pitch = G.out.pitch;
        static constexpr std::ptrdiff_t out_width = G.out.width;
        /// Whether columns [x, x + count) of the source lie in the image, at least one.
        static constexpr bool reads(std::ptrdiff_t x, std::ptrdiff_t count) {
            return strided || (x + count > 0 && x < G.in.width);
        }
    };
    using band_type = band<T, view, Tiles, channels, A>;

    static constexpr std::ptrdiff_t group_weights = G.weight_count() / G.groups;
    static constexpr std::ptrdiff_t packed_size = G.weight_count();
    static constexpr std::ptrdiff_t scratch_size = strided ? G.in.channels * copied_rows * phases::row_size : 0;

    static constexpr weight_order order{G.groups,       out_channels, in_channels, channels, 1, view::taps.begin.data(),
                                        G.kernel_height};

    /// source: row `source_row` of channel 0 in what the view describes.
    static void rows(const T* source, std::ptrdiff_t source_row, const T* packed, const T* bias, const T* slope,
                     const T* added, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            for (std::ptrdiff_t y = row_begin; y < row_end;) {
                const kernel_rows k = kernel_rows_of<G>(y);
                const std::ptrdiff_t most = y + band_rows < row_end ? y + band_rows : row_end;
                const std::ptrdiff_t end = same_kernel_rows_end<G>(y, most);
                const std::ptrdiff_t top = y * G.stride_height - G.pad_top + k.first * G.dilation_height - source_row;
                const tile_operands<T> in{.source =
                                              source + g * in_channels * view::channel_step + top * view::source_pitch,
                                          .weights = packed + g * group_weights,
                                          .source_step = G.dilation_height * view::source_pitch,
                                          .first = k.first,
                                          .step = 1,
                                          .rows = k.last - k.first};
                band_type::run(in, bias != nullptr ? bias + g * out_channels : nullptr,
                               slopes_from<A>(slope, g * out_channels),
                               added + g * out_channels * G.out.plane + y * G.out.pitch,
                               out + g * out_channels * G.out.plane + y * G.out.pitch, end - y);
                y = end;
            }
        }
    }

    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, [[maybe_unused]] T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end, const T* added = nullptr) noexcept {
        added = added != nullptr ? added : out;
        if constexpr (strided) {
            for (std::ptrdiff_t y = row_begin; y < row_end; y += copied_output_rows) {
                const std::ptrdiff_t end = y + copied_output_rows < row_end ? y + copied_output_rows : row_end;
                std::ptrdiff_t first = y * G.stride_height - G.pad_top;
                std::ptrdiff_t last =
                    (end - 1) * G.stride_height - G.pad_top + (G.kernel_height - 1) * G.dilation_height + 1;
                first = first < 0 ? 0 : first;
                last = last > G.in.height ? G.in.height : last;
                phases::split(in, first, last, scratch, view::channel_step);
                rows(scratch, first, packed, bias, slope, added, out, y, end);
            }
        } else {
            rows(in, 0, packed, bias, slope, added, out, row_begin, row_end);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
