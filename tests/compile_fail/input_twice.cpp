// SPDX-License-Identifier: BSD-3-Clause
// A second Input further down.
// expect: wrong_input<{layer<1>}, got_type<Input<8, 32, 32>>>
// expect: remove this one
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Input<8, 32, 32>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, ReLU>;
#endif

#include "claims.hpp"
