// SPDX-License-Identifier: BSD-3-Clause
// TridentNet (Li et al. 2019): three branches with one set of weights and dilation 1, 2, 3, so that small, middling and
// large objects each meet the receptive field that fits them.
#pragma once

#include "resnet.hpp"

namespace family {

template <int N, int Channels, int Dilation>
using TridentBranch = Repeat<N, Bottleneck<Channels, Dilation>>;

/// The trunk of a detector (ResNet up to its third stage), whose last N blocks are trident blocks.
template <int Width, int N1, int N2, int N3, int N, int Size>
using TridentOf = Network<Input<3, Size, Size>,
    ResNetStem<Width>,
    BottleneckStage<N1, Width, 1>,
    BottleneckStage<N2, 2 * Width, 2>,
    BottleneckStage<N3 - N, 4 * Width, 2>,
    Heads<SharedWeights<
        TridentBranch<N, 4 * Width, 1>,
        TridentBranch<N, 4 * Width, 2>,
        TridentBranch<N, 4 * Width, 3>>>>;

using Trident50 = TridentOf<64, 3, 4, 6, 3, 224>;
// Three branches cost the parameters of one: torchvision's ResNet-50 up to layer3 (25,557,032 less 14,964,736 of layer4
// and 2,049,000 of fc)
static_assert(claim<parameter_count<Trident50>, 8'543'296>);
static_assert(claim<output_count<Trident50>, 3>);
static_assert(claim<output_shape<Trident50, 0>, Shape{1024, 14, 14}>);
static_assert(claim<output_shape<Trident50, 2>, output_shape<Trident50, 0>>);
static_assert(claim<total_stride<Trident50>, 16>);

}  // namespace family
