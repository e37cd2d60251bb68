// SPDX-License-Identifier: BSD-3-Clause
// A second file with the same headers.
#include <fovea/train.hpp>

#include "net.hpp"

fovea::Weights<Net> weights_of_second_file() { return fovea::he_normal<Net>(1); }
