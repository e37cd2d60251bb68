// SPDX-License-Identifier: BSD-3-Clause
// Cascade10: the compiler prints its table while this file is built, the program prints it when run.
#include <iostream>

#include "seed_networks.hpp"

FOVEA_PRINT_NETWORK(seed::Cascade10)

int main() {
    std::cout << fovea::report<seed::Cascade10>;
}
