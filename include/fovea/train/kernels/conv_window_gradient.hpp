// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a convolution's weights on small maps? The product of the output's gradient with the windows
// of the input, weights in the lanes: no sum over lanes is left, and none lies idle behind short rows.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/conv_rows.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Does that pay? Costs in multiply-adds of vectors for each weight: positions along the lanes take whole vectors of
/// each row and a sum over lanes; weights along the lanes take a copy of every window, which the output channels share.
template <class T>
constexpr bool windows_pay(const conv_geometry& g) {
    const auto positions = static_cast<double>(g.out.height * g.out.width);
    const auto rows = static_cast<double>(g.out.height * ceil_div(g.out.width, lanes<T>));
    const std::ptrdiff_t weights = g.in_per_group() * g.tap_count();
    const double filled = static_cast<double>(weights) / static_cast<double>(round_up(weights, lanes<T>));
    return positions / static_cast<double>(lanes<T>) / filled * 1.1 +
               3 * positions / static_cast<double>(g.out_per_group()) <
           0.9 * (rows + 9);
}

/// Weights' gradients of one image as sums of `Runs` runs. Many are added up apart, eight at a time, and these in two
/// floats, the second for what rounding leaves over: the error does not grow with the map.
template <class T, conv_geometry G, std::ptrdiff_t WeightsAChannel, std::ptrdiff_t Runs>
struct sums_of_runs {
    static constexpr bool apart = Runs > 8;
    static constexpr std::ptrdiff_t count = G.out.channels * WeightsAChannel;
    static constexpr std::ptrdiff_t size = apart ? 3 * count : 0;

    /// Where runs are added.
    static T* begin(T* dweights, [[maybe_unused]] T* scratch) noexcept {
        if constexpr (apart) {
            std::fill_n(scratch, size, T(0));
            return scratch;
        } else {
            return dweights;
        }
    }
    /// Behind run number `run`.
    static void end_run([[maybe_unused]] T* sums, [[maybe_unused]] std::ptrdiff_t run) noexcept {
        if constexpr (apart) {
            if (run % 8 == 7) {
                carry(sums);
            }
        }
    }
    static void finish([[maybe_unused]] T* sums, [[maybe_unused]] T* dweights) noexcept {
        if constexpr (apart) {
            carry(sums);
            for (std::ptrdiff_t o = 0; o < G.out.channels; ++o) {
                for (std::ptrdiff_t w = 0; w < G.in_per_group() * G.tap_count(); ++w) {
                    dweights[o * WeightsAChannel + w] += sums[count + o * WeightsAChannel + w];
                }
            }
        }
    }

private:
    static void carry(T* sums) noexcept {
        T* total = sums + count;
        T* rest = total + count;
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            const double sum =
                static_cast<double>(total[i]) + (static_cast<double>(rest[i]) + static_cast<double>(sums[i]));
            total[i] = static_cast<T>(sum);
            rest[i] = static_cast<T>(sum - static_cast<double>(total[i]));
            sums[i] = T(0);
        }
    }
};

/// The windows of the input lie one behind the other, [position][input channel][present tap]; see
/// conv_backward_weights.
template <class T, conv_geometry G, std::ptrdiff_t WeightsAChannel>
struct window_weight_gradient {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group(), out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t window = in_channels * G.tap_count();  ///< weights of an output channel
    static constexpr std::ptrdiff_t window_vectors = ceil_div(window, lanes<T>);
    static constexpr std::ptrdiff_t pitch = window_vectors * lanes<T>;
    static constexpr std::ptrdiff_t windows_size = G.out.height * G.out.width * pitch;

    /// Rows of a run: 128 windows.
    static constexpr std::ptrdiff_t run_rows = ceil_div(128, G.out.width);
    using own_sums = sums_of_runs<T, G, WeightsAChannel, ceil_div(G.out.height, run_rows)>;
    static constexpr std::ptrdiff_t scratch_size = windows_size + own_sums::size;

    /// The register tile: vectors of weights by output channels.
    static constexpr cover vectors = cover_with(window_vectors, vector_registers < 32 ? 2 : 3);
    static constexpr cover outputs = cover_with(out_channels, vector_registers < 32 ? (fused_multiply_add ? 6 : 5) : 8);

