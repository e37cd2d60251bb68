// SPDX-License-Identifier: BSD-3-Clause
// MobileNet: a depthwise 3x3 and a 1x1 convolution for each full one (Howard et al. 2017), and between thin maps that
// are widened only inside a block (Sandler et al. 2018). With ReLU where the papers have ReLU6.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Channels, int Stride>
using SeparableBlock = Sequential<
    DepthwiseConv<stride<Stride>, no_bias>, BatchNorm, ReLU,
    Conv1x1<Channels, no_bias>, BatchNorm, ReLU>;

/// Width: channels of the stem; N: blocks of the long stage.
template <int Width, int N>
using MobileTrunk = Sequential<
    Conv<out<Width>, stride<2>, no_bias>, BatchNorm, ReLU,
    SeparableBlock<2 * Width, 1>,
    SeparableBlock<4 * Width, 2>, SeparableBlock<4 * Width, 1>,
    SeparableBlock<8 * Width, 2>, SeparableBlock<8 * Width, 1>,
    SeparableBlock<16 * Width, 2>, Repeat<N, SeparableBlock<16 * Width, 1>>,
    SeparableBlock<32 * Width, 2>, SeparableBlock<32 * Width, 1>>;

using MobileNetV1 = Network<Input<3, 224, 224>, MobileTrunk<32, 5>, GAP, Conv1x1<1000>, Softmax>;
// Keras, keras.applications.MobileNet().summary(): trainable params; Howard et al. 2017, table 8: 569 M mult-adds
static_assert(claim<parameter_count<MobileNetV1>, 4'231'976>);
static_assert(claim<buffer_count<MobileNetV1>, 4'253'864 - 4'231'976>);
static_assert(claim<mac_count<MobileNetV1>, 568'740'352>);
// Araujo et al., Distill 2019, table of receptive fields: mobilenet_v1
static_assert(claim<receptive_field<MobileNetV1>, 315>);
static_assert(claim<total_stride<MobileNetV1>, 32>);

/// Wide: channels inside; no ReLU behind the last convolution ("linear bottleneck").
template <int Wide, int Channels, int Stride>
using InvertedBody = Sequential<
    Conv1x1<Wide, no_bias>, BatchNorm, ReLU,
    DepthwiseConv<stride<Stride>, pad<1>, no_bias>, BatchNorm, ReLU,
    Conv1x1<Channels, no_bias>, BatchNorm>;
/// N blocks, the first of which changes channels and resolution and so has no skip; expansion 6.
template <int From, int Channels, int N, int Stride>
using InvertedStage = Sequential<
    InvertedBody<6 * From, Channels, Stride>,
    Repeat<N - 1, Residual<InvertedBody<6 * Channels, Channels, 1>>>>;

using MobileNetV2 = Network<Input<3, 224, 224>,
    Conv<out<32>, stride<2>, pad<1>, no_bias>, BatchNorm, ReLU,
    DepthwiseConv<no_bias>, BatchNorm, ReLU, Conv1x1<16, no_bias>, BatchNorm,
    InvertedStage<16, 24, 2, 2>,
    InvertedStage<24, 32, 3, 2>,
    InvertedStage<32, 64, 4, 2>,
    InvertedStage<64, 96, 3, 1>,
    InvertedStage<96, 160, 3, 2>,
    InvertedBody<6 * 160, 320, 1>,
    Conv1x1<1280, no_bias>, BatchNorm, ReLU,
    GAP, Dropout<20>, Dense<1000>, Softmax>;
// torchvision, MobileNet_V2_Weights: num_params, and _ops (0.301 GMAC)
static_assert(claim<parameter_count<MobileNetV2>, 3'504'872>);
static_assert(claim<mac_count<MobileNetV2>, 300'774'272>);
static_assert(claim<total_stride<MobileNetV2>, 32>);

}  // namespace family
