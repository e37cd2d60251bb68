// SPDX-License-Identifier: BSD-3-Clause
// How large are a root, a power of e and an angle, while compiling? <cmath> is constexpr from C++26 on only.
#pragma once

#include <fovea/detail/finite.hpp>

namespace fovea::detail {

/// The root of x, by Newton's rule from above, correct to 2 ulp; 0 for x <= 0.
constexpr double square_root(double x) {
    if (!(x > 0)) {
        return 0;
    }
    if (!is_finite(x)) {
        return x;
    }
    // Powers of 4 bring x into [1, 4): few steps, whatever the size.
    double scale = 1;
    for (; x >= 4; x /= 4) {
        scale *= 2;
    }
    for (; x < 1; x *= 4) {
        scale /= 2;
    }
    double root = (1 + x) / 2;
    for (int i = 0; i < 6; ++i) {
        root = (root + x / root) / 2;
    }
    return root * scale;
}

/// e^x to 4 ulp; 0 below the smallest normal number, infinity above the largest.
constexpr double exponential(double x) {
    if (is_nan(x)) {
        return x;
    }
    if (x > 709.78) {
        return infinity<double>;
    }
    if (x < -708.39) {
        return 0;
    }
    // e^x = 2^n e^r with |r| <= ln(2) / 2; ln(2) in two parts, so that n ln(2) is exact (Cody and Waite 1980).
    constexpr double high = 0x1.62e42fee00000p-1, low = 0x1.a39ef35793c76p-33;
    const int n = static_cast<int>(x / (high + low) + (x < 0 ? -0.5 : 0.5));
    const double r = (x - n * high) - n * low;
    double sum = 1;
    for (int i = 14; i > 0; --i) {
        sum = 1 + sum * r / i;
    }
    const double factor = n < 0 ? 0.5 : 2;
    for (int i = 0; i < (n < 0 ? -n : n); ++i) {
        sum *= factor;
    }
    return sum;
}

inline constexpr double pi = 3.14159265358979323846;

/// The angle of (x, y) from the x axis in radians, in (-pi, pi], to 1e-15; 0 at the origin.
constexpr double arc_tangent(double y, double x) {
    if (x == 0 && y == 0) {
        return 0;
    }
    const double right = x < 0 ? -x : x, up = y < 0 ? -y : y;
    const bool steep = up > right;
    double t = steep ? right / up : up / right;
    // Halved twice, atan(t) = 2 atan(t / (1 + sqrt(1 + t^2))): t <= tan(pi / 16), and Taylor's terms shrink by 25.
    t = t / (1 + square_root(1 + t * t));
    t = t / (1 + square_root(1 + t * t));
    const double square = t * t;
    double sum = 0;
    for (int i = 25; i > 0; i -= 2) {
        sum = 1.0 / i - square * sum;
    }
    double angle = 4 * t * sum;
    angle = steep ? pi / 2 - angle : angle;
    angle = x < 0 ? pi - angle : angle;
    return y < 0 ? -angle : angle;
}

}  // namespace fovea::detail
