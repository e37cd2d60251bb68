// SPDX-License-Identifier: BSD-3-Clause
// A Softmax with two bricks behind it.
// expect: order_mismatch<layer<1>, Softmax, got<2>>
// expect: Softmax must be the last brick
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Softmax, GAP, Conv1x1<10>>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, GAP, Conv1x1<10>, Softmax>;
#endif

#include "claims.hpp"
