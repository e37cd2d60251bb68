// SPDX-License-Identifier: BSD-3-Clause
// The families in small: the same structures with few channels, few blocks and small inputs, so that all of them can be
// compiled, run and trained in a test. Without a final Softmax: a class that wins by far would hide an error.
#pragma once

#include "deeplab.hpp"
#include "densenet.hpp"
#include "drn.hpp"
#include "fcn.hpp"
#include "hrnet.hpp"
#include "mobilenet.hpp"
#include "pixelcnn.hpp"
#include "resnet.hpp"
#include "resnet_dilated.hpp"
#include "tridentnet.hpp"
#include "unet.hpp"
#include "vgg.hpp"
#include "wavenet.hpp"

namespace family::reduced {

template <class Trunk, int Size>
using Classifier = Network<Input<3, Size, Size>, Trunk, GAP, Dense<5>>;

using Vgg = Network<Input<3, 32, 32>, VggTrunk<4>, VggHead<8, 5>>;
using ResNetBasic = Classifier<BasicTrunk<4, 1, 2, 2, 2>, 48>;
using ResNetBottleneck = Classifier<BottleneckTrunk<4, 2, 2, 2, 2>, 48>;
using ResNetDilated = Network<Input<3, 16, 20>,
    Conv<out<4>>, BatchNorm, ReLU,
    DilatedBlock<4, 1>, DilatedStage<2, 8, 2>, DilatedStage<2, 16, 4>,
    GAP, Conv1x1<5>>;
using DrnC = Classifier<DrnCTrunk<2>, 32>;
using DrnD = Classifier<DrnDTrunk<2>, 32>;
using Fcn8s = Fcn8sOf<4, 8, 5, 32>;
using UNet = UNetOf<1, 32, 4, UNetConvs, Conv1x1<2>>;
using DeepLab = Network<Input<3, 48, 48>,
    DeepLabBackbone<4, 2, 2, 2>,
    Heads<DeepLabHead<4, 2, 6, 5>, DeepLabAuxiliary<4, 5>>>;
using DeepLabCascade = DeepLabCascadeOf<4, 2, 2, 2, 2, 48, 5>;
using Trident = TridentOf<4, 2, 2, 4, 2, 48>;
using HrNet = Network<Input<3, 64, 64>, HrTrunk<4, 2, 1, 1, 1, 1, 4>, HrHead<2, 5>>;
using HrFull = HrFullOf<4, 2, 12, 20, 5>;
using DenseNet = Classifier<DenseTrunk<4, 2, 3, 2, 2>, 48>;
using MobileNetV1 = Classifier<MobileTrunk<4, 2>, 48>;
using MobileNetV2 = Classifier<
    Sequential<
        Conv<out<4>, stride<2>, pad<1>, no_bias>, BatchNorm, ReLU,
        InvertedStage<4, 6, 2, 2>,
        InvertedStage<6, 8, 2, 1>>,
    48>;
using WaveNet = WaveNetOf<8, 4, 8, 8, 4, 2, 64>;
using PixelCnn = PixelCnnOf<MaskA7, MaskB3, 8, 2, 12>;

}  // namespace family::reduced
