// SPDX-License-Identifier: BSD-3-Clause
// How does a transposed convolution run? As the gradient of the convolution that it mirrors, then bias and activation.
#pragma once

#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// G is the mirrored convolution: G.in the map that is written, G.out the one that is read, whose gap and guard are
/// G.transposed_reach() or more; G's padding is what is cropped at the top and left, the rest follows from the extents.
/// What no window reaches is activation(bias).
template <class T, conv_geometry G, activation A = activation::none>
struct deconv_forward {
    static constexpr bool plain = G.stride_height == 1 && G.stride_width == 1;
    using data = conv_backward_data<T, G>;

    static constexpr std::ptrdiff_t packed_size = data::packed_size;
    static constexpr std::ptrdiff_t scratch_size = data::scratch_size;

    /// weights: I, O / groups, KH, KW (PyTorch: ConvTranspose2d)
    static void pack(const T* weights, T* packed) noexcept { data::pack(weights, packed); }

    /// Output rows, which are those of G.in; bias, slope: as for conv_forward, of G.in's channels.
    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch,
                    std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        if constexpr (plain) {
            conv_forward<T, flipped(G), A>::run(in, packed, bias, slope, out, scratch, row_begin, row_end);
        } else {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {  // one by one: the row is still in the cache
                data::run(in, packed, out, scratch, y, y + 1);
                finish_row(bias, slope, out + y * G.in.pitch);
            }
        }
    }

    static void finish_row(const T* bias, const T* slope, T* row) noexcept {
        if (A == activation::none && bias == nullptr) {
            return;
        }
        for (std::ptrdiff_t c = 0; c < G.in.channels; ++c, row += G.in.plane) {
            const batch<T> shift(bias != nullptr ? bias[c] : T(0));
            for (std::ptrdiff_t x = 0; x < G.in.width; x += lanes<T>) {
                store_in_row<T, G.in>(row + x, activate<A>(load(row + x) + shift, slope_of<A>(slope, c)),
                                      G.in.width - x);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
