// SPDX-License-Identifier: BSD-3-Clause
// Where does the gradient of a padded map go? Every value collects the gradients of its copies.
#pragma once

#include <fovea/execute/kernels/pad.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <class T, map_layout In, map_layout Out, std::ptrdiff_t Top, std::ptrdiff_t Left, padding_mode Mode>
struct pad_backward {
    static void run(const T* dout, T* din) noexcept {
        zero_map<T, In>(din);
        for (std::ptrdiff_t c = 0; c < Out.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < Out.height; ++y) {
                const std::ptrdiff_t source = padding_source<Mode>(y - Top, In.height);
                if (source < 0) {
                    continue;
                }
                const T* from = dout + c * Out.plane + y * Out.pitch;
                T* to = din + c * In.plane + source * In.pitch;
                for (std::ptrdiff_t x = 0; x < In.width; x += lanes<T>) {
                    store_in_row<T, In>(to + x, load(to + x) + load(from + Left + x), In.width - x);
                }
                if constexpr (Mode != padding_mode::zeros) {
                    collect_columns(from, to, 0, Left);
                    collect_columns(from, to, Left + In.width, Out.width);
                }
            }
        }
    }

    static void collect_columns(const T* from, T* to, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        for (std::ptrdiff_t x = begin; x < end; ++x) {
            to[padding_source<Mode>(x - Left, In.width)] += from[x];
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
