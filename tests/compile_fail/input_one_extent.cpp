// SPDX-License-Identifier: BSD-3-Clause
// An Input without positions.
// expect: wrong_input<got<1>, expected<2, 3>>
// expect: Input takes two extents (channels, time) or three (channels, rows, columns)
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3>, ReLU>;
#else
using Net = Network<Input<3, 100>, ReLU>;
#endif

#include "claims.hpp"
