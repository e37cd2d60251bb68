// SPDX-License-Identifier: BSD-3-Clause
// DeepLabv3 (Chen et al. 2017): a ResNet that stops downsampling at stride 8 or 16 and dilates instead, followed by
// parallel dilation rates (ASPP, figure 5) or by more blocks of growing rate (the cascade, figure 3).
#pragma once

#include "resnet.hpp"

namespace family {

/// A stage that dilates: its first block still as the one before (torchvision: replace_stride_with_dilation).
template <int N, int Channels, int Dilation>
using DilatedBottlenecks =
    Sequential<BottleneckEntry<Channels, 1, Dilation / 2>, Repeat<N - 1, Bottleneck<Channels, Dilation>>>;

template <int Channels, class... Brick>
using AsppBranch = Sequential<Brick..., BatchNorm, ReLU>;

/// Four rates and the mean of the whole map, MapSize x MapSize, at every position.
template <int Channels, int MapSize, int R1, int R2, int R3>
using Aspp = Sequential<
    Parallel<Concat,
        AsppBranch<Channels, Conv1x1<Channels, no_bias>>,
        AsppBranch<Channels, Conv3x3<Channels, 1, R1>>,
        AsppBranch<Channels, Conv3x3<Channels, 1, R2>>,
        AsppBranch<Channels, Conv3x3<Channels, 1, R3>>,
        Sequential<GAP, AsppBranch<Channels, Conv1x1<Channels, no_bias>>, Upsample<MapSize, bilinear>>>,
    Conv1x1<Channels, no_bias>, BatchNorm, ReLU, Dropout<50>>;

/// Stride 8 up to the third stage.
template <int Width, int N1, int N2, int N3>
using DeepLabBackbone = Sequential<
    ResNetStem<Width>,
    BottleneckStage<N1, Width, 1>,
    BottleneckStage<N2, 2 * Width, 2>,
    DilatedBottlenecks<N3, 4 * Width, 2>>;

template <int Width, int N4, int MapSize, int Classes>
using DeepLabHead = Sequential<
    DilatedBottlenecks<N4, 8 * Width, 4>,
    Aspp<4 * Width, MapSize, 12, 24, 36>,
    Conv3x3<4 * Width>, BatchNorm, ReLU,
    Conv1x1<Classes>,
    Upsample<8, bilinear>>;

/// Helps to train the third stage.
template <int Width, int Classes>
using DeepLabAuxiliary = Sequential<
    Conv3x3<4 * Width>, BatchNorm, ReLU, Dropout<10>,
    Conv1x1<Classes>,
    Upsample<8, bilinear>>;

template <int Width, int N1, int N2, int N3, int N4, int Size, int Classes>
using DeepLabOf = Network<Input<3, Size, Size>,
    DeepLabBackbone<Width, N1, N2, N3>,
    DeepLabHead<Width, N4, Size / 8, Classes>>;

using DeepLab50 = DeepLabOf<64, 3, 4, 6, 3, 520, 21>;
// torchvision's, see below, without the auxiliary head: 1024 * 256 * 9 + 2 * 256 + 21 * 257
static_assert(claim<parameter_count<DeepLab50>, 42'004'074 - 2'365'205>);
static_assert(claim<output_shape<DeepLab50>, Shape{21, 520, 520}>);

using DeepLab50WithAuxiliary = Network<Input<3, 520, 520>,
    DeepLabBackbone<64, 3, 4, 6>,
    Heads<DeepLabHead<64, 3, 65, 21>, DeepLabAuxiliary<64, 21>>>;
// torchvision, DeepLabV3_ResNet50_Weights: num_params, and _ops (178.722 GMAC)
static_assert(claim<parameter_count<DeepLab50WithAuxiliary>, 42'004'074>);
static_assert(claim<mac_count<DeepLab50WithAuxiliary>, 178'721'945'088>);

/// Section 3.2: copies of the last stage, each with twice the rate of the one before, at stride 16.
template <int N, int Channels, int Rate>
using CascadeBlock = Repeat<N, Bottleneck<Channels, Rate>>;

template <int Width, int N1, int N2, int N3, int N4, int Size, int Classes>
using DeepLabCascadeOf = Network<Input<3, Size, Size>,
    ResNetStem<Width>,
    BottleneckStage<N1, Width, 1>,
    BottleneckStage<N2, 2 * Width, 2>,
    BottleneckStage<N3, 4 * Width, 2>,
    BottleneckEntry<8 * Width, 1, 2>, CascadeBlock<N4 - 1, 8 * Width, 2>,
    CascadeBlock<N4, 8 * Width, 4>,
    CascadeBlock<N4, 8 * Width, 8>,
    CascadeBlock<N4, 8 * Width, 16>,
    Conv1x1<Classes>,
    Upsample<16, bilinear>>;

using DeepLabCascade50 = DeepLabCascadeOf<64, 3, 4, 6, 3, 512, 21>;
// ResNet-50 without its last layer, three stages of three blocks of 4,462,592 more, 21 classes of 2,049
static_assert(claim<parameter_count<DeepLabCascade50>, 25'557'032 - 1'000 * 2'049 + 9 * 4'462'592 + 21 * 2'049>);

}  // namespace family
