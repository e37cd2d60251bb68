// SPDX-License-Identifier: BSD-3-Clause
// The seed networks: no downsampling but in Strided4, each with its claims as static_asserts.
#pragma once

#include <fovea/dsl.hpp>

namespace seed {

using namespace fovea;

/// Dilation grows the receptive field: 31 of 32 pixels with four layers of 3x3.
using Dilated4 = Network<Input<3, 32, 32>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<Dilated4>, 25'474>);
static_assert(claim<receptive_field<Dilated4>, 31>);
static_assert(claim<mac_count<Dilated4>, 25'215'456>);
static_assert(claim<total_stride<Dilated4>, 1>);
static_assert(claim<output_shape<Dilated4>, Shape{10, 1, 1}>);

/// Large kernels do: 3, 5, 7, 9.
using LargeKernel4 = Network<Input<3, 32, 32>,
    Conv<out<16>, ker<3>>, BatchNorm, ReLU,
    Conv<out<24>, ker<5>>, BatchNorm, ReLU,
    Conv<out<32>, ker<7>>, BatchNorm, ReLU,
    Conv<out<48>, ker<9>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<LargeKernel4>, 172'930>);
static_assert(claim<receptive_field<LargeKernel4>, 21>);
static_assert(claim<mac_count<LargeKernel4>, 176'210'400>);

/// The usual way, for comparison: strides.
using Strided4 = Network<Input<3, 32, 32>,
    Conv<out<16>, stride<1>>, BatchNorm, ReLU,
    Conv<out<24>, stride<2>>, BatchNorm, ReLU,
    Conv<out<32>, stride<2>>, BatchNorm, ReLU,
    Conv<out<48>, stride<2>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<Strided4>, 25'474>);
static_assert(claim<receptive_field<Strided4>, 17>);
static_assert(claim<total_stride<Strided4>, 8>);
static_assert(claim<mac_count<Strided4>, 1'991'136>);

/// Depth does: ten plain 3x3 layers.
using Cascade10 = Network<Input<3, 32, 32>,
    Conv<out<16>>, BatchNorm, ReLU,
    Conv<out<20>>, BatchNorm, ReLU,
    Conv<out<24>>, BatchNorm, ReLU,
    Conv<out<28>>, BatchNorm, ReLU,
    Conv<out<30>>, BatchNorm, ReLU,
    Conv<out<32>>, BatchNorm, ReLU,
    Conv<out<36>>, BatchNorm, ReLU,
    Conv<out<38>>, BatchNorm, ReLU,
    Conv<out<42>>, BatchNorm, ReLU,
    Conv<out<48>>,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<Cascade10>, 86'404>);
static_assert(claim<receptive_field<Cascade10>, 21>);
static_assert(claim<mac_count<Cascade10>, 87'110'112>);

/// The same field with fewer products: depthwise layers between the ones that mix channels.
using Depthwise10 = Network<Input<3, 32, 32>,
    Conv<out<16>>, BatchNorm, ReLU,
    DepthwiseConv<>, BatchNorm, ReLU,
    Conv<out<24>>, BatchNorm, ReLU,
    Repeat<2, DepthwiseConv<>, BatchNorm, ReLU>,
    Conv<out<32>>, BatchNorm, ReLU,
    Repeat<3, DepthwiseConv<>, BatchNorm, ReLU>,
    Conv<out<48>>,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<Depthwise10>, 27'298>);
static_assert(claim<receptive_field<Depthwise10>, 21>);
static_assert(claim<mac_count<Depthwise10>, 26'690'016>);

/// Dilated4 with 64 to 512 channels.
using Wide4 = Network<Input<3, 32, 32>,
    Conv<out<64>, dil<1>>, BatchNorm, ReLU,
    Conv<out<128>, dil<2>>, BatchNorm, ReLU,
    Conv<out<256>, dil<4>>, BatchNorm, ReLU,
    Conv<out<512>, dil<8>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<Wide4>, 1'558'026>);
static_assert(claim<receptive_field<Wide4>, 31>);
static_assert(claim<mac_count<Wide4>, 1'587'221'504>);

/// A class for every pixel of a 64x84 image (ten classes and the background): no downsampling, so no decoder.
using Segment = Network<Input<1, 64, 84>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    Conv<out<48>, dil<16>>, BatchNorm, ReLU,
    Conv<out<48>, dil<32>>, BatchNorm, ReLU,
    Conv1x1<11>, Softmax>;
static_assert(claim<parameter_count<Segment>, 66'995>);
static_assert(claim<mac_count<Segment>, 356'622'336>);
static_assert(claim<receptive_field<Segment>, 127>);
static_assert(claim<output_shape<Segment>, Shape{11, 64, 84}>);
static_assert(sees_whole_input<Segment>);

}  // namespace seed
