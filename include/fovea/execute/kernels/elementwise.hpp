// SPDX-License-Identifier: BSD-3-Clause
// What is done value by value, or down the channels of one position? Activations, scale and shift, softmax, means.
#pragma once

#include <fovea/execute/kernels/activate.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Writes rows [row_begin, row_end) of a map vector by vector: value(c, y, x) is what comes to columns x, x + 1, ... of row y
/// of channel c. Gaps are zero afterwards; guards are left alone.
template <class T, map_layout M, class Value>
FOVEA_INLINE void write_rows(T* to, std::ptrdiff_t row_begin, std::ptrdiff_t row_end, Value value) {
    constexpr std::ptrdiff_t v = lanes<T>, whole = M.width / v * v;
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        T* channel = to + c * M.plane;
        for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
            T* row = channel + y * M.pitch;
            for (std::ptrdiff_t x = 0; x < whole; x += v) {
                store(row + x, value(c, y, x));
            }
            if constexpr (whole < M.width) {
                store(row + whole, keep_first(value(c, y, whole), M.width - whole));
            }
            zero_gap<T, M>(row);
        }
        if (row_end == M.height) {
            zero_plane_end<T, M>(channel);
        }
    }
}

/// The vector at column x of row y of channel c; lanes behind the row's end are what lies there.
template <map_layout M, class T>
FOVEA_INLINE batch<T> vector_at(const T* map, std::ptrdiff_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
    return load(map + c * M.plane + y * M.pitch + x);
}

/// to = A(from). slope: one value for leaky_relu, one a channel for prelu. from and to may be one map.
template <class T, map_layout From, map_layout To, activation A>
void activation_forward(const T* from, const T* slope, T* to, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
    write_rows<T, To>(to, row_begin, row_end, [&](std::ptrdiff_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
        return activate<A>(vector_at<From>(from, c, y, x), slope_of<A>(slope, c));
    });
}

/// to = from * scale[c] + shift[c], and its positive part if `Relu`. from and to may be one map.
template <class T, map_layout From, map_layout To, bool Relu = false>
void scale_shift(const T* from, const T* scale, const T* shift, T* to, std::ptrdiff_t row_begin = 0,
                 std::ptrdiff_t row_end = To.height) noexcept {
    write_rows<T, To>(to, row_begin, row_end, [&](std::ptrdiff_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
        const batch<T> v = fmadd(vector_at<From>(from, c, y, x), batch<T>(scale[c]), batch<T>(shift[c]));
        return activate<(Relu ? activation::relu : activation::none)>(v, T(0));
    });
}

/// Softmax over the channels at every position, the largest value subtracted first; in place.
template <class T, map_layout M>
void softmax(T* map, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
    constexpr std::ptrdiff_t v = lanes<T>;
    for (std::ptrdiff_t y = row_begin; y < row_end; ++y) {
        for (std::ptrdiff_t x = 0; x < M.width; x += v) {
            T* p = map + y * M.pitch + x;
            batch<T> largest = load(p);
            for (std::ptrdiff_t c = 1; c < M.channels; ++c) {
                largest = maximum(largest, load(p + c * M.plane));
            }
            batch<T> sum(T(0));
            for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                const batch<T> e = xsimd::exp(load(p + c * M.plane) - largest);
                sum = sum + e;
                store(p + c * M.plane, e);
            }
            const batch<T> factor = batch<T>(T(1)) / sum;
            for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                store(p + c * M.plane, keep_first(load(p + c * M.plane) * factor, M.width - x));
            }
        }
    }
}

/// Sum of the values of one channel; its gaps are zero and add nothing.
template <class T, map_layout M>
FOVEA_INLINE T channel_sum(const T* channel) {
    constexpr std::ptrdiff_t v = lanes<T>;
    batch<T> sums[2] = {batch<T>(T(0)), batch<T>(T(0))};  // two chains: the adds wait for each other otherwise
    for (std::ptrdiff_t y = 0; y < M.height; ++y) {
        for (std::ptrdiff_t x = 0; x < M.width; x += v) {
            batch<T>& sum = sums[(x / v + y) % 2];
            sum = sum + load(channel + y * M.pitch + x);
        }
    }
    return reduce_add(sums[0] + sums[1]);
}

/// Mean over all positions: C x H x W -> C x 1 x 1, a channel every `OutPlane` elements.
template <class T, map_layout M, std::ptrdiff_t OutPlane>
void global_average_forward(const T* from, T* to) noexcept {
    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
        for (std::ptrdiff_t i = 1; i < OutPlane; ++i) {
            to[c * OutPlane + i] = T(0);
        }
        to[c * OutPlane] = channel_sum<T, M>(from + c * M.plane) * static_cast<T>(1.0 / static_cast<double>(M.height * M.width));
    }
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
