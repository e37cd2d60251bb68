// SPDX-License-Identifier: BSD-3-Clause
// HRNet (Wang et al. 2019): several maps side by side, each of its own resolution, that exchange by sums after every
// few blocks. And the same without downsampling: every branch keeps the resolution of the input, and dilation is what
// differs.
#pragma once

#include "resnet.hpp"

namespace family {

// ---- The published network: resolutions 1/4, 1/8, 1/16, 1/32. Map N is "0" to "3", behind its blocks "b0" to "b3".

template <int N, int Channels>
using HrBlocks = Repeat<N, BasicBlock<Channels>>;

template <class Source, int Channels, int Factor>
using HrUp = Sequential<Source, Conv1x1<Channels, no_bias>, BatchNorm, Upsample<Factor>>;
/// Half, a quarter or an eighth of the resolution: all convolutions but the last keep the channels.
template <int Channels>
using HrHalf = Sequential<Conv<stride<2>, pad<1>, no_bias, out<Channels>>, BatchNorm>;
using HrStep = Sequential<Conv<stride<2>, pad<1>, no_bias>, BatchNorm, ReLU>;
template <class Source, int Channels>
using HrDown2 = Sequential<Source, HrHalf<Channels>>;
template <class Source, int Channels>
using HrDown4 = Sequential<Source, HrStep, HrHalf<Channels>>;
template <class Source, int Channels>
using HrDown8 = Sequential<Source, HrStep, HrStep, HrHalf<Channels>>;
template <class... Maps>
using HrSum = Sequential<Parallel<Sum, Maps...>, ReLU>;

using B0 = From<"b0">;
using B1 = From<"b1">;
using B2 = From<"b2">;
using B3 = From<"b3">;

template <int N, int W>
using HrModule2 = Sequential<
    From<"0">, HrBlocks<N, W>, Tap<"b0">,
    From<"1">, HrBlocks<N, 2 * W>, Tap<"b1">,
    HrSum<B0, HrUp<B1, W, 2>>, Tap<"0">,
    HrSum<HrDown2<B0, 2 * W>, B1>, Tap<"1">>;

template <int N, int W>
using HrModule3 = Sequential<
    From<"0">, HrBlocks<N, W>, Tap<"b0">,
    From<"1">, HrBlocks<N, 2 * W>, Tap<"b1">,
    From<"2">, HrBlocks<N, 4 * W>, Tap<"b2">,
    HrSum<B0, HrUp<B1, W, 2>, HrUp<B2, W, 4>>, Tap<"0">,
    HrSum<HrDown2<B0, 2 * W>, B1, HrUp<B2, 2 * W, 2>>, Tap<"1">,
    HrSum<HrDown4<B0, 4 * W>, HrDown2<B1, 4 * W>, B2>, Tap<"2">>;

template <int N, int W>
using HrModule4 = Sequential<
    From<"0">, HrBlocks<N, W>, Tap<"b0">,
    From<"1">, HrBlocks<N, 2 * W>, Tap<"b1">,
    From<"2">, HrBlocks<N, 4 * W>, Tap<"b2">,
    From<"3">, HrBlocks<N, 8 * W>, Tap<"b3">,
    HrSum<B0, HrUp<B1, W, 2>, HrUp<B2, W, 4>, HrUp<B3, W, 8>>, Tap<"0">,
    HrSum<HrDown2<B0, 2 * W>, B1, HrUp<B2, 2 * W, 2>, HrUp<B3, 2 * W, 4>>, Tap<"1">,
    HrSum<HrDown4<B0, 4 * W>, HrDown2<B1, 4 * W>, B2, HrUp<B3, 4 * W, 2>>, Tap<"2">,
    HrSum<HrDown8<B0, 8 * W>, HrDown4<B1, 8 * W>, HrDown2<B2, 8 * W>, B3>, Tap<"3">>;

/// A new branch of half the resolution.
template <int Channels>
using HrTransition = Sequential<HrHalf<Channels>, ReLU>;

/// Width of the stem, blocks of the first stage and of each branch, modules of the other three stages; W: channels of
/// the finest branch.
template <int Stem, int First, int N, int M2, int M3, int M4, int W>
using HrTrunk = Sequential<
    Conv3x3<Stem, 2>, BatchNorm, ReLU,
    Conv3x3<Stem, 2>, BatchNorm, ReLU,
    BottleneckStage<First, Stem, 1>, Tap<"stem">,
    Conv3x3<W>, BatchNorm, ReLU, Tap<"0">,
    From<"stem">, HrTransition<2 * W>, Tap<"1">,
    Repeat<M2, HrModule2<N, W>>,
    From<"1">, HrTransition<4 * W>, Tap<"2">,
    Repeat<M3, HrModule3<N, W>>,
    From<"2">, HrTransition<8 * W>, Tap<"3">,
    Repeat<M4, HrModule4<N, W>>>;

template <int Channels>
using HrHeadStep = Sequential<Conv<out<Channels>, stride<2>, pad<1>>, BatchNorm, ReLU>;
/// The head of the classifier, from the finest map down to the coarsest; H: its narrowest channels.
template <int H, int Classes>
using HrHead = Sequential<
    From<"0">, BottleneckEntry<H, 1>,
    Parallel<Sum, Sequential<From<"1">, BottleneckEntry<2 * H, 1>>, HrHeadStep<8 * H>>,
    Parallel<Sum, Sequential<From<"2">, BottleneckEntry<4 * H, 1>>, HrHeadStep<16 * H>>,
    Parallel<Sum, Sequential<From<"3">, BottleneckEntry<8 * H, 1>>, HrHeadStep<32 * H>>,
    Conv1x1<64 * H>, BatchNorm, ReLU,
    GAP, Dense<Classes>>;

using HrNetW18 = Network<Input<3, 224, 224>, HrTrunk<64, 4, 4, 1, 4, 3, 18>, HrHead<32, 1000>, Softmax>;
using HrNetW32 = Network<Input<3, 224, 224>, HrTrunk<64, 4, 4, 1, 4, 3, 32>, HrHead<32, 1000>, Softmax>;
// pytorchcv (osmr/imgclsmob), hrnetv2_w18 and hrnetv2_w32: weight_count; the authors' HRNet-Image-Classification says
// 21.3 M and 41.2 M
static_assert(claim<parameter_count<HrNetW18>, 21'299'004>);
static_assert(claim<parameter_count<HrNetW32>, 41'232'680>);
// The same list: 3.99 and 8.31 "GFLOPs", multiply-accumulates in units of 2^30
static_assert(claim<mac_count<HrNetW18>, 4'283'537'072>);
static_assert(claim<mac_count<HrNetW32>, 8'921'133'056>);
static_assert(claim<total_stride<HrNetW18>, 32>);

// ---- Full resolution: branch N has dilation 2^N where HRNet has stride 2^N.

template <int Channels, int Dilation>
using FullBranch = Sequential<
    Residual<Sequential<
        Conv<out<Channels>, dil<Dilation>>, BatchNorm, ReLU,
        Conv<out<Channels>, dil<Dilation>>, BatchNorm>>,
    ReLU>;
/// What branch Source says to a branch of Channels.
template <class Source, int Channels>
using FullMessage = Sequential<Source, Conv1x1<Channels, no_bias>, BatchNorm>;

template <int W>
using FullModule = Sequential<
    From<"0">, FullBranch<W, 1>, Tap<"b0">,
    From<"1">, FullBranch<W, 2>, Tap<"b1">,
    From<"2">, FullBranch<W, 4>, Tap<"b2">,
    HrSum<B0, FullMessage<B1, W>, FullMessage<B2, W>>, Tap<"0">,
    HrSum<FullMessage<B0, W>, B1, FullMessage<B2, W>>, Tap<"1">,
    HrSum<FullMessage<B0, W>, FullMessage<B1, W>, B2>, Tap<"2">>;

template <int W, int N, int Height, int Width, int Classes, class... Last>
using HrFullOf = Network<Input<3, Height, Width>,
    Conv<out<W>>, BatchNorm, ReLU,
    Conv<out<W>>, BatchNorm, ReLU, Tap<"0">, Tap<"1">, Tap<"2">,
    Repeat<N, FullModule<W>>,
    Parallel<Concat, From<"0">, From<"1">, From<"2">>,
    Conv1x1<Classes>, Last...>;

using HrFull = HrFullOf<16, 4, 64, 84, 11, Softmax>;
// 5 and, of every module, 2 * 2 * 4 of its widest branch
static_assert(claim<receptive_field<HrFull>, 5 + 4 * 16>);
// The stem's second convolution closes the holes of the widest branch: its taps are 4 positions apart.
static_assert(is_hole_free<HrFull>);
static_assert(claim<total_stride<HrFull>, 1>);
static_assert(is_aligned<HrFull>);
static_assert(claim<output_shape<HrFull>, Shape{11, 64, 84}>);

}  // namespace family
