// SPDX-License-Identifier: BSD-3-Clause
// An Input with a batch extent.
// expect: wrong_input<got<4>, expected<2, 3>>
// expect: Input takes two extents (channels, time) or three (channels, rows, columns)
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<32, 3, 32, 32>, ReLU>;
#else
using Net = Network<Input<3, 32, 32>, ReLU>;
#endif

#include "claims.hpp"
