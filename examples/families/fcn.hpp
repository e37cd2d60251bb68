// SPDX-License-Identifier: BSD-3-Clause
// Fully convolutional networks (Long, Shelhamer and Darrell 2015): VGG-16 with its dense layers as convolutions, and
// transposed convolutions back to the pixels, at once (32s) or with the scores of earlier stages (16s, 8s).
#pragma once

#include "vgg.hpp"

namespace family {

template <int Hidden, int Classes>
using FcnScores = Sequential<
    Conv<out<Hidden>, ker<7>>, ReLU, Dropout<50>,
    Conv1x1<Hidden>, ReLU, Dropout<50>,
    Conv1x1<Classes>>;

/// N times the resolution.
template <int N>
using FcnUp = Deconv<ker<2 * N>, stride<N>, no_bias>;

/// Adds the scores of an earlier stage.
template <class Stage, int Classes>
using FcnSkip = Parallel<Sum, Identity, Sequential<Stage, Conv1x1<Classes>>>;

/// The third and the fourth stage have a Tap where something reads them.
template <int Width, class Pool3 = Identity, class Pool4 = Identity>
using FcnTrunk = Sequential<
    VggStage<2, Width>,
    VggStage<2, 2 * Width>,
    VggStage<3, 4 * Width>, Pool3,
    VggStage<3, 8 * Width>, Pool4,
    VggStage<3, 8 * Width>>;

template <int Width, int Hidden, int Classes, int Size, class... Last>
using Fcn32sOf = Network<Input<3, Size, Size>, FcnTrunk<Width>, FcnScores<Hidden, Classes>,
    FcnUp<32>, Last...>;

template <int Width, int Hidden, int Classes, int Size, class... Last>
using Fcn16sOf = Network<Input<3, Size, Size>, FcnTrunk<Width, Identity, Tap<"pool4">>, FcnScores<Hidden, Classes>,
    FcnUp<2>, FcnSkip<From<"pool4">, Classes>,
    FcnUp<16>, Last...>;

template <int Width, int Hidden, int Classes, int Size, class... Last>
using Fcn8sOf = Network<Input<3, Size, Size>, FcnTrunk<Width, Tap<"pool3">, Tap<"pool4">>, FcnScores<Hidden, Classes>,
    FcnUp<2>, FcnSkip<From<"pool4">, Classes>,
    FcnUp<2>, FcnSkip<From<"pool3">, Classes>,
    FcnUp<8>, Last...>;

using Fcn32s = Fcn32sOf<64, 4096, 21, 512, Softmax>;
using Fcn16s = Fcn16sOf<64, 4096, 21, 512, Softmax>;
using Fcn8s = Fcn8sOf<64, 4096, 21, 512, Softmax>;

// YBIGTA/DL_Models, models/fcn (PyTorch): FCN-8s on VOC 2012
static_assert(claim<parameter_count<Fcn8s>, 134'489'759>);
// Without its deconvolutions: VGG-16 without its last layer (134,260,544, Keras) and 4,097 weights a class. The paper's
// table 1 says 134 M.
static_assert(claim<parameter_count<Fcn32s>, 134'260'544 + 21 * 4'097 + 21 * 21 * 64 * 64>);
static_assert(claim<parameter_count<Fcn16s>, 134'260'544 + 21 * (4'097 + 513) + 21 * 21 * (4 * 4 + 32 * 32)>);
static_assert(claim<output_shape<Fcn8s>, Shape{21, 512, 512}>);
// Long et al. 2015, table 1: receptive field of a score 404, stride 32
static_assert(claim<receptive_field_at<Fcn32s, 1>, 404>);
static_assert(claim<receptive_field_at<Fcn32s, 1>.stride(), 32>);
static_assert(claim<total_stride<Fcn8s>, 1>);

}  // namespace family
