// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run? Chooses the family for a geometry, packs weights in the order of their use and walks
// rows.
#pragma once

#include <fovea/execute/kernels/conv_depthwise.hpp>
#include <fovea/execute/kernels/conv_narrow.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Lanes along x. Stride 1 reads the map itself, larger strides a copy split into phases.
template <class T, conv_geometry G, activation A,
          tiling Tiles = choose_tiling(ceil_div(G.out.width, lanes<T>), G.out_per_group())>
struct conv_along_x {
    static constexpr std::ptrdiff_t out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t in_channels = G.in_per_group();
    static constexpr bool strided = G.stride_width > 1;
    static constexpr cover channels = cover_with(out_channels, Tiles.channels);
    using phases = column_phases<T, G>;

    /// Output rows done before the next block of output channels, so that their input (192 KB at most, if four rows
    /// allow it) is still in the second-level cache; many rows, so that a block's weights are read seldom.
    static constexpr std::ptrdiff_t strip_rows = [] {
        const std::ptrdiff_t row_bytes =
            in_channels * (strided ? phases::row_size : G.in.pitch) * static_cast<std::ptrdiff_t>(sizeof(T));
        std::ptrdiff_t rows = 4;
        for (; rows < G.out.height; ++rows) {
            const std::ptrdiff_t apart = (rows + 1) * G.kernel_height;
            const std::ptrdiff_t together = rows * G.stride_height + (G.kernel_height - 1) * G.dilation_height + 1;
            if ((apart < together ? apart : together) * row_bytes > 192 * 1024) {
                break;
            }
        }
        return rows;
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
        static constexpr auto taps = [] {
            std::array<std::ptrdiff_t, static_cast<std::size_t>(G.kernel_width)> t{};
            for (std::ptrdiff_t k = 0; k < G.kernel_width; ++k) {
                t[static_cast<std::size_t>(k)] = strided ? phases::offset(k) : k * G.dilation_width - G.pad_left;
            }
            return t;
        }();
        static constexpr std::ptrdiff_t out_plane = G.out.plane;
        static constexpr std::ptrdiff_t out_pitch = G.out.pitch;
        static constexpr std::ptrdiff_t out_width = G.out.width;
    };
    using strip_type = strip<T, view, Tiles, channels, A>;

    static constexpr std::ptrdiff_t packed_size = G.weight_count();
    static constexpr std::ptrdiff_t scratch_size = strided ? G.in.channels * copied_rows * phases::row_size : 0;

    /// [group][block of output channels][kernel row][input channel][tap][output channel of the block]
    template <class Weight>
    static void pack(Weight weight, T* packed) noexcept {
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            std::ptrdiff_t o0 = g * out_channels;
            for (std::ptrdiff_t b = 0; b < channels.count; ++b) {
                const std::ptrdiff_t size = channels.size + (b < channels.larger ? 1 : 0);
                for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky) {
                    for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
                        for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                            for (std::ptrdiff_t o = 0; o < size; ++o) {
                                *packed++ = weight(o0 + o, i, ky, kx);
                            }
                        }
                    }
                }
                o0 += size;
            }
        }
    }

    /// source: row `source_row` of channel 0 in what the view describes.
    static void rows(const T* source, std::ptrdiff_t source_row, const T* packed, const T* bias, const T* slope, T* out,
                     std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            for (std::ptrdiff_t y = row_begin; y < row_end;) {
                const kernel_rows k = kernel_rows_of<G>(y);
                const std::ptrdiff_t most = y + strip_rows < row_end ? y + strip_rows : row_end;
                const std::ptrdiff_t end = same_kernel_rows_end<G>(y, most);
                const std::ptrdiff_t top = y * G.stride_height - G.pad_top + k.first * G.dilation_height - source_row;
                const tile_operands<T> in{.source =
                                              source + g * in_channels * view::channel_step + top * view::source_pitch,
                                          .weights = packed +
                                                     g * out_channels * in_channels * G.kernel_height * G.kernel_width,
                                          .source_step = G.dilation_height * view::source_pitch,
                                          .weight_step = 1,
                                          .rows = k.last - k.first};
                strip_type::run(in, k.first, in_channels * G.kernel_height * G.kernel_width,
                                bias != nullptr ? bias + g * out_channels : nullptr,
                                A == activation::prelu ? slope + g * out_channels : slope,
                                out + g * out_channels * G.out.plane + y * G.out.pitch, end - y);
                y = end;
            }
        }
    }

    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, [[maybe_unused]] T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        if constexpr (strided) {
            for (std::ptrdiff_t y = row_begin; y < row_end; y += copied_output_rows) {
                const std::ptrdiff_t end = y + copied_output_rows < row_end ? y + copied_output_rows : row_end;
                std::ptrdiff_t first = y * G.stride_height - G.pad_top;
                std::ptrdiff_t last =
                    (end - 1) * G.stride_height - G.pad_top + (G.kernel_height - 1) * G.dilation_height + 1;
                first = first < 0 ? 0 : first;
                last = last > G.in.height ? G.in.height : last;
                phases::split(in, first, last, scratch, view::channel_step);
                rows(scratch, first, packed, bias, slope, out, y, end);
            }
        } else {
            rows(in, 0, packed, bias, slope, out, row_begin, row_end);
        }
    }
};

