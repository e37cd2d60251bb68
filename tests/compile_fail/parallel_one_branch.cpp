// SPDX-License-Identifier: BSD-3-Clause
// A Parallel of one branch.
// expect: wrong_container<{layer<1>}, got_type<Parallel<Sum, Conv<>>>>
// expect: Parallel and SharedWeights need at least two branches
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Identity>>;
#endif

#include "claims.hpp"
