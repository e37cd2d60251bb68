// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a convolution's input? Again a convolution: of the output's gradient with flipped, transposed
// weights. A stride turns it into one dense convolution for each remainder of the input column.
#pragma once

#include <fovea/execute/kernels/conv_patterns.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Zero columns that the gradient of the output must have on either side (its gap and its guard).
constexpr std::ptrdiff_t backward_reach(const conv_geometry& g) { return g.transposed_reach(); }

/// The convolution that maps dout to din at stride 1.
constexpr conv_geometry flipped(const conv_geometry& g) {
    conv_geometry f = g;
    f.in = g.out;
    f.out = g.in;
    f.pad_top = (g.kernel_height - 1) * g.dilation_height - g.pad_top;
    f.pad_left = (g.kernel_width - 1) * g.dilation_width - g.pad_left;
    if (!g.taps.all) {
        const std::ptrdiff_t taps = g.kernel_height * g.kernel_width;
        f.taps = tap_set::none();
        for (std::ptrdiff_t k = 0; k < taps; ++k) {
            if (g.taps.has(taps - 1 - k)) {
                f.taps.add(k);
            }
        }
    }
    return f;
}

/// Input columns that leave remainder F on division by the stride: which taps reach them, from where, and their values
/// side by side, as the columns of a dense convolution.
template <class T, conv_geometry G, std::ptrdiff_t F>
struct input_phase {
    static constexpr std::ptrdiff_t stride = G.stride_width;
    static constexpr std::ptrdiff_t width = G.in.width > F ? ceil_div(G.in.width - F, stride) : 0;

    static constexpr bool reaches(std::ptrdiff_t k) {
        const std::ptrdiff_t from = F + G.pad_left - k * G.dilation_width;
        return from - floor_div(from, stride) * stride == 0;
    }
    static constexpr auto positions = tap_positions<G>();
    static constexpr std::size_t tap_count = [] {
        std::size_t n = 0;
        for (const std::ptrdiff_t k : positions) {
            n += reaches(k % G.kernel_width) ? 1 : 0;
        }
        return n;
    }();
    /// Those taps from the last one to the first, as numbers among all that are present.
    static constexpr std::array<std::size_t, tap_count> tap_numbers = [] {
        std::array<std::size_t, tap_count> t{};
        std::size_t n = 0;
        for (std::size_t k = positions.size(); k-- > 0;) {
            if (reaches(positions[k] % G.kernel_width)) {
                t[n++] = k;
            }
        }
        return t;
    }();

    struct view {
        static constexpr std::ptrdiff_t channels = G.out_per_group();
        static constexpr std::ptrdiff_t channel_step = G.out.plane;
        static constexpr std::ptrdiff_t row_step = 0;  // one row at a time
        static constexpr auto taps = [] {
            tap_rows<static_cast<std::size_t>(G.kernel_height), tap_count> t;
            for (std::size_t n = 0; n < tap_count; ++n) {
                const std::ptrdiff_t k = positions[tap_numbers[n]];
                t.offset[n] = floor_div(F + G.pad_left - k % G.kernel_width * G.dilation_width, stride);
                for (auto r = static_cast<std::size_t>(G.kernel_height - k / G.kernel_width); r < t.begin.size(); ++r) {
                    ++t.begin[r];
                }
            }
            t.find_kinds();
            return t;
        }();
        static constexpr bool adds = false;
        static constexpr std::ptrdiff_t out_pitch = round_up(width, lanes<T>);
        static constexpr std::ptrdiff_t out_plane = stride * round_up(ceil_div(G.in.width, stride), lanes<T>);
        static constexpr std::ptrdiff_t out_width = width;
        static constexpr bool reads(std::ptrdiff_t, std::ptrdiff_t) { return true; }
    };
    static constexpr tiling tiles = [] {
        tiling t = choose_tiling(ceil_div(width, lanes<T>), G.in_per_group());
        if (t.rows > 1) {
            t = {.rows = 1, .vectors = 1, .channels = G.in_per_group() < 12 ? G.in_per_group() : 12};
        }
        return t;
    }();
    static constexpr cover channels = cover_with(G.in_per_group(), tiles.channels);
    static constexpr std::ptrdiff_t group_weights =
        G.in_per_group() * G.out_per_group() * static_cast<std::ptrdiff_t>(tap_count);
};

