// SPDX-License-Identifier: BSD-3-Clause
// Segment: the compiler prints its table while this file is built, the program prints it when run.
#include <iostream>

#include "seed_networks.hpp"

FOVEA_PRINT_NETWORK(seed::Segment)

int main() {
    std::cout << fovea::report<seed::Segment>;
}
