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

template <>
struct brick_traits<ReLU> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::relu, .name = "ReLU"};
};

template <>
struct brick_traits<PReLU> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::prelu, .name = "PReLU"};
};

template <>
struct brick_traits<Sigmoid> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::sigmoid, .name = "Sigmoid"};
};

template <>
struct brick_traits<Tanh> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::tanh, .name = "Tanh"};
};

template <>
struct brick_traits<SiLU> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::silu, .name = "SiLU"};
};

template <>
struct brick_traits<Softmax> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::softmax, .name = "Softmax"};
};

template <class Slope>
struct brick_traits<LeakyReLUOf<Slope>> {
    using options = type_pack<Slope>;
    static constexpr brick_spec spec{
        .kind = brick_kind::leaky_relu,
        .name = "LeakyReLU",
        .slope = fraction_of<Slope>,
        .fault = is_ratio<Slope> ? option_fault::none : option_fault::bad_value,
    };
};

template <>
struct brick_traits<LeakyReLU> : brick_traits<LeakyReLUOf<std::ratio<1, 100>>> {};

}  // namespace detail
}  // namespace fovea