/// The kernel rows first, first - step, ... (count of them) bring an input row to output rows row, row + row_step, ...
struct backward_rows {
    std::ptrdiff_t first;
    std::ptrdiff_t count;
    std::ptrdiff_t row;
};

template <class T, conv_geometry G, bool Add>
struct conv_backward_data_strided {
    static constexpr std::ptrdiff_t stride = G.stride_width;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group();
    static constexpr std::ptrdiff_t out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t kernel_step = G.stride_height / std::gcd(G.stride_height, G.dilation_height);
    static constexpr std::ptrdiff_t row_step = kernel_step * G.dilation_height / G.stride_height;

    template <std::ptrdiff_t F>
    using phase = input_phase<T, G, F>;

    template <class Function, std::size_t... F>
    static void each(Function f, std::index_sequence<F...>) {
        (f.template operator()<static_cast<std::ptrdiff_t>(F)>(), ...);
    }

    static constexpr std::ptrdiff_t phase_pitch = round_up(ceil_div(G.in.width, stride), lanes<T>);
    static constexpr std::ptrdiff_t taps = G.tap_count();
    static constexpr std::ptrdiff_t packed_size = G.weight_count();
    static constexpr std::ptrdiff_t scratch_size = in_channels * stride * phase_pitch;

    /// [phase][group][block of input channels][kernel row, descending][output channel][tap][input channel of the block]
    static void pack(const T* weights, T* packed, std::ptrdiff_t weights_a_channel) noexcept {
        each(
            [&]<std::ptrdiff_t F>() {
                for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
                    std::ptrdiff_t i0 = 0;
                    for (std::ptrdiff_t b = 0; b < phase<F>::channels.count; ++b) {
                        const std::ptrdiff_t size = phase<F>::channels.size_of(b);
                        constexpr auto& begin = phase<F>::view::taps.begin;
                        for (std::size_t r = 0; r + 1 < begin.size(); ++r) {
                            for (std::ptrdiff_t o = 0; o < out_channels; ++o) {
                                for (std::ptrdiff_t k = begin[r]; k < begin[r + 1]; ++k) {
                                    const T* tap = weights + (g * out_channels + o) * weights_a_channel +
                                                   phase<F>::tap_numbers[static_cast<std::size_t>(k)];
                                    for (std::ptrdiff_t i = i0; i < i0 + size; ++i) {
                                        *packed++ = tap[i * taps];
                                    }
                                }
                            }
                        }
                        i0 += size;
                    }
                }
            },
            range<stride>{});
    }

    /// The kernel rows that connect input row y with rows of the output.
    static backward_rows rows_of(std::ptrdiff_t y) {
        backward_rows r{0, 0, 0};
        for (std::ptrdiff_t ky = G.kernel_height - 1; ky >= 0; --ky) {
            const std::ptrdiff_t from = y + G.pad_top - ky * G.dilation_height;
            const std::ptrdiff_t row = floor_div(from, G.stride_height);
            if (row * G.stride_height == from && row >= 0 && row < G.out.height) {
                if (r.count++ == 0) {
                    r.first = ky;
                    r.row = row;
                }
            }
        }
        return r;
    }

    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                const backward_rows k = rows_of(y);
                const T* weights = packed;
                each(
                    [&]<std::ptrdiff_t F>() {
                        using p = phase<F>;
                        if constexpr (p::tap_count > 0 && p::width > 0) {
                            band<T, typename p::view, p::tiles, p::channels, activation::none>::run(
                                {.source = dout + g * out_channels * G.out.plane + k.row * G.out.pitch,
                                 .weights = weights + g * p::group_weights,
                                 .source_step = row_step * G.out.pitch,
                                 .first = G.kernel_height - 1 - k.first,
                                 .step = kernel_step,
                                 .rows = k.count},
                                nullptr, nullptr, scratch + F * phase_pitch, scratch + F * phase_pitch, 1);
                        } else {
                            for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
                                for (std::ptrdiff_t x = 0; x < phase_pitch; ++x) {
                                    scratch[i * stride * phase_pitch + F * phase_pitch + x] = T(0);
                                }
                            }
                        }
                        weights += G.groups * p::group_weights;
                    },
                    range<stride>{});
                for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
                    interleave(scratch + i * stride * phase_pitch,
                               din + (g * in_channels + i) * G.in.plane + y * G.in.pitch);
                }
            }
        }
    }

    FOVEA_INLINE static void put(T& to, T value) { to = Add ? to + value : value; }

    static void interleave(const T* phases, T* row) {
        constexpr std::ptrdiff_t whole = G.in.width / stride;
        for (std::ptrdiff_t j = 0; j < whole; ++j) {
            for (std::ptrdiff_t f = 0; f < stride; ++f) {
                put(row[j * stride + f], phases[f * phase_pitch + j]);
            }
        }
        for (std::ptrdiff_t x = whole * stride; x < G.in.width; ++x) {
            put(row[x], phases[(x - whole * stride) * phase_pitch + whole]);
        }
        for (std::ptrdiff_t x = G.in.width; x < G.in.pitch; ++x) {
            row[x] = T(0);
        }
    }
};

