// SPDX-License-Identifier: BSD-3-Clause
// What stands beyond the border of a map? A larger copy of it, padded with zeros, its mirror image, its edge values or
// its other end (PyTorch's padding modes).
#pragma once

#include <algorithm>

#include <fovea/declare/spec.hpp>
#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Which of `extent` rows or columns stands at position i, -1 for zeros.
template <padding_mode Mode>
constexpr std::ptrdiff_t padding_source(std::ptrdiff_t i, std::ptrdiff_t extent) {
    if (i >= 0 && i < extent) {
        return i;
    }
    if constexpr (Mode == padding_mode::reflect) {
        return i < 0 ? -i : 2 * (extent - 1) - i;
    } else if constexpr (Mode == padding_mode::replicate) {
        return i < 0 ? 0 : extent - 1;
    } else if constexpr (Mode == padding_mode::circular) {
        return i < 0 ? i + extent : i - extent;
    } else {
        return -1;
    }
}

/// Whether every position has a source: a mirror image lacks the edge, and nothing is repeated twice.
template <padding_mode Mode>
constexpr bool padding_fits(std::ptrdiff_t before, std::ptrdiff_t in, std::ptrdiff_t out) {
    const std::ptrdiff_t after = out - in - before;
    const std::ptrdiff_t most = before > after ? before : after;
    return before >= 0 && after >= 0 && (Mode != padding_mode::reflect || most < in) &&
           (Mode != padding_mode::circular || most <= in);
}

/// Top rows and Left columns go before the map; what goes behind it follows from the extents.
template <class T, map_layout In, map_layout Out, std::ptrdiff_t Top, std::ptrdiff_t Left, padding_mode Mode>
struct pad_forward {
    static_assert(In.channels == Out.channels);
    static_assert(padding_fits<Mode>(Top, In.height, Out.height) && padding_fits<Mode>(Left, In.width, Out.width));

    static void run(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                T* to = out + c * Out.plane + y * Out.pitch;
                const std::ptrdiff_t source = padding_source<Mode>(y - Top, In.height);
                if (source < 0) {
                    std::fill_n(to, Out.pitch, T(0));
                    continue;
                }
                const T* from = in + c * In.plane + source * In.pitch;
                pad_columns(from, to, 0, Left);
                std::copy_n(from, In.width, to + Left);
                pad_columns(from, to, Left + In.width, Out.width);
                std::fill_n(to + Out.width, Out.pitch - Out.width, T(0));
            }
            if (row_end == Out.height) {
                zero_plane_end<T, Out>(out + c * Out.plane);
            }
        }
    }

    static void pad_columns(const T* from, T* to, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        for (std::ptrdiff_t x = begin; x < end; ++x) {
            const std::ptrdiff_t source = padding_source<Mode>(x - Left, In.width);
            to[x] = source < 0 ? T(0) : from[source];
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
