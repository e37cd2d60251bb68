// SPDX-License-Identifier: BSD-3-Clause
// Which networks of the examples have reports? All, by name, in the groups of the gallery.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <fovea/report.hpp>

namespace examples {

struct catalogued {
    std::string_view name;    ///< on the command line
    std::string_view title;   ///< on the page
    std::string_view header;  ///< where it is declared
    fovea::report_data (*collect)(std::string);
};

struct catalogue_group {
    std::string_view title;
    std::string_view hint;
    std::span<const catalogued> networks;
};

// A file each, so that they compile beside each other.
catalogue_group networks_without_downsampling();
catalogue_group classifiers();
catalogue_group map_networks();

}  // namespace examples
