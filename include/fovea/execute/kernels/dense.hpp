// SPDX-License-Identifier: BSD-3-Clause
// How is a matrix multiplied with a vector? Lanes over the outputs, so that 1x1 maps and dense layers use whole vectors.
#pragma once

#include <fovea/execute/kernels/activate.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// y[o] = A(bias[o] + sum over i of w[o][i] * x[i]). x has an element every InStep, y every OutStep (a 1x1 map's channels are
/// a plane apart; what lies between them is zero afterwards).
template <class T, std::ptrdiff_t In, std::ptrdiff_t Out, activation A = activation::none, std::ptrdiff_t InStep = 1,
          std::ptrdiff_t OutStep = 1>
struct dense_forward {
    static constexpr std::ptrdiff_t v = lanes<T>;
    static constexpr std::ptrdiff_t padded = round_up(Out, v);
    static constexpr std::ptrdiff_t packed_size = In * padded;
    /// Vectors of outputs at once: four chains hide the latency of an FMA.
    static constexpr std::ptrdiff_t block = padded / v < 4 ? padded / v : 4;

    /// weights: O x I -> [i][o], o padded with zeros. `Transposed` packs the matrix of the backward pass: weights are I x O.
    template <bool Transposed = false>
    static void pack(const T* weights, T* packed) noexcept {
        for (std::ptrdiff_t i = 0; i < In; ++i) {
            for (std::ptrdiff_t o = 0; o < padded; ++o) {
                *packed++ = o >= Out ? T(0) : Transposed ? weights[i * Out + o] : weights[o * In + i];
            }
        }
    }

    template <std::ptrdiff_t Vectors>
    FOVEA_INLINE static void run_block(const T* x, const T* packed, T* y) {
        batch<T> even[Vectors], odd[Vectors];
        for (std::ptrdiff_t k = 0; k < Vectors; ++k) {
            even[k] = batch<T>(T(0));
            odd[k] = batch<T>(T(0));
        }
        std::ptrdiff_t i = 0;
        for (; i + 1 < In; i += 2) {
            const batch<T> a(x[i * InStep]), b(x[(i + 1) * InStep]);
            for (std::ptrdiff_t k = 0; k < Vectors; ++k) {
                even[k] = fmadd(load(packed + i * padded + k * v), a, even[k]);
                odd[k] = fmadd(load(packed + (i + 1) * padded + k * v), b, odd[k]);
            }
        }
        if (i < In) {
            for (std::ptrdiff_t k = 0; k < Vectors; ++k) {
                even[k] = fmadd(load(packed + i * padded + k * v), batch<T>(x[i * InStep]), even[k]);
            }
        }
        for (std::ptrdiff_t k = 0; k < Vectors; ++k) {
            store(y + k * v, even[k] + odd[k]);
        }
    }

    static void run(const T* x, const T* packed, const T* bias, const T* slope, T* y) noexcept {
        T sums[static_cast<std::size_t>(block * v)];
        for (std::ptrdiff_t o = 0; o < Out; o += block * v) {
            if (o + block * v <= padded) {
                run_block<block>(x, packed + o, sums);
            } else {
                for (std::ptrdiff_t k = 0; o + k * v < padded; ++k) {
                    run_block<1>(x, packed + o + k * v, sums + k * v);
                }
            }
            for (std::ptrdiff_t k = 0; k < block * v && o + k < Out; ++k) {
                T* to = y + (o + k) * OutStep;
                *to = sums[k] + (bias != nullptr ? bias[o + k] : T(0));
                if constexpr (A != activation::none) {
                    T one[static_cast<std::size_t>(v)] = {*to};
                    activate_row<A>(one, 1, slope_of<A>(slope, o + k));
                    *to = one[0];
                }
                for (std::ptrdiff_t i = 1; i < OutStep; ++i) {
                    to[i] = T(0);
                }
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
