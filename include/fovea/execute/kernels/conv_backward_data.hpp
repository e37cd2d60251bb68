// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a convolution's input? Again a convolution: of the output's gradient with flipped, transposed
// weights. A stride turns it into one dense convolution for each remainder of the input column.
#pragma once

#include <numeric>

#include <fovea/execute/kernels/conv.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Zero columns that the gradient of the output must have on either side (its gap and its guard).
constexpr std::ptrdiff_t backward_reach(const conv_geometry& g) {
    // Column i of the input takes output columns (i + pad - k * dilation) / stride, where that is whole.
    const std::ptrdiff_t left = floor_div((g.kernel_width - 1) * g.dilation_width - g.pad_left, g.stride_width);
    const std::ptrdiff_t right = floor_div(g.in.width - 1 + g.pad_left, g.stride_width) - (g.out.width - 1);
    const std::ptrdiff_t most = left > right ? left : right;
    return most > 0 ? most : 0;
}

/// The convolution that maps dout to din at stride 1.
constexpr conv_geometry flipped(const conv_geometry& g) {
    conv_geometry f = g;
    f.in = g.out;
    f.out = g.in;
    f.pad_top = (g.kernel_height - 1) * g.dilation_height - g.pad_top;
    f.pad_left = (g.kernel_width - 1) * g.dilation_width - g.pad_left;
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
    static constexpr std::size_t tap_count = [] {
        std::size_t n = 0;
        for (std::ptrdiff_t k = 0; k < G.kernel_width; ++k) {
            n += reaches(k) ? 1 : 0;
        }
        return n;
    }();
    static constexpr std::array<std::ptrdiff_t, tap_count> tap_numbers = [] {
        std::array<std::ptrdiff_t, tap_count> t{};
        std::size_t n = 0;
        for (std::ptrdiff_t k = G.kernel_width - 1; k >= 0; --k) {
            if (reaches(k)) {
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
            std::array<std::ptrdiff_t, tap_count> t{};
            for (std::size_t n = 0; n < tap_count; ++n) {
                t[n] = floor_div(F + G.pad_left - tap_numbers[n] * G.dilation_width, stride);
            }
            return t;
        }();
        static constexpr std::ptrdiff_t out_pitch = round_up(width, lanes<T>);
        static constexpr std::ptrdiff_t out_plane = stride * round_up(ceil_div(G.in.width, stride), lanes<T>);
        static constexpr std::ptrdiff_t out_width = width;
    };
    static constexpr tiling tiles = [] {
        tiling t = choose_tiling(ceil_div(width, lanes<T>), G.in_per_group());
        if (t.rows > 1) {
            t = {1, 1, G.in_per_group() < 12 ? G.in_per_group() : 12};
        }
        return t;
    }();
    static constexpr cover channels = cover_with(G.in_per_group(), tiles.channels);
    static constexpr std::ptrdiff_t group_weights =
        G.in_per_group() * G.out_per_group() * G.kernel_height * static_cast<std::ptrdiff_t>(tap_count);
};

/// The kernel rows first, first - step, ... (count of them) bring an input row to output rows row, row + row_step, ...
struct backward_rows {
    std::ptrdiff_t first;
    std::ptrdiff_t count;
    std::ptrdiff_t row;
};

template <class T, conv_geometry G>
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
    static constexpr std::ptrdiff_t packed_size = G.weight_count();
    static constexpr std::ptrdiff_t scratch_size = in_channels * stride * phase_pitch;

    /// [phase][group][block of input channels][kernel row, descending][output channel][tap][input channel of the block]
    static void pack(const T* weights, T* packed) noexcept {
        each(
            [&]<std::ptrdiff_t F>() {
                for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
                    std::ptrdiff_t i0 = 0;
                    for (std::ptrdiff_t b = 0; b < phase<F>::channels.count; ++b) {
                        const std::ptrdiff_t size = phase<F>::channels.size + (b < phase<F>::channels.larger ? 1 : 0);
                        for (std::ptrdiff_t ky = G.kernel_height - 1; ky >= 0; --ky) {
                            for (std::ptrdiff_t o = 0; o < out_channels; ++o) {
                                for (const std::ptrdiff_t kx : phase<F>::tap_numbers) {
                                    for (std::ptrdiff_t i = i0; i < i0 + size; ++i) {
                                        const std::ptrdiff_t row = (g * out_channels + o) * in_channels + i;
                                        *packed++ = weights[(row * G.kernel_height + ky) * G.kernel_width + kx];
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
                        constexpr auto taps = static_cast<std::ptrdiff_t>(p::tap_count);
                        if constexpr (taps > 0 && p::width > 0) {
                            strip<T, typename p::view, p::tiles, p::channels, activation::none>::run(
                                {.source = dout + g * out_channels * G.out.plane + k.row * G.out.pitch,
                                 .weights = weights + g * p::group_weights,
                                 .source_step = row_step * G.out.pitch,
                                 .weight_step = kernel_step,
                                 .rows = k.count},
                                G.kernel_height - 1 - k.first, out_channels * G.kernel_height * taps, nullptr, nullptr,
                                scratch + F * phase_pitch, 1);
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

    static void interleave(const T* phases, T* row) {
        constexpr std::ptrdiff_t whole = G.in.width / stride;
        for (std::ptrdiff_t j = 0; j < whole; ++j) {
            for (std::ptrdiff_t f = 0; f < stride; ++f) {
                row[j * stride + f] = phases[f * phase_pitch + j];
            }
        }
        for (std::ptrdiff_t x = whole * stride; x < G.in.width; ++x) {
            row[x] = phases[(x - whole * stride) * phase_pitch + whole];
        }
        for (std::ptrdiff_t x = G.in.width; x < G.in.pitch; ++x) {
            row[x] = T(0);
        }
    }
};

template <class T, conv_geometry G>
struct conv_backward_data_plain {
    static constexpr conv_geometry geometry = flipped(G);
    using forward = conv_forward<T, geometry>;

    static constexpr std::ptrdiff_t packed_size = forward::packed_size;
    static constexpr std::ptrdiff_t scratch_size = forward::scratch_size;

    static void pack(const T* weights, T* packed) noexcept {
        forward::pack_from(
            [weights](std::ptrdiff_t o, std::ptrdiff_t i, std::ptrdiff_t ky, std::ptrdiff_t kx) {
                // Output channel o of the flipped convolution is input channel o of the layer, in the same group.
                const std::ptrdiff_t group = o / G.in_per_group();
                const std::ptrdiff_t row = (group * G.out_per_group() + i) * G.in_per_group() + o % G.in_per_group();
                return weights[(row * G.kernel_height + G.kernel_height - 1 - ky) * G.kernel_width + G.kernel_width -
                               1 - kx];
            },
            packed);
    }

    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        forward::run(dout, packed, nullptr, nullptr, din, scratch, row_begin, row_end);
    }
};

/// din = the gradient of the input, overwritten; rows are INPUT rows. The gap of dout is backward_reach(G) or more.
template <class T, conv_geometry G>
struct conv_backward_data {
    static_assert(G.out.pitch - G.out.width >= backward_reach(G) && G.out.guard >= backward_reach(G),
                  "the gradient of the output needs a gap of backward_reach(G)");
    using family = std::conditional_t<G.stride_height == 1 && G.stride_width == 1, conv_backward_data_plain<T, G>,
                                      conv_backward_data_strided<T, G>>;

    static constexpr std::ptrdiff_t packed_size = family::packed_size;
    static constexpr std::ptrdiff_t scratch_size = family::scratch_size;

    /// weights: O, I / groups, KH, KW as for the forward kernel
    static void pack(const T* weights, T* packed) noexcept { family::pack(weights, packed); }

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

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
