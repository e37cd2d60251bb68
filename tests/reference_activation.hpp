// SPDX-License-Identifier: BSD-3-Clause
// What must an activation give, and what is its slope? In double, by the standard library, sharing nothing with the
// kernels that are judged by it. `s`: its own values, if it has any: a slope.
#pragma once

#include <cmath>
#include <stdexcept>

#include <fovea/declare/kinds.hpp>

namespace fovea::test {

inline double plain_activation(activation a, double x, const double* s) {
    switch (a) {
        case activation::none: return x;
        case activation::relu: return x < 0 ? 0 : x;  // NaN stays
        case activation::leaky_relu:
        case activation::prelu: return x > 0 ? x : x * s[0];
        case activation::sigmoid: return 1 / (1 + std::exp(-x));
        case activation::tanh: return std::tanh(x);
        case activation::silu: return x / (1 + std::exp(-x));
    }
    throw std::logic_error("no plain activation");
}

/// d activation / dx
inline double plain_slope(activation a, double x, const double* s) {
    const double logistic = 1 / (1 + std::exp(-x));
    switch (a) {
        case activation::none: return 1;
        case activation::relu: return x <= 0 ? 0 : 1;
        case activation::leaky_relu:
        case activation::prelu: return x > 0 ? 1 : s[0];
        case activation::sigmoid: return logistic * (1 - logistic);
        case activation::tanh: return 1 - std::tanh(x) * std::tanh(x);
        case activation::silu: return logistic * (1 + x * (1 - logistic));
    }
    throw std::logic_error("no slope of a plain activation");
}

/// The slope of channel c among those of an activation.
inline const double* slopes_of_channel(activation a, const double* s, std::size_t c) {
    return a == activation::prelu ? s + c : s;
}

}  // namespace fovea::test
