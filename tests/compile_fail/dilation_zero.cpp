// SPDX-License-Identifier: BSD-3-Clause
// A dilation of 0 where 1 is meant, in the second of three copies' first brick.
// expect: wrong_option<{layer<1>, layer<0>, layer<0>}, Conv<dil<0>>, got_option<dil<0>>>
// expect: start at 1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<3, Conv<dil<0>>, ReLU>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<3, Conv<dil<1>>, ReLU>>;
#endif

#include "claims.hpp"
