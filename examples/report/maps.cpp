// SPDX-License-Identifier: BSD-3-Clause
// The published networks that give a map.
#include "../families/deeplab.hpp"
#include "../families/fcn.hpp"
#include "../families/hrnet.hpp"
#include "../families/pixelcnn.hpp"
#include "../families/unet.hpp"
#include "../families/vgg.hpp"
#include "../families/wavenet.hpp"
#include "catalogue.hpp"

namespace examples {

catalogue_group map_networks() {
    static constexpr catalogued networks[] = {
        {"vgg16-convolutions", "VGG-16, convolutions", "families/vgg.hpp",
         &fovea::collect_report<family::Vgg16Convolutional>},
        {"fcn32s", "FCN-32s", "families/fcn.hpp", &fovea::collect_report<family::Fcn32s>},
        {"fcn16s", "FCN-16s", "families/fcn.hpp", &fovea::collect_report<family::Fcn16s>},
        {"fcn8s", "FCN-8s", "families/fcn.hpp", &fovea::collect_report<family::Fcn8s>},
        {"unet", "U-Net", "families/unet.hpp", &fovea::collect_report<family::UNet>},
        {"unet-normed", "U-Net with BatchNorm", "families/unet.hpp", &fovea::collect_report<family::UNetNormed>},
        {"deeplab50", "DeepLabv3 on ResNet-50", "families/deeplab.hpp", &fovea::collect_report<family::DeepLab50>},
        {"deeplab50-auxiliary", "DeepLabv3 with auxiliary head", "families/deeplab.hpp",
         &fovea::collect_report<family::DeepLab50WithAuxiliary>},
        {"deeplab50-cascade", "DeepLabv3, cascade", "families/deeplab.hpp",
         &fovea::collect_report<family::DeepLabCascade50>},
        {"hrnet", "HRNet at full resolution", "families/hrnet.hpp", &fovea::collect_report<family::HrFull>},
        {"wavenet", "WaveNet", "families/wavenet.hpp", &fovea::collect_report<family::WaveNet>},
        {"pixelcnn", "PixelCNN", "families/pixelcnn.hpp", &fovea::collect_report<family::PixelCnn>},
    };
    return {"Maps and series",
            "Published networks with an answer at every pixel or time step; declared in examples/families.", networks};
}

}  // namespace examples
