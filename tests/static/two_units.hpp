// SPDX-License-Identifier: BSD-3-Clause
// What two translation units know of the same network: they include the same headers and must link and agree.
#pragma once

#include <seed_networks.hpp>

using Net = seed::Depthwise10;

struct facts {
    const void* layers;
    const char* summary;
    std::size_t parameters;
    std::string_view described;
};

facts facts_of_a();
facts facts_of_b();
