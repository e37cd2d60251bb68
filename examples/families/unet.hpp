// SPDX-License-Identifier: BSD-3-Clause
// U-Net (Ronneberger, Fischer and Brox 2015, figure 1): down four times, up four times, and on every level of the way
// up the channels of the way down beside the new ones. With padding, so that nothing needs to be cropped.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Channels>
using UNetConvs = Sequential<Conv<out<Channels>>, ReLU, Conv<out<Channels>>, ReLU>;
/// What most reimplementations have: BatchNorm, which the paper's does without.
template <int Channels>
using UNetNormedConvs = Repeat<2, Conv<out<Channels>, no_bias>, BatchNorm, ReLU>;

template <int InputChannels, int Size, int Width, template <int> class Convs, class... Head>
using UNetOf = Network<Input<InputChannels, Size, Size>,
    Convs<Width>, Tap<"1">, MaxPool<ker<2>, stride<2>>,
    Convs<2 * Width>, Tap<"2">, MaxPool<ker<2>, stride<2>>,
    Convs<4 * Width>, Tap<"4">, MaxPool<ker<2>, stride<2>>,
    Convs<8 * Width>, Tap<"8">, MaxPool<ker<2>, stride<2>>,
    Convs<16 * Width>,
    Deconv<out<8 * Width>, ker<2>, stride<2>>, ConcatFrom<"8">, Convs<8 * Width>,
    Deconv<out<4 * Width>, ker<2>, stride<2>>, ConcatFrom<"4">, Convs<4 * Width>,
    Deconv<out<2 * Width>, ker<2>, stride<2>>, ConcatFrom<"2">, Convs<2 * Width>,
    Deconv<out<Width>, ker<2>, stride<2>>, ConcatFrom<"1">, Convs<Width>,
    Head...>;

using UNet = UNetOf<1, 576, 64, UNetConvs, Conv1x1<2>, Softmax>;
// YBIGTA/DL_Models, models/unet (Keras): the paper's own structure; padding changes the extents, not the weights
static_assert(claim<parameter_count<UNet>, 31'030'658>);
static_assert(claim<output_shape<UNet>, Shape{2, 576, 576}>);
static_assert(claim<total_stride<UNet>, 1>);

using UNetNormed = UNetOf<3, 256, 64, UNetNormedConvs, Conv1x1<1>, Sigmoid>;
// Keras summaries and torchinfo listings of this variant, RGB images and one class
static_assert(claim<parameter_count<UNetNormed>, 31'037'633>);

}  // namespace family
