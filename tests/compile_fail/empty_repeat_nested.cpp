// SPDX-License-Identifier: BSD-3-Clause
// A Repeat without bricks, inside a Sequential.
// expect: wrong_container<layer<1, 1>, got_type<Repeat<3>>>
// expect: this container holds no brick
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Sequential<ReLU, Repeat<3>>>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Sequential<ReLU, Repeat<3, Conv<>>>>;
#endif

#include "claims.hpp"
