// SPDX-License-Identifier: BSD-3-Clause
// How do gradients pass activations and batch normalisation? One image a call; maps written have zero gaps, sums are
// added to what is there.
#pragma once

#include <fovea/execute/kernels/elementwise.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Which of an activation's maps its gradient is computed from: the input x, else the output y.
constexpr bool backward_reads_input(activation a) {
    return a == activation::silu || a == activation::prelu || a == activation::leaky_relu;
}

/// dy behind a ReLU whose input or output is v: NaN lets it pass, as in PyTorch.
template <class T>
FOVEA_INLINE batch<T> relu_gradient(batch<T> dy, batch<T> v) {
    const batch<T> zero(T(0));
    return simd::select(v <= zero, zero, dy);
}

/// dy * d activation / dx from v, which is x or y, as backward_reads_input says.
template <activation A, class T>
FOVEA_INLINE batch<T> activation_gradient(batch<T> dy, [[maybe_unused]] batch<T> v, [[maybe_unused]] T slope) {
    using V = batch<T>;
    const V one(T(1));
    if constexpr (A == activation::none) {
        return dy;
    } else if constexpr (A == activation::relu) {
        return relu_gradient<T>(dy, v);
    } else if constexpr (A == activation::leaky_relu || A == activation::prelu) {
        return simd::select(v > V(T(0)), dy, dy * V(slope));
    } else if constexpr (A == activation::sigmoid) {
        return dy * (v * (one - v));
    } else if constexpr (A == activation::tanh) {
        return dy * (one - v * v);
    } else {
        return dy * silu_gradient<T>(v);
    }
}

/// dslope[c] += sum of dy * x where x <= 0, or NaN.
template <class T, map_layout M>
void prelu_slope_gradient(const T* dy, const T* x, T* dslope) noexcept {
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        batch<T> sum(T(0));
        for (std::ptrdiff_t y = 0; y < M.height; ++y) {
            for (std::ptrdiff_t i = 0; i < M.width; i += lanes<T>) {
                const std::ptrdiff_t at = c * M.plane + y * M.pitch + i;
                const batch<T> v = load(x + at);
                const batch<T> zero(T(0));
                sum += simd::select(v > zero, zero, load(dy + at) * v);  // both are zero in the gap
            }
        }
        dslope[c] += reduce_add(sum);
    }
}

/// dx = dy * activation'; `saved` is x or y (backward_reads_input). dx may be dy. prelu adds to dslope[c], leaky_relu
/// does not learn.
template <class T, map_layout M, activation A>
struct activation_backward {
    static void run(const T* dy, const T* saved, const T* slope, T* dx, [[maybe_unused]] T* dslope) noexcept {
        if constexpr (A == activation::prelu) {
            prelu_slope_gradient<T, M>(dy, saved, dslope);
        }
        for_each_vector<T, M>(0, M.height, [&](std::ptrdiff_t c, std::ptrdiff_t at, std::ptrdiff_t left) {
            const batch<T> dx_here = activation_gradient<A>(load(dy + at), load(saved + at), slope_of<A>(slope, c));
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
            batch<T> sums[2] = {batch<T>(T(0)), batch<T>(T(0))};
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t x = 0; x < M.width; x += lanes<T>) {
                    batch<T>& s = sums[x / lanes<T> % 2];
                    s += load(in + c * M.plane + y * M.pitch + x);
                }
            }
            sum[c] += reduce_add(sums[0] + sums[1]);
        }
    }
};

/// mean[c] = that of channel c, squares[c] = the sum of its values' squared distances from it. Twice over a channel
/// while it is in the first-level cache.
template <class T, map_layout M>
struct channel_moments {
    static void run(const T* in, T* mean, T* squares) noexcept {
        constexpr auto one_channel = [] {
            map_layout m = M;
            m.channels = 1;
            return m;
        }();
        for (std::ptrdiff_t c = 0; c < M.channels; ++c, in += M.plane) {
            T total = 0;
            channel_sums<T, one_channel>::run(in, &total);
            mean[c] = total * static_cast<T>(1.0 / static_cast<double>(M.height * M.width));
            const batch<T> m(mean[c]);
            batch<T> sums[2] = {batch<T>(T(0)), batch<T>(T(0))};
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t x = 0; x < M.width; x += lanes<T>) {
                    batch<T> d = load(in + y * M.pitch + x) - m;
                    if constexpr (M.width % lanes<T> != 0) {
                        if (M.width - x < lanes<T>) {
                            d = keep_first(d, M.width - x);
                        }
                    }
                    batch<T>& s = sums[x / lanes<T> % 2];
                    s = fmadd(d, d, s);
                }
            }
            squares[c] = reduce_add(sums[0] + sums[1]);
        }
    }
};

/// The two sums that the gradient of batch normalisation needs, with xhat = (x - mean) * inverse_deviation:
/// sum_dy[c] += sum dy, sum_dy_xhat[c] += sum dy * xhat (the gradients of its shift and its scale).
/// With A = relu, dy is the gradient behind the ReLU; it counts where relu_gradient says so of x * scale + shift, as
/// scale_shift computed it.
template <class T, map_layout M, activation A = activation::none>
struct batch_norm_backward_sums {
    static_assert(A == activation::none || A == activation::relu);

    static void run(const T* dy, const T* x, const T* mean, const T* inverse_deviation, const T* scale, const T* shift,
                    T* sum_dy, T* sum_dy_xhat) noexcept {
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            batch<T> plain[2] = {batch<T>(T(0)), batch<T>(T(0))};
            batch<T> product[2] = {batch<T>(T(0)), batch<T>(T(0))};
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t i = 0; i < M.width; i += lanes<T>) {
                    const std::ptrdiff_t at = c * M.plane + y * M.pitch + i;
                    prefetch_pass(x + at);
                    const batch<T> v = load(x + at);
                    batch<T> g = load(dy + at);  // zero in the gap
                    if constexpr (A == activation::relu) {
                        const batch<T> out = fmadd(v, batch<T>(scale[c]), batch<T>(shift[c]));
                        g = relu_gradient<T>(g, out);
                    }
                    const auto n = static_cast<std::size_t>(i / lanes<T> % 2);
                    plain[n] += g;
                    product[n] = fmadd(g, v - batch<T>(mean[c]), product[n]);
                }
            }
            sum_dy[c] += reduce_add(plain[0] + plain[1]);
            sum_dy_xhat[c] += reduce_add(product[0] + product[1]) * inverse_deviation[c];
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

/// dx = y * (dy - sum over channels of dy * y) at every position; y: the softmax. dx may be dy.
template <class T, map_layout M>
struct softmax_backward {
    static void run(const T* dy, const T* y, T* dx) noexcept {
        for (std::ptrdiff_t r = 0; r < M.height; ++r) {
            for (std::ptrdiff_t x = 0; x < M.width; x += lanes<T>) {
                const std::ptrdiff_t at = r * M.pitch + x;
                batch<T> sum(T(0));
                for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                    sum = fmadd(load(dy + at + c * M.plane), load(y + at + c * M.plane), sum);
                }
                for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                    store_in_row<T, M>(dx + at + c * M.plane,
                                       load(y + at + c * M.plane) * (load(dy + at + c * M.plane) - sum), M.width - x);
                }
            }
        }
        zero_gaps<T, M>(dx, 0, M.height);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
