// SPDX-License-Identifier: BSD-3-Clause
// Do the families that give a map run? Each in small: its structure with few channels.
#include "families.hpp"

namespace reduced = family::reduced;
using fovea::test::runs;

TEST_CASE("families that give a map") {
    runs<reduced::Fcn8s>("Fcn8s");
    runs<reduced::UNet>("UNet");
    runs<reduced::DeepLab>("DeepLab");
    runs<reduced::DeepLabCascade>("DeepLabCascade");
    runs<reduced::Trident>("Trident");
    runs<reduced::HrFull>("HrFull");
    runs<reduced::WaveNet>("WaveNet");
    runs<reduced::PixelCnn>("PixelCnn");
}
