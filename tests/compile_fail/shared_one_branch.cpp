// SPDX-License-Identifier: BSD-3-Clause
// Weights that are shared with nobody.
// expect: wrong_container<{layer<1>}, got_type<Parallel<Sum, Conv<>, SharedWeights<Conv<dil<2>>>>>>
// expect: Parallel and SharedWeights need at least two branches
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, SharedWeights<Conv<dil<2>>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, SharedWeights<Conv<dil<2>>, Conv<dil<3>>>>>;
#endif

#include "claims.hpp"
