// SPDX-License-Identifier: BSD-3-Clause
// The published classifiers.
#include "../families/densenet.hpp"
#include "../families/drn.hpp"
#include "../families/hrnet.hpp"
#include "../families/mobilenet.hpp"
#include "../families/resnet.hpp"
#include "../families/resnet_dilated.hpp"
#include "../families/tridentnet.hpp"
#include "../families/vgg.hpp"
#include "catalogue.hpp"

namespace examples {

catalogue_group classifiers() {
    static constexpr catalogued networks[] = {
        {"vgg16", "VGG-16", "families/vgg.hpp", &fovea::collect_report<family::Vgg16>},
        {"resnet18", "ResNet-18", "families/resnet.hpp", &fovea::collect_report<family::ResNet18>},
        {"resnet34", "ResNet-34", "families/resnet.hpp", &fovea::collect_report<family::ResNet34>},
        {"resnet50", "ResNet-50", "families/resnet.hpp", &fovea::collect_report<family::ResNet50>},
        {"resnet101", "ResNet-101", "families/resnet.hpp", &fovea::collect_report<family::ResNet101>},
        {"resnet152", "ResNet-152", "families/resnet.hpp", &fovea::collect_report<family::ResNet152>},
        {"resnet50-paper", "ResNet-50 of the paper", "families/resnet.hpp",
         &fovea::collect_report<family::OriginalResNet50>},
        {"resnet101-paper", "ResNet-101 of the paper", "families/resnet.hpp",
         &fovea::collect_report<family::OriginalResNet101>},
        {"resnet152-paper", "ResNet-152 of the paper", "families/resnet.hpp",
         &fovea::collect_report<family::OriginalResNet152>},
        {"resnet-dilated", "ResNetDilated", "families/resnet_dilated.hpp",
         &fovea::collect_report<family::ResNetDilated>},
        {"drn-c-26", "DRN-C-26", "families/drn.hpp", &fovea::collect_report<family::DrnC26>},
        {"drn-d-22", "DRN-D-22", "families/drn.hpp", &fovea::collect_report<family::DrnD22>},
        {"trident50", "TridentNet on ResNet-50", "families/tridentnet.hpp", &fovea::collect_report<family::Trident50>},
        {"hrnet-w18", "HRNet-W18-C", "families/hrnet.hpp", &fovea::collect_report<family::HrNetW18>},
        {"hrnet-w32", "HRNet-W32-C", "families/hrnet.hpp", &fovea::collect_report<family::HrNetW32>},
        {"densenet121", "DenseNet-121", "families/densenet.hpp", &fovea::collect_report<family::DenseNet121>},
        {"mobilenet-v1", "MobileNetV1", "families/mobilenet.hpp", &fovea::collect_report<family::MobileNetV1>},
        {"mobilenet-v2", "MobileNetV2", "families/mobilenet.hpp", &fovea::collect_report<family::MobileNetV2>},
    };
    return {"Classifiers",
            "Published networks that give one answer an image, their counts asserted beside the sources; declared in "
            "examples/families.",
            networks};
}

}  // namespace examples
