// SPDX-License-Identifier: BSD-3-Clause
// How do gradients pass joins? Those of sums and of concatenated channels are copied or added by the kernels of the way
// forward, from the join's map (or its slice) into the branch's; the gate has its own.
#pragma once

#include <fovea/execute/kernels/join.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// in: the input of gate_forward; din = its gradient, overwritten.
template <class T, map_layout In, map_layout Out>
struct gate_backward {
    static_assert(In.channels == 2 * Out.channels && In.height == Out.height && In.width == Out.width);

    static void run(const T* dout, const T* in, T* din) noexcept {
        constexpr std::ptrdiff_t half = Out.channels * In.plane;
        const batch<T> one(T(1));
        for_each_pair<T, In, Out>(0, Out.height, [&](std::ptrdiff_t at, std::ptrdiff_t from, std::ptrdiff_t left) {
            const batch<T> dy = load(dout + from);
            const batch<T> value = activate<activation::tanh>(load(in + at), T(0));
            const batch<T> gate = activate<activation::sigmoid>(load(in + half + at), T(0));
            store_in_row<T, In>(din + at, dy * gate * (one - value * value), left);
            store_in_row<T, In>(din + half + at, dy * value * gate * (one - gate), left);
        });
        zero_gaps<T, In>(din, 0, In.height);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
