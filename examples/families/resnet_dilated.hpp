// SPDX-License-Identifier: BSD-3-Clause
// A residual network that never downsamples: dilation 1, 2, 4 instead of strides. A class for an image, and every unit
// that it is made from still has its pixel.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Channels, int Dilation>
using DilatedBody = Sequential<
    Conv<out<Channels>, dil<Dilation>>, BatchNorm, ReLU,
    Conv<out<Channels>, dil<Dilation>>, BatchNorm>;
template <int Channels, int Dilation>
using DilatedBlock = Sequential<Residual<DilatedBody<Channels, Dilation>>, ReLU>;
template <int N, int Channels, int Dilation>
using DilatedStage = Sequential<
    Residual<DilatedBody<Channels, Dilation>, Conv<out<Channels>, dil<Dilation>>>, ReLU,
    Repeat<N - 1, DilatedBlock<Channels, Dilation>>>;

template <int Width, int N, int Size>
using ResNetDilatedOf = Network<Input<3, Size, Size>,
    Conv<out<Width>>, BatchNorm, ReLU,
    Repeat<N, DilatedBlock<Width, 1>>,
    DilatedStage<N, 2 * Width, 2>,
    DilatedStage<N, 4 * Width, 4>,
    GAP, Conv1x1<10>, Softmax>;

using ResNetDilated = ResNetDilatedOf<16, 6, 32>;
static_assert(claim<parameter_count<ResNetDilated>, 585'866>);
// all positions' convolutions, and the 1x1 on the mean
static_assert(claim<mac_count<ResNetDilated>, 594'984'960 + 64 * 10>);
// 3 + 12 * 2 * (1 + 2 + 4)
static_assert(claim<receptive_field<ResNetDilated>, 171>);
static_assert(claim<total_stride<ResNetDilated>, 1>);
static_assert(is_aligned<ResNetDilated>);
static_assert(is_hole_free<ResNetDilated>);

}  // namespace family
