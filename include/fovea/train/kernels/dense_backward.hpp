// SPDX-License-Identifier: BSD-3-Clause
// What are the gradients of a matrix times a vector? Lanes over inputs: rows of the weights as they are stored.
#pragma once

#include <fovea/execute/kernels/simd.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// dx[i] = sum over o of dy[o] w[o][i], overwritten; weights: Out, In. Steps as for dense_forward.
template <class T, std::ptrdiff_t In, std::ptrdiff_t Out, std::ptrdiff_t XStep = 1, std::ptrdiff_t YStep = 1>
struct dense_backward_data {
    template <std::size_t... V>
    FOVEA_INLINE static void block(const T* dy, const T* weights, T* dx, std::index_sequence<V...>) {
        batch<T> acc[] = {((void)V, batch<T>(T(0)))...};
        for (std::ptrdiff_t o = 0; o < Out; ++o, weights += In) {
            const batch<T> g(dy[o * YStep]);
            ((acc[V] = fmadd(load(weights + static_cast<std::ptrdiff_t>(V) * lanes<T>), g, acc[V])), ...);
        }
        alignas(64) T values[sizeof...(V) * static_cast<std::size_t>(lanes<T>)];
        (store(values + static_cast<std::ptrdiff_t>(V) * lanes<T>, acc[V]), ...);
        for (std::size_t i = 0; i < sizeof...(V) * static_cast<std::size_t>(lanes<T>); ++i) {
            dx[static_cast<std::ptrdiff_t>(i) * XStep] = values[i];
        }
    }

    static void run(const T* dy, const T* weights, T* dx) noexcept {
        constexpr std::ptrdiff_t wide = In / (8 * lanes<T>)*(8 * lanes<T>);
        constexpr std::ptrdiff_t whole = In / lanes<T> * lanes<T>;
        for (std::ptrdiff_t i = 0; i < wide; i += 8 * lanes<T>) {
            block(dy, weights + i, dx + i * XStep, range<8>{});
        }
        for (std::ptrdiff_t i = wide; i < whole; i += lanes<T>) {
            block(dy, weights + i, dx + i * XStep, range<1>{});
        }
        for (std::ptrdiff_t i = whole; i < In; ++i) {
            T sum = T(0);
            for (std::ptrdiff_t o = 0; o < Out; ++o) {
                sum += weights[o * In + i] * dy[o * YStep];
            }
            dx[i * XStep] = sum;
        }
    }
};

/// dweights[o][i] += dy[o] x[i]; dbias[o] += dy[o], unless it is nullptr.
template <class T, std::ptrdiff_t In, std::ptrdiff_t Out, std::ptrdiff_t XStep = 1, std::ptrdiff_t YStep = 1>
struct dense_backward_weights {
    static void run(const T* x, const T* dy, T* dweights, T* dbias) noexcept {
        for (std::ptrdiff_t o = 0; o < Out; ++o) {
            const T g = dy[o * YStep];
            T* row = dweights + o * In;
            constexpr std::ptrdiff_t whole = XStep == 1 ? In / lanes<T> * lanes<T> : 0;
            for (std::ptrdiff_t i = 0; i < whole; i += lanes<T>) {
                store(row + i, fmadd(load(x + i), batch<T>(g), load(row + i)));
            }
            for (std::ptrdiff_t i = whole; i < In; ++i) {
                row[i] += g * x[i * XStep];
            }
            if (dbias != nullptr) {
                dbias[o] += g;
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
