// SPDX-License-Identifier: BSD-3-Clause
// ResNet (He et al. 2015, table 1): residual blocks of two 3x3 convolutions, or of 1x1, 3x3, 1x1 (bottlenecks), four
// stages, each but the first with half the resolution of the one before.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Channels, int Stride = 1>
using Projection = Sequential<Conv1x1<Channels, stride<Stride>, no_bias>, BatchNorm>;

// PyTorch's padding, which centres every kernel on its unit also at stride 2.
template <int Channels, int Stride = 1, int Dilation = 1>
using Conv3x3 = Conv<out<Channels>, stride<Stride>, dil<Dilation>, pad<Dilation>, no_bias>;

template <int Channels, int Stride = 1, int Dilation = 1>
using BasicBody = Sequential<
    Conv3x3<Channels, Stride, Dilation>, BatchNorm, ReLU,
    Conv3x3<Channels, 1, Dilation>, BatchNorm>;
template <int Channels, int Dilation = 1>
using BasicBlock = Sequential<Residual<BasicBody<Channels, 1, Dilation>>, ReLU>;
/// The first block of a stage, where resolution or channels change.
template <int Channels, int Stride, int Dilation = 1>
using BasicEntry = Sequential<Residual<BasicBody<Channels, Stride, Dilation>, Projection<Channels, Stride>>, ReLU>;
template <int N, int Channels>
using BasicStage = Sequential<BasicEntry<Channels, 2>, Repeat<N - 1, BasicBlock<Channels>>>;

/// Gives 4 * Channels. The stride is that of the 3x3 convolution, as in torchvision ("ResNet v1.5")...
template <int Channels, int Stride = 1, int Dilation = 1>
using BottleneckBody = Sequential<
    Conv1x1<Channels, no_bias>, BatchNorm, ReLU,
    Conv3x3<Channels, Stride, Dilation>, BatchNorm, ReLU,
    Conv1x1<4 * Channels, no_bias>, BatchNorm>;
template <int Channels, int Dilation = 1>
using Bottleneck = Sequential<Residual<BottleneckBody<Channels, 1, Dilation>>, ReLU>;
template <int Channels, int Stride, int Dilation = 1>
using BottleneckEntry =
    Sequential<Residual<BottleneckBody<Channels, Stride, Dilation>, Projection<4 * Channels, Stride>>, ReLU>;
template <int N, int Channels, int Stride>
using BottleneckStage = Sequential<BottleneckEntry<Channels, Stride>, Repeat<N - 1, Bottleneck<Channels>>>;

/// ...or that of the first 1x1 convolution, as in the paper's own models.
template <int N, int Channels, int Stride>
using OriginalBottleneckStage = Sequential<
    Residual<
        Sequential<
            Conv1x1<Channels, stride<Stride>, no_bias>, BatchNorm, ReLU,
            Conv3x3<Channels>, BatchNorm, ReLU,
            Conv1x1<4 * Channels, no_bias>, BatchNorm>,
        Projection<4 * Channels, Stride>>,
    ReLU,
    Repeat<N - 1, Bottleneck<Channels>>>;

template <int Width>
using ResNetStem = Sequential<
    Conv<out<Width>, ker<7>, stride<2>, pad<3>, no_bias>, BatchNorm, ReLU,
    MaxPool<stride<2>, pad<1>>>;

template <int Width, int N1, int N2, int N3, int N4>
using BasicTrunk = Sequential<
    ResNetStem<Width>,
    Repeat<N1, BasicBlock<Width>>,
    BasicStage<N2, 2 * Width>,
    BasicStage<N3, 4 * Width>,
    BasicStage<N4, 8 * Width>>;

template <int Width, int N1, int N2, int N3, int N4>
using BottleneckTrunk = Sequential<
    ResNetStem<Width>,
    BottleneckStage<N1, Width, 1>,
    BottleneckStage<N2, 2 * Width, 2>,
    BottleneckStage<N3, 4 * Width, 2>,
    BottleneckStage<N4, 8 * Width, 2>>;

template <int Width, int N1, int N2, int N3, int N4>
using OriginalBottleneckTrunk = Sequential<
    ResNetStem<Width>,
    OriginalBottleneckStage<N1, Width, 1>,
    OriginalBottleneckStage<N2, 2 * Width, 2>,
    OriginalBottleneckStage<N3, 4 * Width, 2>,
    OriginalBottleneckStage<N4, 8 * Width, 2>>;

template <class Trunk, int Classes = 1000>
using ImageNetClassifier = Network<Input<3, 224, 224>, Trunk, GAP, Dense<Classes>, Softmax>;

using ResNet18 = ImageNetClassifier<BasicTrunk<64, 2, 2, 2, 2>>;
using ResNet34 = ImageNetClassifier<BasicTrunk<64, 3, 4, 6, 3>>;
using ResNet50 = ImageNetClassifier<BottleneckTrunk<64, 3, 4, 6, 3>>;
using ResNet101 = ImageNetClassifier<BottleneckTrunk<64, 3, 4, 23, 3>>;
using ResNet152 = ImageNetClassifier<BottleneckTrunk<64, 3, 8, 36, 3>>;
using OriginalResNet50 = ImageNetClassifier<OriginalBottleneckTrunk<64, 3, 4, 6, 3>>;
using OriginalResNet101 = ImageNetClassifier<OriginalBottleneckTrunk<64, 3, 4, 23, 3>>;
using OriginalResNet152 = ImageNetClassifier<OriginalBottleneckTrunk<64, 3, 8, 36, 3>>;

// torchvision, ResNet*_Weights: num_params
static_assert(claim<parameter_count<ResNet18>, 11'689'512>);
static_assert(claim<parameter_count<ResNet34>, 21'797'672>);
static_assert(claim<parameter_count<ResNet50>, 25'557'032>);
static_assert(claim<parameter_count<ResNet101>, 44'549'160>);
static_assert(claim<parameter_count<ResNet152>, 60'192'808>);
static_assert(claim<parameter_count<OriginalResNet152>, parameter_count<ResNet152>>);

// torchvision, the same: _ops 1.814, 3.664, 4.089, 7.801, 11.514 GMAC
static_assert(claim<mac_count<ResNet18>, 1'814'073'344>);
static_assert(claim<mac_count<ResNet34>, 3'663'761'408>);
static_assert(claim<mac_count<ResNet50>, 4'089'184'256>);
static_assert(claim<mac_count<ResNet101>, 7'801'405'440>);
static_assert(claim<mac_count<ResNet152>, 11'513'626'624>);

// Araujo et al., Distill 2019, table of receptive fields: resnet_v1_50, resnet_v1_101, resnet_v1_152
static_assert(claim<receptive_field<OriginalResNet50>, 483>);
static_assert(claim<receptive_field<OriginalResNet101>, 1027>);
static_assert(claim<receptive_field<OriginalResNet152>, 1507>);
static_assert(claim<total_stride<OriginalResNet152>, 32>);

// By the rule r += (kernel - 1) * stride so far: a 3x3 kernel that strides reaches half as far as one behind it.
static_assert(claim<receptive_field<ResNet18>, 435>);
static_assert(claim<receptive_field<ResNet34>, 899>);
static_assert(claim<receptive_field<ResNet50>, 427>);
static_assert(claim<receptive_field<ResNet152>, 1451>);
static_assert(is_aligned<ResNet152>);

}  // namespace family
