// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run whose output channels take turns at several patterns of taps? As one masked convolution
// for the channels of each pattern, which lie a constant number of planes apart.
#pragma once

#include <fovea/execute/kernels/conv_forward.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

constexpr conv_geometry with_taps(conv_geometry g, const tap_set& taps) {
    g.taps = taps;
    return g;
}

/// Output channel o has pattern o mod n of Patterns, a std::array of n tap_sets. A piece are the channels of one group
/// that share a pattern; groups whose pieces are alike (every period-th) share kernels.
template <conv_geometry G, auto Patterns>
struct pattern_pieces {
    static constexpr auto patterns = static_cast<std::ptrdiff_t>(Patterns.size());
    static constexpr std::ptrdiff_t channels = G.out_per_group();
    static constexpr std::ptrdiff_t period = patterns / std::gcd(patterns, channels);
    static constexpr std::ptrdiff_t count = (period < G.groups ? period : G.groups) * patterns;

    static constexpr tap_set taps_of(std::ptrdiff_t pattern) { return Patterns[static_cast<std::size_t>(pattern)]; }
    /// Among the channels of a group, in [0, patterns).
    static constexpr std::ptrdiff_t first_channel(std::ptrdiff_t piece) {
        const std::ptrdiff_t apart = piece % patterns - piece / patterns * channels;
        return apart - floor_div(apart, patterns) * patterns;
    }
    static constexpr bool exists(std::ptrdiff_t piece) { return first_channel(piece) < channels; }
    static constexpr bool begins_group(std::ptrdiff_t piece) {
        bool first = true;
        for (std::ptrdiff_t p = piece / patterns * patterns; p < piece; ++p) {
            first = first && !exists(p);
        }
        return first;
    }
    static constexpr std::ptrdiff_t groups_with(std::ptrdiff_t piece) {
        return ceil_div(G.groups - piece / patterns, period);
    }
    static constexpr conv_geometry geometry(std::ptrdiff_t piece) {
        conv_geometry g = with_taps(G, taps_of(piece % patterns));
        g.groups = 1;
        g.in.channels = G.in_per_group();
        g.out.channels = ceil_div(channels - first_channel(piece), patterns);
        g.out.plane = G.out.plane * patterns;
        return g;
    }

    /// Weights of the channels before this one; of a whole turn: those between two channels of a piece.
    static constexpr std::ptrdiff_t weights_before(std::ptrdiff_t channel) {
        std::ptrdiff_t taps = 0;
        for (std::ptrdiff_t p = 0; p < patterns; ++p) {
            taps += ceil_div(channel - p, patterns) * with_taps(G, taps_of(p)).tap_count();
        }
        return taps * G.in_per_group();
    }
    static constexpr std::ptrdiff_t weights_a_channel = weights_before(patterns);

    template <class Function>
    static constexpr void each_piece(Function f) {
        for_each_index<count>([&]<std::ptrdiff_t Piece>(constant<Piece>) {
            if constexpr (exists(Piece)) {
                f.template operator()<Piece>();
            }
        });
    }
    template <class Function>
    static constexpr std::ptrdiff_t sum(Function f) {
        std::ptrdiff_t n = 0;
        each_piece([&]<std::ptrdiff_t Piece> { n += f.template operator()<Piece>(); });
        return n;
    }
    template <class Function>
    static constexpr std::ptrdiff_t most(Function f) {
        std::ptrdiff_t n = 0;
        each_piece([&]<std::ptrdiff_t Piece> {
            const std::ptrdiff_t v = f.template operator()<Piece>();
            n = v > n ? v : n;
        });
        return n;
    }

    /// f.operator()<Piece>(group, its first channel in the layer) for every piece of every group.
    template <class Function>
    static void each(Function f) {
        each_piece([&]<std::ptrdiff_t Piece> {
            for (std::ptrdiff_t g = Piece / patterns; g < G.groups; g += period) {
                f.template operator()<Piece>(g, g * channels + first_channel(Piece));
            }
        });
    }
};

