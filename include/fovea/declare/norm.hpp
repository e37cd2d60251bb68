// SPDX-License-Identifier: BSD-3-Clause
// Which bricks normalise or regularise?
#pragma once

#include <ratio>

#include <fovea/declare/spec.hpp>

namespace fovea {

/// Batch normalisation with a trained scale and shift per channel (Ioffe and Szegedy 2015). `Momentum` is the weight of
/// the new batch in the running statistics, as in PyTorch; Keras's 0.99 is ratio<1, 100> here.
template <class Epsilon = std::ratio<1, 100'000>, class Momentum = std::ratio<1, 10>>
struct BatchNormOf {};

/// PyTorch: BatchNorm2d (epsilon 1e-5, momentum 0.1). Not an alias: a network's name is long enough in messages.
struct BatchNorm {};

/// Zeroes `Percent` % of the values while training and scales the rest by 100 / (100 - Percent); identity otherwise.
template <int Percent>
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

template <int Percent>
struct brick_traits<Dropout<Percent>> {
    using options = type_pack<std::integral_constant<int, Percent>>;
    static constexpr brick_spec spec{.kind = brick_kind::dropout,
                                     .name = "Dropout",
                                     .percent = Percent,
                                     .fault =
                                         Percent >= 0 && Percent < 100 ? option_fault::none : option_fault::bad_value};
};

template <>
struct brick_traits<Identity> {
    using options = type_pack<>;
    static constexpr brick_spec spec{};
};

}  // namespace detail
}  // namespace fovea
