// SPDX-License-Identifier: BSD-3-Clause
// A file of its own: the lints look at the support of every network, which takes as long to compile as all the rest.
#include "findings.hpp"

#include <iostream>

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

namespace {

using namespace family;

template <class Net>
void say(const char* network) {
    const finding* last = nullptr;
    for (const finding& f : lints<Net>) {
        if (last == nullptr || f.rule != last->rule) {
            std::cout << network << ", " << f.path << ' ' << f.name << ": " << f.sentence.view()
                      << ". Remedy: " << f.remedy.view() << '\n';
        }
        last = &f;
    }
    if (last == nullptr) {
        std::cout << network << ": nothing\n";
    }
}

}  // namespace

void print_findings() {
    say<Vgg16>("VGG-16");
    say<ResNet152>("ResNet-152");
    say<ResNetDilated>("ResNetDilated");
    say<DrnC26>("DRN-C-26");
    say<Fcn8s>("FCN-8s");
    say<UNet>("U-Net");
    say<DeepLab50>("DeepLabv3 ResNet-50");
    say<DeepLabCascade50>("DeepLabv3 cascade");
    say<Trident50>("TridentNet");
    say<HrNetW18>("HRNet-W18-C");
    say<HrFull>("HRNet, full resolution");
    say<DenseNet121>("DenseNet-121");
    say<MobileNetV1>("MobileNetV1");
    say<MobileNetV2>("MobileNetV2");
    say<WaveNet>("WaveNet");
    say<PixelCnn>("PixelCNN");
}
