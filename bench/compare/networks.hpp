// SPDX-License-Identifier: BSD-3-Clause
// Which networks are compared? Each has a program of its own (FOVEA_COMPARE_NET), since each is a type.
#pragma once

#include <resnet_dilated.hpp>
#include <seed_networks.hpp>

namespace compared {

using namespace fovea;

using seed::Cascade10;
using seed::Depthwise10;
using seed::Dilated4;
using seed::LargeKernel4;
using seed::Segment;
using seed::Strided4;
using seed::Wide4;
using family::ResNetDilated;

/// Segment's layers on a larger image, whose maps (50 MB the widest) are in no cache.
using Segment512 = Network<Input<1, 512, 512>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    Conv<out<48>, dil<16>>, BatchNorm, ReLU,
    Conv<out<48>, dil<32>>, BatchNorm, ReLU,
    Conv1x1<11>, Softmax>;

/// VGG-16's layers at 56x56, conv3_1 and conv3_2 (conv3_3 equals conv3_2): the layers that every library is tuned for.
using VGG56 = Network<Input<128, 56, 56>, Conv<out<256>>, ReLU, Conv<out<256>>, ReLU>;
static_assert(mac_count<VGG56> == 9L * 56 * 56 * (128 * 256 + 256 * 256));

}  // namespace compared
