// SPDX-License-Identifier: BSD-3-Clause
// Which rows and columns does a window touch? Kernel rows of an output row, and the x-phases of a strided window.
#pragma once

#include <fovea/execute/kernels/tile.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Kernel rows [first, last) that lie inside the image.
struct kernel_rows {
    std::ptrdiff_t first;
    std::ptrdiff_t last;
    constexpr bool operator==(const kernel_rows&) const = default;
};

/// Those of output row y. Skipping the others saves their products: 31 % at dilation 8 on 32 rows.
template <conv_geometry G>
constexpr kernel_rows kernel_rows_of(std::ptrdiff_t y) {
    const std::ptrdiff_t top = y * G.stride_height - G.pad_top;
    std::ptrdiff_t first = top >= 0 ? 0 : ceil_div(-top, G.dilation_height);
    std::ptrdiff_t last = floor_div(G.in.height - 1 - top, G.dilation_height) + 1;
    last = last > G.kernel_height ? G.kernel_height : last;
    first = first > last ? last : first;
    return last <= 0 ? kernel_rows{0, 0} : kernel_rows{first, last};
}

/// The rows [y, end) that begin at y and share its kernel rows.
template <conv_geometry G>
constexpr std::ptrdiff_t same_kernel_rows_end(std::ptrdiff_t y, std::ptrdiff_t row_end) {
    const kernel_rows k = kernel_rows_of<G>(y);
    std::ptrdiff_t end = y + 1;
    while (end < row_end && kernel_rows_of<G>(end) == k) {
        ++end;
    }
    return end;
}

/// A strided window reads every stride-th column. The columns of equal remainder ("phase") are copied side by side, so
/// that a tap is again one shifted load. Value j of phase f is column j * stride + f of the image.
template <class T, conv_geometry G>
struct column_phases {
    static constexpr std::ptrdiff_t stride = G.stride_width;
    static constexpr std::ptrdiff_t taps = G.kernel_width;

    static constexpr std::ptrdiff_t column(std::ptrdiff_t k) { return k * G.dilation_width - G.pad_left; }
    static constexpr std::ptrdiff_t phase(std::ptrdiff_t k) {
        return column(k) - floor_div(column(k), stride) * stride;
    }
    static constexpr std::ptrdiff_t shift(std::ptrdiff_t k) { return floor_div(column(k), stride); }

    static constexpr std::ptrdiff_t lead = shift(0) < 0 ? round_up(-shift(0), lanes<T>) : 0;
    static constexpr std::ptrdiff_t pitch =
        round_up(lead + ceil_div(G.out.width, lanes<T>) * lanes<T> + (shift(taps - 1) > 0 ? shift(taps - 1) : 0),
                 lanes<T>);

    /// Position of a phase among those that some tap reads, -1 if none does.
    static constexpr std::array<std::ptrdiff_t, static_cast<std::size_t>(stride)> slot = [] {
        std::array<std::ptrdiff_t, static_cast<std::size_t>(stride)> s{};
        s.fill(-1);
        for (std::ptrdiff_t k = 0; k < taps; ++k) {
            s[static_cast<std::size_t>(phase(k))] = 0;
        }
        std::ptrdiff_t n = 0;
        for (auto& v : s) {
            v = v == 0 ? n++ : v;
        }
        return s;
    }();
    static constexpr std::ptrdiff_t count = [] {
        std::ptrdiff_t n = 0;
        for (const auto v : slot) {
            n += v >= 0 ? 1 : 0;
        }
        return n;
    }();
    static constexpr std::ptrdiff_t row_size = count * pitch;

    /// Offset of tap k from output column 0 in a split row.
    static constexpr std::ptrdiff_t offset(std::ptrdiff_t k) {
        return slot[static_cast<std::size_t>(phase(k))] * pitch + lead + shift(k);
    }

    template <std::ptrdiff_t F>
    static void split_phase(const T* row, T* to) {
        constexpr std::ptrdiff_t have = G.in.width > F ? ceil_div(G.in.width - F, stride) : 0;
        constexpr std::ptrdiff_t used = have < pitch - lead ? have : pitch - lead;
        for (std::ptrdiff_t j = 0; j < lead; ++j) {
            to[j] = T(0);
        }
        for (std::ptrdiff_t j = 0; j < used; ++j) {
            to[lead + j] = row[j * stride + F];
        }
        for (std::ptrdiff_t j = lead + used; j < pitch; ++j) {
            to[j] = T(0);
        }
    }

    template <std::size_t... F>
    static void split_row(const T* row, T* to, std::index_sequence<F...>) {
        (
            [&] {
                if constexpr (slot[F] >= 0) {
                    split_phase<static_cast<std::ptrdiff_t>(F)>(row, to + slot[F] * pitch);
                }
            }(),
            ...);
    }

    /// Rows [first, last) of all channels; channel_step elements lie between channels of the copy.
    static void split(const T* in, std::ptrdiff_t first, std::ptrdiff_t last, T* to, std::ptrdiff_t channel_step) {
        for (std::ptrdiff_t c = 0; c < G.in.channels; ++c) {
            for (std::ptrdiff_t y = first; y < last; ++y) {
                split_row(in + c * G.in.plane + y * G.in.pitch, to + c * channel_step + (y - first) * row_size,
                          range<stride>{});
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
