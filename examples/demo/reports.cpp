// SPDX-License-Identifier: BSD-3-Clause
// While this file is built, the compiler prints the tables of two networks.
#include <fovea/dsl.hpp>

#include "../networks/seed_networks.hpp"

FOVEA_PRINT_NETWORK(seed::Dilated4)
FOVEA_PRINT_NETWORK(seed::Segment)
