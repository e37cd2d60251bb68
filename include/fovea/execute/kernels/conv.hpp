// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run? Chooses the family for a geometry, packs weights in the order of their use and walks
// rows.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/conv_depthwise.hpp>
#include <fovea/execute/kernels/conv_narrow.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Output rows done before the next block of output channels, so that their input (192 KB at most, if four rows allow
/// it) is still in the second-level cache; many rows, so that a block's weights are read seldom.
template <class T, conv_geometry G>
constexpr std::ptrdiff_t strip_rows_of(std::ptrdiff_t source_pitch) {
    const std::ptrdiff_t row_bytes = G.in_per_group() * source_pitch * static_cast<std::ptrdiff_t>(sizeof(T));
    std::ptrdiff_t rows = 4;
    for (; rows < G.out.height; ++rows) {
        const std::ptrdiff_t apart = (rows + 1) * G.kernel_height;
        const std::ptrdiff_t together = rows * G.stride_height + (G.kernel_height - 1) * G.dilation_height + 1;
        if ((apart < together ? apart : together) * row_bytes > 192 * 1024) {
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
                                                          std::min(strip_rows_of<T, G>(G.in.pitch), G.out.height),
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

    static constexpr std::ptrdiff_t strip_rows = [] {
        const std::ptrdiff_t rows = strip_rows_of<T, G>(strided ? phases::row_size : G.in.pitch);
        const std::ptrdiff_t together = std::max<std::ptrdiff_t>(Tiles.packed_rows, 1);
        return rows < G.out.height ? rows / together * together : rows;
    }();

    /// Rows of a split copy, which serves a run of output rows.
    static constexpr std::ptrdiff_t copied_output_rows = [] {
        std::ptrdiff_t rows = 65536 / (G.in.channels * phases::row_size * G.stride_height) + 1;
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
    using strip_type = strip<T, view, Tiles, channels, A>;

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
                const std::ptrdiff_t most = y + strip_rows < row_end ? y + strip_rows : row_end;
                const std::ptrdiff_t end = same_kernel_rows_end<G>(y, most);
                const std::ptrdiff_t top = y * G.stride_height - G.pad_top + k.first * G.dilation_height - source_row;
                const tile_operands<T> in{.source =
                                              source + g * in_channels * view::channel_step + top * view::source_pitch,
                                          .weights = packed + g * group_weights,
                                          .source_step = G.dilation_height * view::source_pitch,
                                          .first = k.first,
                                          .step = 1,
                                          .rows = k.last - k.first};
                strip_type::run(in, bias != nullptr ? bias + g * out_channels : nullptr,
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

enum class conv_family { along_x, along_channels, depthwise };

/// Lanes along x waste those behind the row's end, lanes along channels those behind the last channel.
template <class T>
constexpr conv_family choose_conv_family(const conv_geometry& g) {
    if (g.is_depthwise()) {
        return conv_family::depthwise;
    }
    const std::ptrdiff_t along_x = ceil_div(g.out.width, lanes<T>) * lanes<T> * g.out_per_group();
    const std::ptrdiff_t along_channels = g.out.width * ceil_div(g.out_per_group(), lanes<T>) * lanes<T>;
    return 10 * along_channels <= 7 * along_x && g.in_per_group() * g.tap_count() >= 8 ? conv_family::along_channels
                                                                                       : conv_family::along_x;
}

template <class T, conv_geometry G, activation A, bool Add>
constexpr auto conv_family_of() {
    if constexpr (choose_conv_family<T>(G) == conv_family::depthwise) {
        return conv_depthwise<T, G, A, Add>{};
    } else if constexpr (choose_conv_family<T>(G) == conv_family::along_channels) {
        return conv_along_channels<T, G, A, Add>{};
    } else {
        return conv_along_x<T, G, A, Add>{};
    }
}

/// A convolution with bias and activation on maps of G's layout. Add: a map is added before the activation.
template <class T, conv_geometry G, activation A = activation::none, bool Add = false>
struct conv_forward {
    using family = decltype(conv_family_of<T, trimmed(G), A, Add>());

    static constexpr std::ptrdiff_t packed_size = family::packed_size;    ///< elements, to be aligned to 64 bytes
    static constexpr std::ptrdiff_t scratch_size = family::scratch_size;  ///< elements a thread

    /// weights: O, I / groups, present taps in row-major order; those of an output channel begin `weights_a_channel`
    /// after those of the last.
    static void pack(const T* weights, T* packed,
                     std::ptrdiff_t weights_a_channel = G.in_per_group() * G.tap_count()) noexcept {
        constexpr std::ptrdiff_t taps = G.tap_count();
        pack_weights<T>(family::order, {weights, G.out_per_group() * weights_a_channel, weights_a_channel, taps, 1},
                        packed);
    }

    /// Output rows [row_begin, row_end). in and out point at the first value of channel 0; the gaps of `in` are zero,
    /// those of `out` are afterwards. bias: O values or nullptr; slope: one value for leaky_relu, O for prelu. added:
    /// with Add, a map of the layout of `out`, gaps zero; without one what `out` holds is added to.
    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end, const T* added = nullptr) noexcept {
        family::run(in, packed, bias, slope, out, scratch, row_begin, row_end, added);
        if (row_end == G.out.height) {
            for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
