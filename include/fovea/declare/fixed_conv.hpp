// SPDX-License-Identifier: BSD-3-Clause
// Which convolutions have weights that are known, and not trained? Gaussians, their derivatives, and kernels of one's own.
#pragma once

#include <array>
#include <concepts>
#include <type_traits>

#include <fovea/declare/options.hpp>
#include <fovea/detail/constexpr_math.hpp>

namespace fovea {

/// A kernel that FixedConv takes: `height`, `width`, and `at(row, column)`, all constants.
template <class T>
concept fixed_kernel = !requires {
    // Of the objects: where a constant belongs g++ has an error of its own for them.
    requires std::is_member_pointer_v<decltype(&T::height)> || std::is_member_pointer_v<decltype(&T::width)>;
} && requires {
    typename std::integral_constant<int, T::height>;
    typename std::integral_constant<int, T::width>;
    typename std::bool_constant<(static_cast<double>(T::at(0, 0)) > 0)>;
};

/// Every channel is convolved with every kernel: C channels and n kernels give n * C, those of channel 0 first. No
/// parameters, no bias. Arguments: kernels (of one height and width), then dil, stride, same | valid | causal | pad,
/// reflect | replicate | circular. PyTorch: a Conv2d(groups = C) whose weight does not require a gradient.
template <class... KernelsAndOptions>
struct FixedConv {};

namespace detail {

/// Derivative `order` of the Gaussian exp(-x^2 / 2 s^2) at x, without its constant factor: probabilists' Hermite
/// polynomials, (-1)^n He_n(x / s) exp(-x^2 / 2 s^2).
constexpr double gaussian_derivative(int order, double x, double sigma) {
    const double u = x / sigma;
    double before = 0, he = 1;
    for (int n = 0; n < order; ++n) {
        const double next = u * he - n * before;
        before = he;
        he = next;
    }
    return (order % 2 == 0 ? he : -he) * exponential(-u * u / 2);
}

/// The last distance at which the derivative is still above a thousandth of its largest value.
constexpr int gaussian_radius(int order, double sigma) {
    const int far = static_cast<int>(6 * sigma + 2 * order) + 2;
    double largest = 0;
    for (int x = 0; x <= far; ++x) {
        const double v = gaussian_derivative(order, x, sigma);
        largest = v > largest ? v : -v > largest ? -v : largest;
    }
    int radius = order > 0 ? (order + 1) / 2 : 1;  // as many taps as a difference of this order needs
    for (int x = radius; x <= far; ++x) {
        const double v = gaussian_derivative(order, x, sigma);
        radius = (v > 0 ? v : -v) > largest / 1'000 ? x : radius;
    }
    return radius;
}

template <int Radius>
using tap_array = std::array<double, static_cast<std::size_t>(2 * Radius + 1)>;

/// Samples of a derivative, made exact: applied to a polynomial of degree `Order` they give its derivative. Lower ones of
/// the same parity are mixed in to that end, since samples of a narrow Gaussian are not orthogonal to polynomials.
template <int Order, int Radius>
constexpr tap_array<Radius> gaussian_taps(double sigma) {
    constexpr int terms = Order / 2 + 1;
    const auto moment = [](const tap_array<Radius>& w, int power) {
        double sum = 0;
        for (int x = -Radius; x <= Radius; ++x) {
            double p = w[static_cast<std::size_t>(x + Radius)];
            for (int n = 0; n < power; ++n) {
                p *= x;
            }
            sum += p;
        }
        return sum;
    };
    std::array<tap_array<Radius>, std::size_t{terms}> basis{};  // derivatives Order % 2, ..., Order - 2, Order
    for (int t = 0; t < terms; ++t) {
        const int order = Order % 2 + 2 * t;
        auto& b = basis[static_cast<std::size_t>(t)];
        for (int x = -Radius; x <= Radius; ++x) {
            // A layer sums w[k] * input[x + k]: the derivative mirrored.
            b[static_cast<std::size_t>(x + Radius)] = gaussian_derivative(order, -x, sigma);
        }
        double factorial = 1;
        for (int lower = 0; lower < t; ++lower) {  // no response to lower powers
            const int power = Order % 2 + 2 * lower;
            factorial = 1;
            for (int n = 2; n <= power; ++n) {
                factorial *= n;
            }
            const double share = moment(b, power) / factorial;
            for (std::size_t i = 0; i < b.size(); ++i) {
                b[i] -= share * basis[static_cast<std::size_t>(lower)][i];
            }
        }
        factorial = 1;
        for (int n = 2; n <= order; ++n) {
            factorial *= n;
        }
        const double scale = factorial / moment(b, order);  // x^n has the derivative n!
        for (double& v : b) {
            v *= scale;
        }
    }
    return basis[static_cast<std::size_t>(terms - 1)];
}

/// Below a sigma of 1/4 the samples beside the centre are less than a thousandth of it; above 100 clang's steps in one
/// constant end.
template <class Sigma, int... Orders>
concept gaussian_values = is_ratio<Sigma> && fraction_of<Sigma>.value() >= 0.25 && fraction_of<Sigma>.value() <= 100 &&
                          ((Orders >= 0 && Orders <= 4) && ...);

template <class Sigma, int Order>
struct gaussian_axis {
    /// Up to 2/5 a derivative has as few taps as can be, and is the central difference whatever sigma is. Made of
    /// samples at 1/4, that of order 4 was off by 3e-5.
    static constexpr double sigma =
        Order > 0 && fraction_of<Sigma>.value() < 0.4 ? 0.4 : fraction_of<Sigma>.value();
    static constexpr int radius = gaussian_radius(Order, sigma);
    static constexpr tap_array<radius> taps = gaussian_taps<Order, radius>(sigma);
    static constexpr double at(int distance) {
        return distance < -radius || distance > radius ? 0.0 : taps[static_cast<std::size_t>(distance + radius)];
    }
};

/// The members of a Gaussian whose values FixedConv refuses.
struct refused_gaussian {
    static constexpr int radius = 0, height = 1, width = 1;
    static constexpr double at(int, int) { return 0; }
};

}  // namespace detail

/// A sampled Gaussian of standard deviation Sigma (a std::ratio of 1/4 to 100), or its derivative of order OrderY along
/// the rows and OrderX along the columns, 0 to 4 (Lindeberg, "Scale-space theory in computer vision", 1994). The kernel
/// reaches as far as the larger of its two profiles is above a thousandth of its maximum. Order 0 sums to 1, and order n
/// gives the n-th derivative of a polynomial of degree n.
template <class Sigma, int OrderY = 0, int OrderX = 0>
struct gaussian : detail::refused_gaussian {};
template <class Sigma, int OrderY, int OrderX>
    requires detail::gaussian_values<Sigma, OrderY, OrderX>
struct gaussian<Sigma, OrderY, OrderX> {
    using rows = detail::gaussian_axis<Sigma, OrderY>;
    using columns = detail::gaussian_axis<Sigma, OrderX>;
    static constexpr int radius = rows::radius > columns::radius ? rows::radius : columns::radius;
    static constexpr int height = 2 * radius + 1;
    static constexpr int width = 2 * radius + 1;
    static constexpr double at(int row, int column) { return rows::at(row - radius) * columns::at(column - radius); }
};

/// The same along the width only: time in 1-D networks.
template <class Sigma, int Order = 0>
struct gaussian_line : detail::refused_gaussian {};
template <class Sigma, int Order>
    requires detail::gaussian_values<Sigma, Order>
struct gaussian_line<Sigma, Order> {
    using profile = detail::gaussian_axis<Sigma, Order>;
    static constexpr int height = 1;
    static constexpr int width = 2 * profile::radius + 1;
    static constexpr double at(int, int column) { return profile::at(column - profile::radius); }
};

namespace detail {

template <class... Kernels>
struct fixed_kernels {};

/// Kernels come first; the rest are options.
template <class Kernels, class... Rest>
struct split_fixed {
    using kernels = Kernels;
    using options = type_pack<Rest...>;
};
template <class... Kernels, class First, class... Rest>
    requires fixed_kernel<First>
struct split_fixed<fixed_kernels<Kernels...>, First, Rest...> : split_fixed<fixed_kernels<Kernels..., First>, Rest...> {
};

template <class... Kernels>
constexpr double fixed_weight_of(int kernel, int row, int column) {
    constexpr double (*at[])(int, int) = {+[](int y, int x) { return static_cast<double>(Kernels::at(y, x)); }...};
    return at[static_cast<std::size_t>(kernel)](row, column);
}

template <class... Kernels, class... Options>
constexpr brick_spec fixed_spec(fixed_kernels<Kernels...>, type_pack<Options...>) {
    brick_spec spec{.kind = brick_kind::conv, .name = "FixedConv", .groups = 0, .bias = false};
    // Of no kind: what is wrong are its kernels, not an option of a convolution.
    brick_spec refused{.name = "FixedConv", .fault = option_fault::bad_value};
    if constexpr (sizeof...(Kernels) == 0) {
        return refused;
    } else {
        constexpr int heights[] = {Kernels::height...}, widths[] = {Kernels::width...};
        constexpr bool gaussians[] = {std::is_base_of_v<refused_gaussian, Kernels>...};
        for (int i = 0; i < static_cast<int>(sizeof...(Kernels)); ++i) {
            if (gaussians[i] || heights[i] != heights[0] || widths[i] != widths[0] || heights[i] < 1 || widths[i] < 1) {
                refused.fault_option = i;
                return refused;
            }
        }
        spec.out = static_cast<int>(sizeof...(Kernels));
        spec.kernel = {heights[0], widths[0], heights[0] == 1 ? 1 : 2};
        spec.is_fixed = true;
        spec.fixed = &fixed_weight_of<Kernels...>;
        spec = with_options<Options...>(spec, takes_dilation | takes_stride | takes_padding | takes_mode);
        spec.fault_option += static_cast<int>(sizeof...(Kernels));
        return spec;
    }
}

template <class... KernelsAndOptions>
struct brick_traits<FixedConv<KernelsAndOptions...>> {
    using parts = split_fixed<fixed_kernels<>, KernelsAndOptions...>;
    using options = type_pack<KernelsAndOptions...>;
    // Qualified: an argument-dependent look-up would ask a std::ratio<1, 0> among the types for its members.
    static constexpr brick_spec spec = detail::fixed_spec(typename parts::kernels{}, typename parts::options{});
};

}  // namespace detail
}  // namespace fovea
