// SPDX-License-Identifier: BSD-3-Clause
// SharedWeights outside of a Parallel.
// expect: wrong_container<{layer<1>}, got_type<SharedWeights<Conv<>, Conv<dil<2>>>>>
// expect: among the branches of a Parallel or the heads of Heads, nowhere else
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, SharedWeights<Conv<>, Conv<dil<2>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, SharedWeights<Conv<>, Conv<dil<2>>>>>;
#endif

#include "claims.hpp"
