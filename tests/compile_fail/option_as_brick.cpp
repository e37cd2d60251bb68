// SPDX-License-Identifier: BSD-3-Clause
// An option that stands between the bricks.
// expect: no_such_brick<{layer<1>}, got_type<out<16>>>
// expect: options such as out<16> belong inside a brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<>, out<16>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<16>>, ReLU>;
#endif

#include "claims.hpp"
