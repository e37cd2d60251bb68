// SPDX-License-Identifier: BSD-3-Clause
// A type that is no brick, in a Sequential in a Repeat: the path leads to it.
// expect: no_such_brick<{layer<3>, layer<0>, layer<1>}, got_type<int>>
// expect: this entry of the network is not a brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, BatchNorm, ReLU,
    Repeat<2, Sequential<Conv<>, int>>,
    GAP, Conv1x1<10>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, BatchNorm, ReLU,
    Repeat<2, Sequential<Conv<>, ReLU>>,
    GAP, Conv1x1<10>>;
#endif

#include "claims.hpp"