template <class T, conv_geometry G, auto Patterns, activation A, bool Add = false>
struct dealt_conv_forward {
    using pieces = pattern_pieces<G, Patterns>;
    template <std::ptrdiff_t Piece>
    using kernel = conv_forward<T, pieces::geometry(Piece), A, Add>;

    static constexpr std::ptrdiff_t packed_size =
        pieces::sum([]<std::ptrdiff_t Piece> { return pieces::groups_with(Piece) * kernel<Piece>::packed_size; });
    static constexpr std::ptrdiff_t scratch_size =
        pieces::most([]<std::ptrdiff_t Piece> { return kernel<Piece>::scratch_size; });

    /// Output rows that all pieces do before the next ones, so that their input (1/8 of the second-level cache, or
    /// eight rows) stays near.
    static constexpr std::ptrdiff_t band_rows = [] {
        const std::ptrdiff_t row = G.in.channels * G.in.pitch * static_cast<std::ptrdiff_t>(sizeof(T));
        const std::ptrdiff_t rows =
            (this_machine.l2 / 8 / row - (G.kernel_height - 1) * G.dilation_height - 1) / G.stride_height + 1;
        return rows < 8 ? 8 : rows;
    }();

    static void pack(const T* weights, T* packed) noexcept {
        pieces::each([&]<std::ptrdiff_t Piece>(std::ptrdiff_t, std::ptrdiff_t channel) {
            kernel<Piece>::pack(weights + pieces::weights_before(channel), packed, pieces::weights_a_channel);
            packed += kernel<Piece>::packed_size;
        });
    }

    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end, const T* added = nullptr) noexcept {
        added = added != nullptr ? added : out;
        for (std::ptrdiff_t y = row_begin; y < row_end; y += band_rows) {
            const std::ptrdiff_t end = y + band_rows < row_end ? y + band_rows : row_end;
            const T* weights = packed;
            pieces::each([&]<std::ptrdiff_t Piece>(std::ptrdiff_t group, std::ptrdiff_t channel) {
                constexpr std::ptrdiff_t size = pieces::geometry(Piece).out.channels;
                const every_nth<size> own_bias(bias, channel, bias != nullptr);
                constexpr bool own = facts_of(A).slopes == activation_slopes::per_channel;
                const every_nth<size> own_slope(slope, channel, own);
                kernel<Piece>::family::run(in + group * G.in_per_group() * G.in.plane, weights,
                                           bias != nullptr ? own_bias.values : nullptr, own ? own_slope.values : slope,
                                           out + channel * G.out.plane, scratch, y, end, added + channel * G.out.plane);
                weights += kernel<Piece>::packed_size;
            });
        }
        if (row_end == G.out.height) {
            for (std::ptrdiff_t c = 0; c < G.out.channels; ++c) {
                zero_plane_end<T, G.out>(out + c * G.out.plane);
            }
        }
    }

private:
    /// The values of a piece's channels.
    template <std::ptrdiff_t Size>
    struct every_nth {
        T values[static_cast<std::size_t>(Size)];
        every_nth(const T* all, std::ptrdiff_t channel, bool used) {
            for (std::ptrdiff_t c = 0; c < Size && used; ++c) {
                values[c] = all[channel + c * pieces::patterns];
            }
        }
    };
};

/// conv_forward for a layer whose output channel o has pattern o mod n of Patterns, a std::array of n tap_sets. Weights
/// lie as O, I / groups, present taps of the channel's pattern; bias and slope in the order of the channels.
template <class T, conv_geometry G, auto Patterns, activation A = activation::none, bool Add = false>
using conv_patterns = std::conditional_t<Patterns.size() == 1, conv_forward<T, with_taps(G, Patterns[0]), A, Add>,
                                         dealt_conv_forward<T, G, Patterns, A, Add>>;

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
