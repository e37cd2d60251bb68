// SPDX-License-Identifier: BSD-3-Clause
// The families in one table: what the compiler says of each, and who published the same. Every number is a constant,
// and the published ones are asserted in the headers, so this program cannot print a wrong one.
#include <cstdio>
#include <string>

#include <fovea/detail/number_text.hpp>

#include "deeplab.hpp"
#include "densenet.hpp"
#include "drn.hpp"
#include "fcn.hpp"
#include "findings.hpp"
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

std::string text_of(const ReceptiveField& f) {
    if (f.one_dimensional || f.height.size == f.width.size) {
        return std::to_string(f.width.size);
    }
    return std::to_string(f.height.size) + " x " + std::to_string(f.width.size);
}

/// Who published the same number of parameters and the same receptive field; "" where nobody did.
template <class Net>
void row(const char* name, const char* parameters, const char* field) {
    constexpr ReceptiveField f = receptive_field<Net>;
    std::printf("%-26s %11s  %-34s %9s  %-20s %8.3f %6zu %6zu\n", name, fovea::detail::grouped_text(parameter_count<Net>).c_str(),
                parameters, text_of(f).c_str(), field, static_cast<double>(mac_count<Net>) * 1e-9,
                f.width.stride.numerator, layer_count<Net>);
}

}  // namespace

int main() {
    std::printf("%-26s %11s  %-34s %9s  %-20s %8s %6s %6s\n", "network", "parameters", "the same in", "field",
                "the same in", "GMAC", "stride", "layers");
    const char* const torchvision = "torchvision, num_params";
    const char* const pytorchcv = "pytorchcv, weight_count";
    const char* const distill = "Araujo et al. 2019";
    row<Vgg16Convolutional>("VGG-16, convolutions", "Keras, include_top=False", distill);
    row<Vgg16>("VGG-16", torchvision, distill);
    row<ResNet18>("ResNet-18", torchvision, "");
    row<ResNet34>("ResNet-34", torchvision, "");
    row<ResNet50>("ResNet-50", torchvision, "");
    row<ResNet101>("ResNet-101", torchvision, "");
    row<ResNet152>("ResNet-152", torchvision, "");
    row<OriginalResNet50>("ResNet-50 of the paper", torchvision, distill);
    row<OriginalResNet101>("ResNet-101 of the paper", torchvision, distill);
    row<OriginalResNet152>("ResNet-152 of the paper", torchvision, distill);
    row<ResNetDilated>("ResNetDilated", "", "");
    row<DrnC26>("DRN-C-26", pytorchcv, "");
    row<DrnD22>("DRN-D-22", pytorchcv, "");
    row<Fcn32s>("FCN-32s", "Keras's VGG-16 + scores + deconv", "Long et al., at 1/32");
    row<Fcn16s>("FCN-16s", "the same", "");
    row<Fcn8s>("FCN-8s", "YBIGTA/DL_Models, PyTorch", "");
    row<UNet>("U-Net", "YBIGTA/DL_Models, Keras", "");
    row<UNetNormed>("U-Net with BatchNorm", "Keras summaries", "");
    row<DeepLab50>("DeepLabv3 ResNet-50", "torchvision less auxiliary", "");
    row<DeepLab50WithAuxiliary>("  with auxiliary head", torchvision, "");
    row<DeepLabCascade50>("DeepLabv3 cascade", "", "");
    row<Trident50>("TridentNet ResNet-50-C4", "torchvision's resnet50 to layer3", "");
    row<HrNetW18>("HRNet-W18-C", pytorchcv, "");
    row<HrNetW32>("HRNet-W32-C", pytorchcv, "");
    row<HrFull>("HRNet, full resolution", "", "");
    row<DenseNet121>("DenseNet-121", torchvision, "");
    row<MobileNetV1>("MobileNetV1", "Keras, trainable", distill);
    row<MobileNetV2>("MobileNetV2", torchvision, "");
    row<WaveNet>("WaveNet", "pytorch-wavenet less unread 1,056", "pytorch-wavenet");
    row<PixelCnn>("PixelCNN", "Keras example less masked taps", "");
    std::printf("\nWhat the lints say:\n");
    std::fflush(stdout);
    print_findings();
}
