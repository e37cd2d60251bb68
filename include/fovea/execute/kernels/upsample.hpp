// SPDX-License-Identifier: BSD-3-Clause
// How does a map become larger by whole factors? Every value repeated, or interpolated between the centres of pixels.
// The factors are the ratios of the extents.
#pragma once

#include <algorithm>

#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <map_layout In, map_layout Out>
struct upsample_factors {
    static_assert(In.channels == Out.channels && Out.height % In.height == 0 && Out.width % In.width == 0);
    static constexpr std::ptrdiff_t rows = Out.height / In.height;
    static constexpr std::ptrdiff_t columns = Out.width / In.width;
};

template <class T, map_layout In, map_layout Out>
struct upsample_nearest_forward {
    using factors = upsample_factors<In, Out>;

    static void run(const T* in, T* out, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                T* to = out + c * Out.plane + y * Out.pitch;
                if (y > row_begin && y % factors::rows != 0) {
                    std::copy_n(to - Out.pitch, Out.pitch, to);
                    continue;
                }
                const T* from = in + c * In.plane + y / factors::rows * In.pitch;
                for (std::ptrdiff_t x = 0; x < In.width; ++x) {
                    for (std::ptrdiff_t f = 0; f < factors::columns; ++f) {
                        to[x * factors::columns + f] = from[x];
                    }
                }
                std::fill_n(to + Out.width, Out.pitch - Out.width, T(0));
            }
            if (row_end == Out.height) {
                zero_plane_end<T, Out>(out + c * Out.plane);
            }
        }
    }
};

/// Value `phase` of the `factor` that replace value q lies at q + (phase + 1/2) / factor - 1/2: it is
/// value[q + before] * (1 - weight) + value[q + before + 1] * weight, with edge values repeated
/// (PyTorch: Upsample(mode='bilinear', align_corners=False)). A difference of the two would make NaN of infinity.
template <class T>
struct interpolation {
    std::ptrdiff_t before;
    T weight;

    static constexpr interpolation of(std::ptrdiff_t phase, std::ptrdiff_t factor) {
        const std::ptrdiff_t twice = 2 * phase + 1 - factor;  // the distance in units of 1 / (2 factor)
        const std::ptrdiff_t before = twice < 0 ? -1 : 0;
        return {before, static_cast<T>(twice - before * 2 * factor) / static_cast<T>(2 * factor)};
    }
    /// What lies before the first centre has no value before it: it takes the first and, as in PyTorch, none of the
    /// second, which shows if that is infinite.
    constexpr interpolation of_first() const { return before < 0 ? interpolation{0, T(0)} : *this; }
};

template <class T, map_layout In, map_layout Out>
struct upsample_bilinear_forward {
    using factors = upsample_factors<In, Out>;
    /// One row, interpolated between rows, its last value repeated.
    static constexpr std::ptrdiff_t lead = lanes<T>;
    static constexpr std::ptrdiff_t scratch_size = lead + (In.width / lanes<T> + 1) * lanes<T>;

    static void run(const T* in, T* out, T* scratch, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        T* row = scratch + lead;
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
                const auto phase = interpolation<T>::of(y % factors::rows, factors::rows);
                const auto [before, weight] = y < factors::rows ? phase.of_first() : phase;
                const std::ptrdiff_t first = y / factors::rows + before;
                const T* a = in + c * In.plane + first * In.pitch;
                const T* b = in + c * In.plane + (first + 1 < In.height ? first + 1 : In.height - 1) * In.pitch;
                for (std::ptrdiff_t x = 0; x < In.width; x += lanes<T>) {
                    store(row + x, fmadd(load(b + x), batch<T>(weight), load(a + x) * batch<T>(T(1) - weight)));
                }
                row[In.width] = row[In.width - 1];
                T* to = out + c * Out.plane + y * Out.pitch;
                interpolate<true>(row, to, range<factors::columns>{});
                for (std::ptrdiff_t x = 1; x < In.width; ++x) {
                    interpolate<false>(row + x, to + x * factors::columns, range<factors::columns>{});
                }
                std::fill_n(to + Out.width, Out.pitch - Out.width, T(0));
            }
            if (row_end == Out.height) {
                zero_plane_end<T, Out>(out + c * Out.plane);
            }
        }
    }

    template <bool First, std::size_t... F>
    FOVEA_INLINE static void interpolate(const T* from, T* to, std::index_sequence<F...>) {
        (
            [&] {
                constexpr auto phase = interpolation<T>::of(static_cast<std::ptrdiff_t>(F), factors::columns);
                constexpr auto i = First ? phase.of_first() : phase;
                to[F] = from[i.before] * (T(1) - i.weight) + from[i.before + 1] * i.weight;
            }(),
            ...);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
