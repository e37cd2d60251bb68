// SPDX-License-Identifier: BSD-3-Clause
// A Repeat without bricks, inside a Sequential.
// expect: wrong_container<{layer<1>, layer<1>}, got_type<Repeat<3>>>
// expect: this container holds no brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Sequential<ReLU, Repeat<3>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Sequential<ReLU, Repeat<3, Conv<>>>>;
#endif

#include "claims.hpp"
