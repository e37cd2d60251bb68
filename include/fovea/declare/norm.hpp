// SPDX-License-Identifier: BSD-3-Clause
// Which bricks normalise or regularise?
#pragma once

#include <concepts>
#include <ratio>

#include <fovea/declare/spec.hpp>

namespace fovea {

/// Batch normalisation with a trained scale and shift per channel (Ioffe and Szegedy 2015). `Momentum` is the weight of
/// the new batch in the running statistics, as in PyTorch; Keras's 0.99 is ratio<1, 100> here.
template <class Epsilon = std::ratio<1, 100'000>, class Momentum = std::ratio<1, 10>>
struct BatchNormOf {};

/// PyTorch: BatchNorm2d (epsilon 1e-5, momentum 0.1). Not an alias: a network's name is long enough in messages.
struct BatchNorm {};

namespace detail {
/// Of Dropout. Also takes Dropout<0.5>, to refuse it: a double for an int would be the compiler's error.
struct percentage {
    long long value = 0;
    bool in_millionths = false;
    template <std::integral I>
    constexpr percentage(I n) : value(static_cast<long long>(n)) {}
    template <std::floating_point F>
    constexpr percentage(F x)
        : value(x > -1e9 && x < 1e9 ? static_cast<long long>(1e6 * static_cast<double>(x)) : 0), in_millionths(true) {}
    constexpr bool sane() const { return !in_millionths && value >= 0 && value < 100; }
};
}  // namespace detail

/// Zeroes `Percent` % of the values while training and scales the rest by 100 / (100 - Percent); identity otherwise.
template <detail::percentage Percent>
struct Dropout {};

/// Passes its input on.
struct Identity {};

namespace detail {

template <class Epsilon, class Momentum>
struct brick_traits<BatchNormOf<Epsilon, Momentum>> {
    using options = type_pack<Epsilon, Momentum>;
    static constexpr fraction epsilon = fraction_of<Epsilon>, momentum = fraction_of<Momentum>;
    static constexpr bool sane = is_ratio<Epsilon> && is_ratio<Momentum> && epsilon.numerator > 0 &&
                                 momentum.numerator >= 0 && momentum.numerator <= momentum.denominator;
    static constexpr brick_spec spec{.kind = brick_kind::batch_norm,
                                     .name = "BatchNorm",
                                     .epsilon = epsilon,
                                     .momentum = momentum,
                                     .fault = sane ? option_fault::none : option_fault::bad_value};
};

template <>
struct brick_traits<BatchNorm> : brick_traits<BatchNormOf<>> {};

template <percentage Percent>
struct brick_traits<Dropout<Percent>> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::dropout,
                                     .name = "Dropout",
                                     .percent = Percent.sane() ? static_cast<int>(Percent.value) : 0,
                                     .fault = Percent.sane() ? option_fault::none : option_fault::bad_value};
};

template <>
struct brick_traits<Identity> {
    using options = type_pack<>;
    static constexpr brick_spec spec{};
};

}  // namespace detail
}  // namespace fovea
