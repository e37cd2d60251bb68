// SPDX-License-Identifier: BSD-3-Clause
// A type that is no brick, in a Sequential in a Repeat: the path leads to it.
// expect: no_such_brick<layer<3, 0, 1>, got_type<int>>
// expect: this entry of the network is not a brick
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, BatchNorm, ReLU,
    Repeat<2, Sequential<Conv<>, int>>,
    GAP, Conv1x1<10>, Softmax>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, BatchNorm, ReLU,
    Repeat<2, Sequential<Conv<>, ReLU>>,
    GAP, Conv1x1<10>, Softmax>;
#endif

#include "claims.hpp"
