// SPDX-License-Identifier: BSD-3-Clause
// Do the headers for learning compile and link, with what fovea::train brings (zlib)?
#include <fovea/train.hpp>

#include <cstdio>

#include "net.hpp"

fovea::Weights<Net> weights_of_second_file();

int main() {
    const bool equal = fovea::he_normal<Net>(1) == weights_of_second_file();
    std::printf("the same seed gives %s weights\n", equal ? "the same" : "different");
    return equal ? 0 : 1;
}
