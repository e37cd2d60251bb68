// SPDX-License-Identifier: BSD-3-Clause
// A Softmax inside a Repeat: only the last one would be last.
// expect: order_mismatch<path<layer<0>, layer<0>, layer<1>>, Softmax, got<2>>
// expect: remove the bricks behind it, or use Sigmoid
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Repeat<2, Conv<out<8>>, Softmax>>;
#else
using Net = Network<Input<3, 32, 32>, Repeat<1, Conv<out<8>>, Softmax>>;
#endif

#include "claims.hpp"
