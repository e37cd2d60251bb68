// SPDX-License-Identifier: BSD-3-Clause
// How is a matrix multiplied with a vector, for Dense and for 1x1 maps? Lanes over outputs, inputs broadcast.
#pragma once

#include <fovea/execute/kernels/tile.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// y[o] = activation(bias[o] + sum over i of w[o][i] x[i]). Value i of x lies at x[i * XStep]: the channels of a 1x1
/// map are a plane apart. Chains: partial sums side by side (sum_order).
template <class T, std::ptrdiff_t In, std::ptrdiff_t Out, activation A = activation::none, std::ptrdiff_t XStep = 1,
          std::ptrdiff_t YStep = 1, std::ptrdiff_t Chains = 2>
struct dense_forward {
    using vector = batch<T>;
    static constexpr std::ptrdiff_t out_vectors = ceil_div(Out, lanes<T>);
    static constexpr cover blocks = cover_with(out_vectors, 4);

    static constexpr std::ptrdiff_t packed_size = out_vectors * lanes<T> * In;
    static constexpr std::ptrdiff_t scratch_size = 0;

    /// weights: Out, In. packed: [block][input][output of the block]
    static void pack(const T* weights, T* packed) noexcept {
        std::ptrdiff_t o0 = 0;
        for (std::ptrdiff_t b = 0; b < blocks.count; ++b) {
            const std::ptrdiff_t size = blocks.size_of(b) * lanes<T>;
            for (std::ptrdiff_t i = 0; i < In; ++i) {
                for (std::ptrdiff_t o = o0; o < o0 + size; ++o) {
                    *packed++ = o < Out ? weights[o * In + i] : T(0);
                }
            }
            o0 += size;
        }
    }

    template <std::ptrdiff_t Q, std::size_t... V>
    FOVEA_INLINE static void input(vector* acc, const T* w, vector value, std::index_sequence<V...>) {
        ((acc[V] = fmadd(load(w + static_cast<std::ptrdiff_t>(V) * lanes<T>), value, acc[V])), ...);
    }

    template <std::ptrdiff_t Q, std::size_t... C>
    FOVEA_INLINE static void inputs(vector* acc, const T* w, const T* x, std::index_sequence<C...>) {
        (input<Q>(acc + C * static_cast<std::size_t>(Q), w + static_cast<std::ptrdiff_t>(C) * Q * lanes<T>,
                  vector(x[static_cast<std::ptrdiff_t>(C) * XStep]), range<Q>{}),
         ...);
    }

    template <std::ptrdiff_t Q>
    static void block(const T* x, const T* w, const T* bias, const T* slope, T* y, std::ptrdiff_t outputs) noexcept {
        outputs = outputs < Q * lanes<T> ? outputs : Q * lanes<T>;  // it never is more; GCC cannot see that
        alignas(64) T values[static_cast<std::size_t>(Q * lanes<T>)] = {};
        for (std::ptrdiff_t o = 0; o < outputs && bias != nullptr; ++o) {
            values[o] = bias[o];
        }
        vector acc[static_cast<std::size_t>(Q * Chains)];
        for (std::ptrdiff_t q = 0; q < Q; ++q) {
            acc[q] = load(values + q * lanes<T>);
        }
        for (std::ptrdiff_t n = Q; n < Q * Chains; ++n) {
            acc[n] = vector(T(0));
        }
        std::ptrdiff_t i = 0;
        for (; i + Chains <= In; i += Chains, w += Chains * Q * lanes<T>) {
            inputs<Q>(acc, w, x + i * XStep, range<Chains>{});
        }
        if constexpr (In % Chains != 0) {
            inputs<Q>(acc, w, x + i * XStep, range<In % Chains>{});
        }
        for (std::ptrdiff_t q = 0; q < Q; ++q) {
            vector sum = acc[q];
            for (std::ptrdiff_t c = 1; c < Chains; ++c) {
                sum += acc[c * Q + q];
            }
            store(values + q * lanes<T>, sum);
        }
        if constexpr (facts_of(A).slopes == activation_slopes::per_channel) {
            for (std::ptrdiff_t o = 0; o < outputs; ++o) {
                values[o] = function_of<A>::value(values[o], slope[o]);
            }
        } else {
            for (std::ptrdiff_t q = 0; q < Q; ++q) {
                store(values + q * lanes<T>, activate<A>(load(values + q * lanes<T>), slope_of<A>(slope, 0)));
            }
        }
        for (std::ptrdiff_t o = 0; o < outputs; ++o) {
            y[o * YStep] = values[o];
        }
    }

    /// Only the Out values of y are written.
    static void run(const T* x, const T* packed, const T* bias, const T* slope, T* y) noexcept {
        each_block<blocks>([&]<std::ptrdiff_t Q>(constant<Q>, std::ptrdiff_t first) {
            constexpr std::ptrdiff_t size = Q * lanes<T>;
            const std::ptrdiff_t o = first * lanes<T>;
            block<Q>(x, packed, bias != nullptr ? bias + o : nullptr, slopes_from<A>(slope, o), y + o * YStep,
                     size < Out - o ? size : Out - o);
            packed += size * In;
        });
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
