// SPDX-License-Identifier: BSD-3-Clause
// Which bricks bend a value?
#pragma once

#include <ratio>

#include <fovea/declare/spec.hpp>

namespace fovea {

/// max(x, 0)
struct ReLU {};

/// x for x > 0, Slope * x otherwise.
template <class Slope>
struct LeakyReLUOf {};

/// PyTorch: LeakyReLU (slope 0.01).
struct LeakyReLU {};

/// x for x > 0, weight[c] * x otherwise: one trained slope per channel, from 0.25 (He et al. 2015, eq. 1; PyTorch:
/// PReLU(num_parameters = C)).
struct PReLU {};

/// 1 / (1 + exp(-x))
struct Sigmoid {};

struct Tanh {};

/// x / (1 + exp(-x)) (Elfwing et al. 2017, "swish")
struct SiLU {};

/// Softmax over the channels at every position; only as the last brick. Training fuses it with the cross-entropy.
struct Softmax {};

namespace detail {

template <activation A, fraction... Constants>
struct activation_traits {
    using options = type_pack<>;
    static constexpr fraction constants[] = {Constants..., fraction{}};
    static constexpr brick_spec spec{.kind = brick_kind::activation,
                                     .name = facts_of(A).name,
                                     .act = A,
                                     .constants = {constants, sizeof...(Constants)}};
};

template <>
struct brick_traits<ReLU> : activation_traits<activation::relu> {};
template <>
struct brick_traits<PReLU> : activation_traits<activation::prelu> {};
template <>
struct brick_traits<Sigmoid> : activation_traits<activation::sigmoid> {};
template <>
struct brick_traits<Tanh> : activation_traits<activation::tanh> {};
template <>
struct brick_traits<SiLU> : activation_traits<activation::silu> {};

template <class Slope>
struct brick_traits<LeakyReLUOf<Slope>> : activation_traits<activation::leaky_relu, fraction_of<Slope>> {
    using options = type_pack<Slope>;
    static constexpr brick_spec spec = [] {
        brick_spec s = activation_traits<activation::leaky_relu, fraction_of<Slope>>::spec;
        s.fault = is_ratio<Slope> ? option_fault::none : option_fault::bad_value;
        return s;
    }();
};
template <>
struct brick_traits<LeakyReLU> : brick_traits<LeakyReLUOf<std::ratio<1, 100>>> {};

template <>
struct brick_traits<Softmax> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::softmax, .name = "Softmax"};
};

}  // namespace detail
}  // namespace fovea