template <class T, conv_geometry G, bool Add>
struct conv_backward_data_plain {
    static constexpr conv_geometry geometry = flipped(G);
    using forward = typename conv_forward<T, geometry, activation::none, Add>::family;

    static constexpr std::ptrdiff_t packed_size = forward::packed_size;
    static constexpr std::ptrdiff_t scratch_size = forward::scratch_size;

    static void pack(const T* weights, T* packed, std::ptrdiff_t weights_a_channel) noexcept {
        // Output channel o of the flipped convolution is input channel o of the layer.
        constexpr std::ptrdiff_t taps = G.tap_count();
        pack_weights<T>(forward::order,
                        {weights + taps - 1, G.out_per_group() * weights_a_channel, taps, weights_a_channel, -1},
                        packed);
    }

    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        forward::run(dout, packed, nullptr, nullptr, din, scratch, row_begin, row_end);
    }
};

/// din = the gradient of the input, overwritten; rows are INPUT rows. The gap of dout is backward_reach(G) or more.
/// Add: the gradient is added to what din holds, whose gaps are zero.
template <class T, conv_geometry G, bool Add = false>
struct conv_backward_data {
    static_assert(G.out.pitch - G.out.width >= backward_reach(G) && G.out.guard >= backward_reach(G),
                  "the gradient of the output needs a gap of backward_reach(G)");
    using family =
        std::conditional_t<G.stride_height == 1 && G.stride_width == 1, conv_backward_data_plain<T, trimmed(G), Add>,
                           conv_backward_data_strided<T, trimmed(G), Add>>;

    static constexpr std::ptrdiff_t packed_size = family::packed_size;
    static constexpr std::ptrdiff_t scratch_size = family::scratch_size;

    /// weights: as for the forward kernel
    static void pack(const T* weights, T* packed,
                     std::ptrdiff_t weights_a_channel = G.in_per_group() * G.tap_count()) noexcept {
        family::pack(weights, packed, weights_a_channel);
    }

    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        family::run(dout, packed, din, scratch, row_begin, row_end);
        if (row_end == G.in.height) {
            for (std::ptrdiff_t c = 0; c < G.in.channels; ++c) {
                zero_plane_end<T, G.in>(din + c * G.in.plane);
            }
        }
    }
};

template <class T, conv_geometry G, auto Patterns>
struct dealt_conv_backward_data {
    using pieces = pattern_pieces<G, Patterns>;
    /// The first piece of a group writes, the others add.
    template <std::ptrdiff_t Piece>
    using kernel = conv_backward_data<T, pieces::geometry(Piece), !pieces::begins_group(Piece)>;

    static constexpr std::ptrdiff_t packed_size =
        pieces::sum([]<std::ptrdiff_t Piece> { return pieces::groups_with(Piece) * kernel<Piece>::packed_size; });
    static constexpr std::ptrdiff_t scratch_size =
        pieces::most([]<std::ptrdiff_t Piece> { return kernel<Piece>::scratch_size; });

    static void pack(const T* weights, T* packed) noexcept {
        pieces::each([&]<std::ptrdiff_t Piece>(std::ptrdiff_t, std::ptrdiff_t channel) {
            kernel<Piece>::pack(weights + pieces::weights_before(channel), packed, pieces::weights_a_channel);
            packed += kernel<Piece>::packed_size;
        });
    }

    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        pieces::each([&]<std::ptrdiff_t Piece>(std::ptrdiff_t group, std::ptrdiff_t channel) {
            kernel<Piece>::run(dout + channel * G.out.plane, packed, din + group * G.in_per_group() * G.in.plane,
                               scratch, row_begin, row_end);
            packed += kernel<Piece>::packed_size;
        });
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
