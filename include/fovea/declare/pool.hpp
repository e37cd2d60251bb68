// SPDX-License-Identifier: BSD-3-Clause
// Which bricks take a maximum or a mean over positions?
#pragma once

#include <fovea/declare/options.hpp>

namespace fovea {

/// Maximum over a window, channel by channel; padding never wins. Options: ker (3), dil, stride (1: a pool does not
/// downsample unless asked), same | valid | causal | pad, reflect | replicate | circular. PyTorch: MaxPool2d.
template <class... Options>
struct MaxPool {};

/// Mean over a window; padding is not counted (TensorFlow's rule; PyTorch: AvgPool2d(count_include_pad=False)).
/// Options as MaxPool's.
template <class... Options>
struct AvgPool {};

/// Median of a window, channel by channel; padding is not counted, of an even number of values it is the mean of the two
/// in the middle. Options as MaxPool's. OpenCV: medianBlur.
template <class... Options>
struct MedianPool {};

/// Upsample's ways: the nearest value, or bilinear between the four around (half-pixel centres; PyTorch:
/// Upsample(mode='bilinear', align_corners=False)).
struct nearest {};
struct bilinear {};

/// N x N values for each one, `Upsample<2>` or `Upsample<2, bilinear>`; along time only in 1-D.
template <int N, class Way = nearest>
struct Upsample {};

/// Mean over all positions, C x H x W -> C x 1 x 1. PyTorch: AdaptiveAvgPool2d(1).
struct GAP {};

namespace detail {

inline constexpr unsigned pool_options = takes_kernel | takes_dilation | takes_stride | takes_padding | takes_mode;

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

template <class... Options>
struct brick_traits<MedianPool<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::median_pool, .name = "MedianPool"}, pool_options);
};

template <int N, class Way>
constexpr brick_spec upsample_spec(bool known, bool interpolates) {
    return {.kind = brick_kind::upsample,
            .name = "Upsample",
            .kernel = {1, 1, 1},
            .stride = {N, N, 1},
            .bilinear = interpolates,
            .fault = known && N > 0 ? option_fault::none : option_fault::bad_value};
}
template <int N, class Way>
struct brick_traits<Upsample<N, Way>> {
    using options = type_pack<Way>;
    static constexpr brick_spec spec = upsample_spec<N, Way>(false, false);
};
template <int N>
struct brick_traits<Upsample<N, nearest>> {
    using options = type_pack<nearest>;
    static constexpr brick_spec spec = upsample_spec<N, nearest>(true, false);
};
template <int N>
struct brick_traits<Upsample<N, bilinear>> {
    using options = type_pack<bilinear>;
    static constexpr brick_spec spec = upsample_spec<N, bilinear>(true, true);
};

template <>
struct brick_traits<GAP> {
    using options = type_pack<>;
    static constexpr brick_spec spec{.kind = brick_kind::global_average_pool, .name = "GAP"};
};

}  // namespace detail
}  // namespace fovea
