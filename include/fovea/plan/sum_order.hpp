// SPDX-License-Identifier: BSD-3-Clause
// In which order are the products of an output added up? The order is the layer's: its channels and taps decide, never
// the map's extents, the strip or block of it that is at hand, or the thread. So a layer gives the same bits on a map
// of another height or width, in Tiled, and in whatever runs it piece by piece.
//
// Every exact kernel of convolutions and Dense follows it, in float32, a multiply-add with one rounding where the
// machine has one (x86-64-v3, ARM) and a product and a sum where it has none. tests/execute/sum_order_test.cpp compares
// them, bit by bit. Winograd's filtering (`fast`) has another order, which depends on tiles.
//
// What lies outside of the map is left out or added as products of zero, as the kernel likes: that changes no bit but
// the sign of a zero. So is a weight that a sparse kernel leaves out.
#pragma once

#include <cstddef>

#include <fovea/infer/questions.hpp>

namespace fovea {

/// One product: the weight of input channel `channel` at kernel row `row` and column `column`, times the value there.
/// Of Dense, whose kernel is the map: the value of the input at these three.
struct sum_term {
    std::size_t channel = 0;
    std::size_t row = 0;
    std::size_t column = 0;
    constexpr bool operator==(const sum_term&) const = default;
};

/// How the products of an output become its value, before the activation.
struct sum_order {
    /// Partial sums: product n goes to sum n mod chains, and at the end sums 1, 2, ... are added to sum 0.
    std::size_t chains = 1;
    /// Sum 0 begins with the bias, to which the value of a residual is added if the convolution makes that sum, too;
    /// the other sums begin with 0. False: all begin with 0, and the bias is added last.
    bool bias_first = true;
    /// The kernel's rows and columns from the last to the first.
    bool mirrored = false;
    constexpr bool operator==(const sum_order&) const = default;
};

/// Of Conv and its kin, Dense and Deconv; no other layer has such sums.
constexpr sum_order sum_order_of(const layer_info& l) {
    if (l.kind == brick_kind::conv) {
        return {};
    }
    if (l.kind == brick_kind::dense) {
        return {.chains = 2};  // of a few classes one would wait for itself, and four leave no registers to many
    }
    if (l.kind == brick_kind::deconv) {
        return {.bias_first = l.rows.stride == 1 && l.columns.stride == 1, .mirrored = true};
    }
    detail::missing_rule();
}

/// f(sum_term) for every product of an output of channel `output`, in order: kernel row by kernel row, of each the
/// input channels of the group, of each the taps of the row that the channel's pattern has. Of Dense the values of the
/// input, row-major.
template <class F>
constexpr void each_term(const layer_info& l, std::size_t output, F&& f) {
    if (l.kind == brick_kind::dense) {
        for (std::size_t c = 0; c < l.input.channels; ++c) {
            for (std::size_t y = 0; y < l.input.height; ++y) {
                for (std::size_t x = 0; x < l.input.width; ++x) {
                    f(sum_term{c, y, x});
                }
            }
        }
        return;
    }
    const bool mirrored = sum_order_of(l).mirrored;
    const std::size_t height = l.rows.kernel, width = l.columns.kernel;
    const std::size_t channels = l.input.channels / l.groups;
    const std::size_t first = output / (l.output.channels / l.groups) * channels;
    const tap_set taps = taps_of(l, output);
    for (std::size_t r = 0; r < height; ++r) {
        const std::size_t row = mirrored ? height - 1 - r : r;
        for (std::size_t c = 0; c < channels; ++c) {
            for (std::size_t k = 0; k < width; ++k) {
                const std::size_t column = mirrored ? width - 1 - k : k;
                if (taps.has(row * width + column)) {
                    f(sum_term{first + c, row, column});
                }
            }
        }
    }
}

}  // namespace fovea
