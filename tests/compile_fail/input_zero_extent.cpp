// SPDX-License-Identifier: BSD-3-Clause
// An Input without columns.
// expect: wrong_input<got<3, 32, 0>>
// expect: every extent of Input must be at least 1
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 0>, ReLU>;
#else
using Net = Network<Input<3, 32, 32>, ReLU>;
#endif

#include "claims.hpp"
