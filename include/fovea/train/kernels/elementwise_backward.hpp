// SPDX-License-Identifier: BSD-3-Clause
// How do gradients pass activations and batch normalisation? One image a call; maps written have zero gaps, sums are
// added to what is there.
#pragma once

#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/sum.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// dy behind a ReLU that gave v: NaN lets it pass, as in PyTorch.
template <class T>
FOVEA_INLINE batch<T> relu_gradient(batch<T> dy, batch<T> v) {
    return function_of<activation::relu>::gradient(dy, v, T(0));
}

/// dslope[c] += sum of dy * d activation / dslope.
template <class T, map_layout M, activation A>
void slope_gradient(const T* dy, const T* x, T* dslope) noexcept {
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        const auto add = [&](batch<T>* sums, std::ptrdiff_t place, std::ptrdiff_t) __attribute__((always_inline)) {
            const std::ptrdiff_t at = c * M.plane + place;
            sums[0] += function_of<A>::slope_gradient(load(dy + at), load(x + at));  // both are zero in the gap
        };
        dslope[c] += static_cast<T>(channel_sum<T, M, 1>::of(add)[0]);
    }
}

/// dx = dy * activation'; `saved` is x or y (gradient_reads). dx may be dy. Trained slopes: adds to dslope[c].
template <class T, map_layout M, activation A>
struct activation_backward {
    static void run(const T* dy, const T* saved, const T* slope, T* dx, [[maybe_unused]] T* dslope) noexcept {
        if constexpr (facts_of(A).slopes == activation_slopes::per_channel) {
            static_assert(function_of<A>::gradient_reads == gradient_source::input);
            slope_gradient<T, M, A>(dy, saved, dslope);
        }
        for_each_vector<T, M>(0, M.height, [&](std::ptrdiff_t c, std::ptrdiff_t at, std::ptrdiff_t left) {
            const batch<T> dx_here = function_of<A>::gradient(load(dy + at), load(saved + at), slope_of<A>(slope, c));
            store_in_row<T, M>(dx + at, dx_here, left);
        });
        zero_gaps<T, M>(dx, 0, M.height);
    }
};

/// sum[c] += the values of channel c.
template <class T, map_layout M>
struct channel_sums {
    static void run(const T* in, T* sum) noexcept {
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            sum[c] += static_cast<T>(sum_of_channel<T, M>(in + c * M.plane));
        }
    }
};

/// mean[c] = that of channel c, squares[c] = the sum of its values' squared distances from it. Twice over a channel
/// while it is in the first-level cache; a third time where the values lie so far from 0, by 1,000 deviations, that
/// what the mean misses by is seen in the squares.
template <class T, map_layout M>
struct channel_moments {
    static void run(const T* in, double* mean, double* squares) noexcept {
        constexpr auto count = static_cast<double>(M.height * M.width);
        for (std::ptrdiff_t c = 0; c < M.channels; ++c, in += M.plane) {
            mean[c] = sum_of_channel<T, M>(in) / count;
            const T near = static_cast<T>(mean[c]);
            const auto distance = [&](std::ptrdiff_t at, [[maybe_unused]] std::ptrdiff_t left)
                __attribute__((always_inline)) {
                const batch<T> d = load(in + at) - batch<T>(near);
                return M.width % lanes<T> != 0 && left < lanes<T> ? keep_first(d, left) : d;
            };
            const auto add_square = [&](batch<T>* sums, std::ptrdiff_t at, std::ptrdiff_t left)
                __attribute__((always_inline)) {
                const batch<T> d = distance(at, left);
                sums[0] = fmadd(d, d, sums[0]);
            };
            squares[c] = channel_sum<T, M, 1>::of(add_square)[0];
            if (squares[c] < 1e-6 * count * mean[c] * mean[c]) {
                const auto add = [&](batch<T>* sums, std::ptrdiff_t at, std::ptrdiff_t left)
                    __attribute__((always_inline)) { sums[0] += distance(at, left); };
                const double missed = channel_sum<T, M, 1>::of(add)[0] / count;
                const double rest = squares[c] - missed * missed * count;
                mean[c] = static_cast<double>(near) + missed;
                squares[c] = rest < 0 ? 0 : rest;
            }
        }
    }
};

/// The two sums that the gradient of batch normalisation needs, with xhat = (x - mean) * inverse_deviation:
/// sum_dy[c] = sum dy, sum_dy_xhat[c] = sum dy * xhat (the gradients of its shift and its scale).
/// With A = relu, dy is the gradient behind the ReLU; it counts where relu_gradient says so of x * scale + shift, as
/// scale_shift computed it.
template <class T, map_layout M, activation A = activation::none>
struct batch_norm_backward_sums {
    static_assert(A == activation::none || A == activation::relu);

    static void run(const T* dy, const T* x, const T* mean, const T* inverse_deviation, const T* scale, const T* shift,
                    double* sum_dy, double* sum_dy_xhat) noexcept {
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            const auto add = [&](batch<T>* sums, std::ptrdiff_t place, std::ptrdiff_t) __attribute__((always_inline)) {
                const std::ptrdiff_t at = c * M.plane + place;
                prefetch_pass(x + at);
                const batch<T> v = load(x + at);
                batch<T> g = load(dy + at);  // zero in the gap
                if constexpr (A == activation::relu) {
                    const batch<T> out = fmadd(v, batch<T>(scale[c]), batch<T>(shift[c]));
                    g = relu_gradient<T>(g, out);
                }
                sums[0] += g;
                sums[1] = fmadd(g, v - batch<T>(mean[c]), sums[1]);
            };
            const auto [plain, product] = channel_sum<T, M, 2>::of(add);
            sum_dy[c] = plain;
            sum_dy_xhat[c] = product * static_cast<double>(inverse_deviation[c]);
        }
    }
};

/// dx = scale * (dy - mean_dy - xhat * mean_dy_xhat), where scale = weight * inverse_deviation and the means are the
/// sums above over the number of values a channel has in the batch. dx may be dy. A as above.
template <class T, map_layout M, activation A = activation::none>
struct batch_norm_backward_data {
    static void run(const T* dy, const T* x, const T* mean, const T* inverse_deviation, const T* scale, const T* shift,
                    const T* mean_dy, const T* mean_dy_xhat, T* dx) noexcept {
        for_each_vector<T, M>(0, M.height, [&](std::ptrdiff_t c, std::ptrdiff_t at, std::ptrdiff_t left) {
            prefetch_pass(x + at);
            prefetch_pass(dy + at);
            const batch<T> v = load(x + at);
            batch<T> g = load(dy + at);
            if constexpr (A == activation::relu) {
                const batch<T> out = fmadd(v, batch<T>(scale[c]), batch<T>(shift[c]));
                g = relu_gradient<T>(g, out);
            }
            const batch<T> xhat = (v - batch<T>(mean[c])) * batch<T>(inverse_deviation[c]);
            store_in_row<T, M>(dx + at,
                               batch<T>(scale[c]) * (g - batch<T>(mean_dy[c]) - xhat * batch<T>(mean_dy_xhat[c])),
                               left);
        });
        zero_gaps<T, M>(dx, 0, M.height);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
