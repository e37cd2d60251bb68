// SPDX-License-Identifier: BSD-3-Clause
// Dilated residual networks (Yu, Koltun and Funkhouser 2017, figure 3): stride 8 instead of 32, dilations 2 and 4
// instead of the last strides, and at the end layers without skips whose dilation steps back to 1 ("degridding").
#pragma once

#include "resnet.hpp"

namespace family {

template <int Channels, int Dilation>
using DrnStage = Sequential<BasicEntry<Channels, 1, Dilation>, BasicBlock<Channels, Dilation>>;
template <int Channels, int Stride = 1, int Dilation = 1>
using DrnConv = Sequential<Conv3x3<Channels, Stride, Dilation>, BatchNorm, ReLU>;

template <int Width>
using DrnStem = Sequential<Conv<out<Width>, ker<7>, pad<3>, no_bias>, BatchNorm, ReLU>;
/// Levels 3 to 6 of both architectures.
template <int Width>
using DrnMiddle = Sequential<
    BasicStage<2, 4 * Width>,
    BasicStage<2, 8 * Width>,
    DrnStage<16 * Width, 2>,
    DrnStage<32 * Width, 4>>;

template <int Width>
using DrnCTrunk = Sequential<
    DrnStem<Width>,
    BasicBlock<Width>,
    BasicEntry<2 * Width, 2>,
    DrnMiddle<Width>,
    Repeat<2, DrnConv<32 * Width, 1, 2>>,
    Repeat<2, DrnConv<32 * Width>>>;

template <int Width>
using DrnDTrunk = Sequential<
    DrnStem<Width>,
    DrnConv<Width>,
    DrnConv<2 * Width, 2>,
    DrnMiddle<Width>,
    DrnConv<32 * Width, 1, 2>,
    DrnConv<32 * Width>>;

using DrnC26 = Network<Input<3, 224, 224>, DrnCTrunk<16>, GAP, Conv1x1<1000>, Softmax>;
using DrnD22 = Network<Input<3, 224, 224>, DrnDTrunk<16>, GAP, Conv1x1<1000>, Softmax>;

// pytorchcv (osmr/imgclsmob), drnc26 and drnd22: weight_count; the authors' fyu/drn says 21.1 M and 16.4 M
static_assert(claim<parameter_count<DrnC26>, 21'126'584>);
static_assert(claim<parameter_count<DrnD22>, 16'393'752>);
static_assert(claim<total_stride<DrnC26>, 8>);
static_assert(is_free_of<DrnC26, lint::drn_tail> && is_free_of<DrnD22, lint::drn_tail>);

}  // namespace family
