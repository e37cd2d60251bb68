// SPDX-License-Identifier: BSD-3-Clause
// A Sequential without bricks.
// expect: wrong_container<{layer<1>}, got_type<Sequential<>>>
// expect: this container holds no brick; put one in, or use Identity
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Sequential<>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Sequential<Identity>, ReLU>;
#endif

#include "claims.hpp"
