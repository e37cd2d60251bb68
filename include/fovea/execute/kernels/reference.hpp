// SPDX-License-Identifier: BSD-3-Clause
// What must every fast kernel compute? The same answers by plain loops in double, on compact C x H x W arrays.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fovea/plan/geometry.hpp>

namespace fovea::kernels::reference {

using values = std::vector<double>;

inline std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

inline double activate(activation a, double x, double slope) {
    switch (a) {
        case activation::relu: return x > 0 ? x : 0;
        case activation::leaky_relu:
        case activation::prelu: return x > 0 ? x : x * slope;
        case activation::sigmoid: return 1 / (1 + std::exp(-x));
        case activation::tanh: return std::tanh(x);
        case activation::silu: return x / (1 + std::exp(-x));
        default: return x;
    }
}

/// d activate / dx
inline double activate_slope(activation a, double x, double slope) {
    const double s = 1 / (1 + std::exp(-x));
    switch (a) {
        case activation::relu: return x > 0 ? 1 : 0;
        case activation::leaky_relu:
        case activation::prelu: return x > 0 ? 1 : slope;
        case activation::sigmoid: return s * (1 - s);
        case activation::tanh: return 1 - std::tanh(x) * std::tanh(x);
        case activation::silu: return s * (1 + x * (1 - s));
        default: return 1;
    }
}

/// Calls visit(input index, output index, weight index) for every product of the convolution.
template <class Visit>
void for_each_product(const conv_geometry& g, Visit visit) {
    const std::ptrdiff_t ipg = g.in_per_group();
    for (std::ptrdiff_t o = 0; o < g.out.channels; ++o) {
        for (std::ptrdiff_t y = 0; y < g.out.height; ++y) {
            for (std::ptrdiff_t x = 0; x < g.out.width; ++x) {
                for (std::ptrdiff_t i = 0; i < ipg; ++i) {
                    for (std::ptrdiff_t ky = 0; ky < g.kernel_height; ++ky) {
                        const std::ptrdiff_t iy = y * g.stride_height - g.pad_top + ky * g.dilation_height;
                        if (iy < 0 || iy >= g.in.height) {
                            continue;
                        }
                        for (std::ptrdiff_t kx = 0; kx < g.kernel_width; ++kx) {
                            const std::ptrdiff_t ix = x * g.stride_width - g.pad_left + kx * g.dilation_width;
                            if (ix < 0 || ix >= g.in.width) {
                                continue;
                            }
                            const std::ptrdiff_t c = o / g.out_per_group() * ipg + i;
                            visit(at((c * g.in.height + iy) * g.in.width + ix),
                                  at((o * g.out.height + y) * g.out.width + x),
                                  at(((o * ipg + i) * g.kernel_height + ky) * g.kernel_width + kx));
                        }
                    }
                }
            }
        }
    }
}

/// bias may be empty.
inline values conv_forward(const conv_geometry& g, const values& in, const values& weights, const values& bias) {
    const std::ptrdiff_t positions = g.out.height * g.out.width;
    values out(at(g.out.channels * positions));
    for (std::size_t n = 0; n < out.size() && !bias.empty(); ++n) {
        out[n] = bias[n / at(positions)];
    }
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t w) { out[o] += in[i] * weights[w]; });
    return out;
}

inline values conv_backward_data(const conv_geometry& g, const values& dout, const values& weights) {
    values din(at(g.in.channels * g.in.height * g.in.width));
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t w) { din[i] += dout[o] * weights[w]; });
    return din;
}

inline values conv_backward_weights(const conv_geometry& g, const values& in, const values& dout) {
    values dweights(at(g.weight_count()));
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t w) { dweights[w] += in[i] * dout[o]; });
    return dweights;
}

/// Pools visit the same products with a depthwise geometry (groups = channels). Average: over taps inside the image.
inline values average_pool(const conv_geometry& g, const values& in, values* counts = nullptr) {
    values out(at(g.out.channels * g.out.height * g.out.width));
    values count(out.size());
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t) {
        out[o] += in[i];
        count[o] += 1;
    });
    for (std::size_t o = 0; o < out.size(); ++o) {
        out[o] = count[o] > 0 ? out[o] / count[o] : 0;
    }
    if (counts != nullptr) {
        *counts = count;
    }
    return out;
}

/// `which`: input index of the first maximum in row-major order of taps.
inline values max_pool(const conv_geometry& g, const values& in, std::vector<std::size_t>* which = nullptr) {
    values out(at(g.out.channels * g.out.height * g.out.width), -std::numeric_limits<double>::infinity());
    std::vector<std::size_t> first(out.size());
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t) {
        if (in[i] > out[o]) {
            out[o] = in[i];
            first[o] = i;
        }
    });
    if (which != nullptr) {
        *which = first;
    }
    return out;
}

}  // namespace fovea::kernels::reference
