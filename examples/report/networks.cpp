// SPDX-License-Identifier: BSD-3-Clause
// The networks that fovea is made for.
#include "../networks/seed_networks.hpp"
#include "../networks/sparse_networks.hpp"
#include "catalogue.hpp"

namespace examples {

catalogue_group networks_without_downsampling() {
    static constexpr catalogued networks[] = {
        {"dilated4", "Dilated4", "networks/seed_networks.hpp", &fovea::collect_report<seed::Dilated4>},
        {"largekernel4", "LargeKernel4", "networks/seed_networks.hpp", &fovea::collect_report<seed::LargeKernel4>},
        {"strided4", "Strided4", "networks/seed_networks.hpp", &fovea::collect_report<seed::Strided4>},
        {"cascade10", "Cascade10", "networks/seed_networks.hpp", &fovea::collect_report<seed::Cascade10>},
        {"twotap10", "TwoTap10", "networks/sparse_networks.hpp", &fovea::collect_report<sparse::TwoTap10>},
        {"depthwise10", "Depthwise10", "networks/seed_networks.hpp", &fovea::collect_report<seed::Depthwise10>},
        {"wide4", "Wide4", "networks/seed_networks.hpp", &fovea::collect_report<seed::Wide4>},
        {"segment", "Segment", "networks/seed_networks.hpp", &fovea::collect_report<seed::Segment>},
    };
    return {"Networks of this library",
            "Full resolution from the first layer to the last, and Strided4 to compare with; declared in "
            "examples/networks.",
            networks};
}

}  // namespace examples
