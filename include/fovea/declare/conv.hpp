// SPDX-License-Identifier: BSD-3-Clause
// Which bricks multiply and add? Convolutions and the dense layer.
#pragma once

#include <fovea/declare/options.hpp>
#include <fovea/declare/patterns.hpp>

namespace fovea {

/// Convolution, C x H x W -> out x H' x W'. Options: out, ker, dil, stride, same | valid | causal | pad, reflect |
/// replicate | circular, groups, taps, no_bias. PyTorch: Conv2d (Conv1d in 1-D); weight O, I / groups, KH, KW; with
/// taps O, I / groups, T, or one row of values where channels have different numbers of taps.
template <class... Options>
struct Conv {};

/// Convolution with one group per input channel; `out` must be a multiple of the input's channels (default: equal).
/// Options: those of Conv but groups. PyTorch: Conv2d(groups = in_channels).
template <class... Options>
struct DepthwiseConv {};

/// Transposed convolution: each input value adds its weighted kernel to the output. Extent: (input - 1) * stride +
/// dilation * (kernel - 1) + 1, less the padding; `same` (default): input * stride. Options: out, ker, dil, stride,
/// same | valid | causal | pad, output_pad, groups, no_bias. PyTorch: ConvTranspose2d; weight I, O / groups, KH, KW.
template <class... Options>
struct Deconv {};

/// Convolution with a 1x1 kernel: N weighted sums of the channels at every position. Options: stride, groups, no_bias.
template <int N, class... Options>
struct Conv1x1 {};

/// Fully connected: C x H x W -> N x 1 x 1, inputs in the order channel, row, column (PyTorch: Flatten + Linear).
/// On a 1x1 map it has the parameters of a Conv1x1. Options: no_bias.
template <int N, class... Options>
struct Dense {};

namespace detail {

inline constexpr unsigned conv_options = takes_out | takes_kernel | takes_dilation | takes_stride | takes_padding |
                                         takes_mode | takes_groups | takes_taps | takes_bias;

template <class... Options>
struct brick_traits<Conv<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::conv, .name = "Conv"}, conv_options);
};

template <class... Options>
struct brick_traits<DepthwiseConv<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::conv, .name = "DepthwiseConv", .groups = 0},
                                 conv_options & ~unsigned{takes_groups});
};

template <class... Options>
struct brick_traits<Deconv<Options...>> {
    using options = type_pack<Options...>;
    static constexpr brick_spec spec =
        with_options<Options...>({.kind = brick_kind::deconv, .name = "Deconv"},
                                 (conv_options | takes_output_pad) & ~unsigned{takes_mode | takes_taps});
};

/// `out<N>` goes first, so that a bad N is found by the same rule.
template <int N, class... Options>
struct brick_traits<Conv1x1<N, Options...>> {
    using options = type_pack<out<N>, Options...>;
    static constexpr brick_spec spec =
        with_options<out<N>, Options...>({.kind = brick_kind::conv, .name = "Conv1x1", .kernel = {1, 1, 1}},
                                         takes_stride | takes_groups | takes_bias, takes_out);
};

template <int N, class... Options>
struct brick_traits<Dense<N, Options...>> {
    using options = type_pack<out<N>, Options...>;
    static constexpr brick_spec spec =
        with_options<out<N>, Options...>({.kind = brick_kind::dense, .name = "Dense", .kernel = {1, 1, 1}}, takes_bias,
                                         takes_out);
};

}  // namespace detail
}  // namespace fovea
