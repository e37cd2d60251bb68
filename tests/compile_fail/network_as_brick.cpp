// SPDX-License-Identifier: BSD-3-Clause
// A network inside a network.
// expect: no_such_brick<layer<0>, got_type<Network<Input<3, 32, 32>, ReLU>>>
// expect: not a brick
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Network<Input<3, 32, 32>, ReLU>, ReLU>;
#else
using Net = Network<Input<3, 32, 32>, Sequential<ReLU>, ReLU>;
#endif

#include "claims.hpp"
