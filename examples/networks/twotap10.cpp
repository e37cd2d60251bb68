// SPDX-License-Identifier: BSD-3-Clause
// TwoTap10: the compiler prints its table while this file is built, the program prints it when run.
#include <iostream>

#include "sparse_networks.hpp"

FOVEA_PRINT_NETWORK(sparse::TwoTap10)

int main() {
    std::cout << fovea::report<sparse::TwoTap10>;
}
