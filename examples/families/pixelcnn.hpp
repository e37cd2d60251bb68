// SPDX-License-Identifier: BSD-3-Clause
// PixelCNN (van den Oord et al. 2016): causal in two dimensions. A unit sees the rows above and, of its own row, what
// is to its left: mask A, in the first layer, without its own pixel, mask B with it. Absent taps are no weights at all.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

using MaskA7 = mask<"1111111 1111111 1111111 1110000 0000000 0000000 0000000">;
using MaskB3 = mask<"111 110 000">;

template <int Channels, class MaskB>
using PixelBlock = Residual<Sequential<
    ReLU,
    Conv1x1<Channels>, ReLU,
    Conv<out<Channels / 2>, taps<MaskB>>, ReLU,
    Conv1x1<Channels>, ReLU>>;

template <class MaskA, class MaskB, int Channels, int N, int Size>
using PixelCnnOf = Network<Input<1, Size, Size>,
    Conv<out<Channels>, ker<7>, taps<MaskA>>, ReLU,
    Repeat<N, PixelBlock<Channels, MaskB>>,
    Repeat<2, Conv1x1<Channels>, ReLU>,
    Conv1x1<1>, Sigmoid>;

using PixelCnn = PixelCnnOf<MaskA7, MaskB3, 128, 5, 28>;
// Keras, "PixelCNN" (keras.io/examples/generative/pixelcnn): "Total params: 532,673", which counts the weights that its
// masks set to zero: 25 of 49 taps of the first layer and 4 of 9 of the others
static_assert(claim<parameter_count<PixelCnnOf<full, full, 128, 5, 28>>, 532'673>);
static_assert(claim<parameter_count<PixelCnn>, 532'673 - 25 * 128 - 5 * 4 * 128 * 64>);
// Three rows above in the first layer and one in each block; six columns on either side and two
static_assert(claim<receptive_field<PixelCnn>, Extent{4 + 5, 7 + 5 * 2}>);
static_assert(claim<receptive_field<PixelCnn>.height.after, 0>);
// Nothing below, and of its own row nothing from its own pixel on: the order in which pixels are drawn.
static_assert([] {
    for (int column = 0; column <= 8; ++column) {
        if (support<PixelCnn>.contains(0, column)) {
            return false;
        }
    }
    return support<PixelCnn>.contains(0, -1) && support<PixelCnn>.contains(-1, 0);
}());
// Its blind spot (van den Oord et al. 2016, "Conditional image generation with PixelCNN decoders", figure 1): pixels to
// the right that were drawn before and are not seen.
static_assert(support<PixelCnn>.contains(-1, 3) && !support<PixelCnn>.contains(-1, 4));

}  // namespace family
