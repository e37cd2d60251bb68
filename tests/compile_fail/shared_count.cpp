// SPDX-License-Identifier: BSD-3-Clause
// Branches with one set of weights, one of which has a brick more.
// expect: weights_mismatch<{layer<1>}, got_type<Parallel<Sum, SharedWeights<Conv<>, Sequential<Conv<>, ReLU>>>>>
// expect: have the same bricks in the same order
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, SharedWeights<Conv<>, Sequential<Conv<>, ReLU>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, SharedWeights<Sequential<Conv<dil<2>>, ReLU>, Sequential<Conv<>, ReLU>>>>;
#endif

#include "claims.hpp"
