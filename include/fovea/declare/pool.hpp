// SPDX-License-Identifier: BSD-3-Clause
// Which bricks take a maximum or a mean over positions?
#pragma once

#include <fovea/declare/options.hpp>

namespace fovea {

/// Maximum over a window, channel by channel; padding never wins. Options: ker (3), dil, stride (1: a pool does not
/// downsample unless asked), same | valid | causal | pad. PyTorch: MaxPool2d.
template <class... Options>
struct MaxPool {};

/// Mean over a window; padding is not counted (TensorFlow's rule; PyTorch: AvgPool2d(count_include_pad=False)).
/// Options as MaxPool's.
template <class... Options>
struct AvgPool {};

/// Mean over all positions, C x H x W -> C x 1 x 1. PyTorch: AdaptiveAvgPool2d(1).
struct GAP {};

namespace detail {

inline constexpr unsigned pool_options = takes_kernel | takes_dilation | takes_stride | takes_padding;

template <class... Options>
struct brick_traits<MaxPool<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::max_pool, .name = "MaxPool"}, pool_options);
};

template <class... Options>
struct brick_traits<AvgPool<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::average_pool, .name = "AvgPool"}, pool_options);
};

template <>
struct brick_traits<GAP> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::global_average_pool, .name = "GAP"};
};

}  // namespace detail
}  // namespace fovea