    /// source: channel 0 of the group, row 0.
    [[gnu::noinline]] static void copy_windows(const T* source, T* to) noexcept {
        for (std::ptrdiff_t y = 0; y < G.out.height; ++y) {
            const kernel_rows inside = kernel_rows_of<G>(y);
            for (std::ptrdiff_t x = 0; x < G.out.width; ++x) {
                T* next = to;
                for (std::ptrdiff_t i = 0; i < in_channels; ++i) {
                    const T* first = source + i * G.in.plane + (y * G.stride_height - G.pad_top) * G.in.pitch +
                                     x * G.stride_width - G.pad_left;
                    for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky, first += G.dilation_height * G.in.pitch) {
                        const bool zero = ky < inside.first || ky >= inside.last;
                        for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
                            if (G.has_tap(ky, kx)) {
                                *next++ = zero ? T(0) : first[kx * G.dilation_width];
                            }
                        }
                    }
                }
                std::fill(next, to + pitch, T(0));
                to += pitch;
            }
        }
    }

    /// dout: the first of O channels; dweights: theirs.
    template <std::ptrdiff_t P, std::ptrdiff_t O>
    [[gnu::noinline]] static void tile(const T* windows, const T* dout, std::ptrdiff_t rows, T* dweights,
                                       std::ptrdiff_t weights) noexcept {
        vector acc[static_cast<std::size_t>(P * O)];
        for_each_index<P * O>([&](auto n) __attribute__((always_inline)) { acc[n] = vector(T(0)); });
        for (std::ptrdiff_t y = 0; y < rows; ++y) {
            const T* row = dout + y * G.out.pitch;
            FOVEA_NO_UNROLL
            for (std::ptrdiff_t x = 0; x < G.out.width; ++x, windows += pitch) {
                fmadd_tile<P, O>(acc, windows, row + x, G.out.plane);
            }
        }
        if (weights == P * lanes<T>) {
            for_each_index<P * O>([&](auto n) __attribute__((always_inline)) {
                T* to = dweights + n / P * WeightsAChannel + n % P * lanes<T>;
                store(to, load(to) + acc[n]);
            });
        } else {
            alignas(64) T sums[static_cast<std::size_t>(P * O * lanes<T>)];
            for_each_index<P * O>([&](auto n) __attribute__((always_inline)) { store(sums + n * lanes<T>, acc[n]); });
            for (std::ptrdiff_t o = 0; o < O; ++o) {
                for (std::ptrdiff_t w = 0; w < weights; ++w) {
                    dweights[o * WeightsAChannel + w] += sums[o * P * lanes<T> + w];
                }
            }
        }
    }

    template <std::ptrdiff_t O>
    static void block(const T* windows, const T* dout, std::ptrdiff_t rows, T* dweights) noexcept {
        each_block<vectors>([&]<std::ptrdiff_t P>(constant<P>, std::ptrdiff_t first) {
            const std::ptrdiff_t at = first * lanes<T>, left = window - at;
            tile<P, O>(windows + at, dout, rows, dweights + at, left < P * lanes<T> ? left : P * lanes<T>);
        });
    }

    static void add_rows(const T* windows, const T* dout, std::ptrdiff_t rows, std::ptrdiff_t group,
                         T* dweights) noexcept {
        each_block<outputs>([&]<std::ptrdiff_t O>(constant<O>, std::ptrdiff_t first) {
            const std::ptrdiff_t o = group * out_channels + first;
            block<O>(windows, dout + o * G.out.plane, rows, dweights + o * WeightsAChannel);
        });
    }

    static void run(const T* in, const T* dout, T* dweights, T* scratch) noexcept {
        T* sums = own_sums::begin(dweights, scratch + windows_size);
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            copy_windows(in + g * in_channels * G.in.plane, scratch);
            for (std::ptrdiff_t y = 0; y < G.out.height; y += run_rows) {
                add_rows(scratch + y * G.out.width * pitch, dout + y * G.out.pitch,
                         std::min(run_rows, G.out.height - y), g, sums);
                own_sums::end_run(sums, y / run_rows);
            }
        }
        own_sums::finish(sums, dweights);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