enum class conv_family { along_x, along_channels, depthwise };

/// Lanes along x waste those behind the row's end, lanes along channels those behind the last channel.
template <class T>
constexpr conv_family choose_conv_family(const conv_geometry& g) {
    if (g.in_per_group() == 1 && g.out_per_group() == 1 && g.stride_height == 1 && g.stride_width == 1 &&
        g.kernel_height * g.kernel_width <= 49) {
        return conv_family::depthwise;
    }
    const std::ptrdiff_t along_x = ceil_div(g.out.width, lanes<T>) * lanes<T> * g.out_per_group();
    const std::ptrdiff_t along_channels = g.out.width * ceil_div(g.out_per_group(), lanes<T>) * lanes<T>;
    return 10 * along_channels <= 7 * along_x && g.in_per_group() * g.kernel_height * g.kernel_width >= 8
               ? conv_family::along_channels
               : conv_family::along_x;
}

template <class T, conv_geometry G, activation A>
constexpr auto conv_family_of() {
    if constexpr (choose_conv_family<T>(G) == conv_family::depthwise) {
        return conv_depthwise<T, G, A>{};
    } else if constexpr (choose_conv_family<T>(G) == conv_family::along_channels) {
        return conv_along_channels<T, G, A>{};
    } else {
        return conv_along_x<T, G, A>{};
    }
}

/// A convolution with bias and activation on maps of G's layout.
template <class T, conv_geometry G, activation A = activation::none>
struct conv_forward {
    using family = decltype(conv_family_of<T, G, A>());

    static constexpr std::ptrdiff_t packed_size = family::packed_size;    ///< elements, to be aligned to 64 bytes
    static constexpr std::ptrdiff_t scratch_size = family::scratch_size;  ///< elements a thread

    /// weights: O, I / groups, KH, KW
    static void pack(const T* weights, T* packed) noexcept {
        pack_from(
            [weights](std::ptrdiff_t o, std::ptrdiff_t i, std::ptrdiff_t ky, std::ptrdiff_t kx) {
                return weights[((o * G.in_per_group() + i) * G.kernel_height + ky) * G.kernel_width + kx];
            },
            packed);
    }

    /// weight(o, i, ky, kx) gives the weights, i counting within o's group.
    template <class Weight>
    static void pack_from(Weight weight, T* packed) noexcept {
        family::pack(weight, packed);
    }

    /// Output rows [row_begin, row_end). in and out point at the first value of channel 0; the gaps of `in` are zero,
    /// those of `out` are afterwards. bias: O values or nullptr; slope: one value for leaky_relu, O for prelu.
    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        family::run(in, packed, bias, slope, out, scratch, row_begin, row_end);
        if (row_end == G.out.height) {
            for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
