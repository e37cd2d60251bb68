// SPDX-License-Identifier: BSD-3-Clause
// VGG-16 (Simonyan and Zisserman 2014, table 1, column D): 3x3 convolutions, max pooling between the stages, and three
// dense layers that hold nine tenths of the parameters.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int N, int Channels>
using VggStage = Sequential<Repeat<N, Conv<out<Channels>>, ReLU>, MaxPool<ker<2>, stride<2>, valid>>;

/// Width: channels of the first stage.
template <int Width>
using VggTrunk = Sequential<
    VggStage<2, Width>,
    VggStage<2, 2 * Width>,
    VggStage<3, 4 * Width>,
    VggStage<3, 8 * Width>,
    VggStage<3, 8 * Width>>;

template <int Hidden, int Classes>
using VggHead = Sequential<
    Dense<Hidden>, ReLU, Dropout<50>,
    Dense<Hidden>, ReLU, Dropout<50>,
    Dense<Classes>>;

using Vgg16Convolutional = Network<Input<3, 224, 224>, VggTrunk<64>>;
// Keras, keras.applications.VGG16(include_top=False).summary()
static_assert(claim<parameter_count<Vgg16Convolutional>, 14'714'688>);
static_assert(claim<output_shape<Vgg16Convolutional>, Shape{512, 7, 7}>);
// Araujo et al., Distill 2019, table of receptive fields: vgg_16 (size, effective stride and padding)
static_assert(claim<receptive_field<Vgg16Convolutional>, 212>);
static_assert(claim<total_stride<Vgg16Convolutional>, 32>);
static_assert(claim<receptive_field<Vgg16Convolutional>.width.padding, 90>);

using Vgg16 = Network<Input<3, 224, 224>, VggTrunk<64>, VggHead<4096, 1000>, Softmax>;
// torchvision, VGG16_Weights: num_params, and _ops (15.47 GMAC)
static_assert(claim<parameter_count<Vgg16>, 138'357'544>);
static_assert(claim<mac_count<Vgg16>, 15'470'264'320>);

}  // namespace family
