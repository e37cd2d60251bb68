// SPDX-License-Identifier: BSD-3-Clause
// Heads with a brick behind them, and in a branch.
// expect flat: order_mismatch<layer<1>, got<1>>
// expect nested: order_mismatch<{layer<1>}, got<6>>
// expect: Heads must be the last brick of the network
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Heads<Conv1x1<2>, Conv1x1<4>>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Concat, Conv1x1<2>, Conv1x1<4>>, ReLU>;
#endif

#include "claims.hpp"
