// SPDX-License-Identifier: BSD-3-Clause
// Where does the gradient of an enlarged map go? Back to the values it was repeated or interpolated
// from, by the same weights.
#pragma once

#include <fovea/execute/kernels/upsample.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <class T, map_layout In, map_layout Out>
struct upsample_nearest_backward {
    using factors = upsample_factors<In, Out>;

    static void run(const T* dout, T* din) noexcept {
        zero_map<T, In>(din);
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < Out.height; ++y) {
                const T* from = dout + c * Out.plane + y * Out.pitch;
                T* to = din + c * In.plane + y / factors::rows * In.pitch;
                for (std::ptrdiff_t x = 0; x < In.width; ++x) {
                    T sum = T(0);  // of a row first: fewer roundings
                    for (std::ptrdiff_t f = 0; f < factors::columns; ++f) {
                        sum += from[x * factors::columns + f];
                    }
                    to[x] += sum;
                }
            }
        }
    }
};

template <class T, map_layout In, map_layout Out>
struct upsample_bilinear_backward {
    using forward = upsample_bilinear_forward<T, In, Out>;
    using factors = upsample_factors<In, Out>;
    static constexpr std::ptrdiff_t scratch_size = forward::scratch_size;

    static void run(const T* dout, T* din, T* scratch) noexcept {
        zero_map<T, In>(din);
        T* row = scratch + forward::lead;
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < Out.height; ++y) {
                std::fill_n(scratch, scratch_size, T(0));
                const T* from = dout + c * Out.plane + y * Out.pitch;
                for (std::ptrdiff_t x = 0; x < In.width; ++x) {
                    collect(from + x * factors::columns, row + x, range<factors::columns>{});
                }
                row[0] += row[-1];
                row[In.width - 1] += row[In.width];

                const auto [before, weight] = interpolation<T>::of(y % factors::rows, factors::rows);
                const std::ptrdiff_t first = y / factors::rows + before;
                add(row, T(1) - weight, din + c * In.plane + (first < 0 ? 0 : first) * In.pitch);
                add(row, weight, din + c * In.plane + (first + 1 < In.height ? first + 1 : In.height - 1) * In.pitch);
            }
        }
    }

    template <std::size_t... F>
    FOVEA_INLINE static void collect(const T* from, T* to, std::index_sequence<F...>) {
        (
            [&] {
                constexpr auto i = interpolation<T>::of(static_cast<std::ptrdiff_t>(F), factors::columns);
                to[i.before] += from[F] * (T(1) - i.weight);
                to[i.before + 1] += from[F] * i.weight;
            }(),
            ...);
    }

    static void add(const T* row, T weight, T* to) noexcept {
        for (std::ptrdiff_t x = 0; x < In.width; x += lanes<T>) {
            store_in_row<T, In>(to + x, fmadd(load(row + x), batch<T>(weight), load(to + x)), In.width - x);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
