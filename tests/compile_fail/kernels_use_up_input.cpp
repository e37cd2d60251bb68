// SPDX-License-Identifier: BSD-3-Clause
// The sixteenth of valid 3x3 layers in a Repeat meets a 2x2 map.
// expect: window_mismatch<{layer<1>, layer<15>, layer<0>}, Conv<valid>, needs<3, 3>, got<2, 2>>
// expect: the map would be empty
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<20, Conv<valid>, ReLU>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<15, Conv<valid>, ReLU>>;
#endif

#include "claims.hpp"
