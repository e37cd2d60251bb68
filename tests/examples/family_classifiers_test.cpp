// SPDX-License-Identifier: BSD-3-Clause
// Do the families that classify an image run? Each in small: its structure with few channels.
#include "families.hpp"

namespace reduced = family::reduced;
using fovea::test::runs;

TEST_CASE("families that give a class for an image") {
    runs<reduced::Vgg>("Vgg");
    runs<reduced::ResNetBasic>("ResNetBasic");
    runs<reduced::ResNetBottleneck>("ResNetBottleneck");
    runs<reduced::ResNetDilated>("ResNetDilated");
    runs<reduced::DrnC>("DrnC");
    runs<reduced::DrnD>("DrnD");
    runs<reduced::HrNet>("HrNet");
    runs<reduced::DenseNet>("DenseNet");
    runs<reduced::MobileNetV1>("MobileNetV1");
    runs<reduced::MobileNetV2>("MobileNetV2");
}
