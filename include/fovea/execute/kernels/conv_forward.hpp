// SPDX-License-Identifier: BSD-3-Clause
// How does a convolution run? Chooses the family for a geometry.
#pragma once

#include <fovea/execute/kernels/conv_along_channels.hpp>
#include <fovea/execute/kernels/conv_along_x.hpp>
#include <fovea/execute/kernels/conv_depthwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

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
