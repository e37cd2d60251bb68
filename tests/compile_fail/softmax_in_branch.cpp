// SPDX-License-Identifier: BSD-3-Clause
// A Softmax at the end of a branch: the sum stands behind it.
// expect: order_mismatch<{layer<1>, branch<1>, layer<1>}, Softmax, got<
// expect: Softmax must be the last brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Sequential<Conv<>, Softmax>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Sequential<Conv<>, Sigmoid>>>;
#endif

#include "claims.hpp"
