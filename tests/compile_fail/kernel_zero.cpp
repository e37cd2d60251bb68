// SPDX-License-Identifier: BSD-3-Clause
// A kernel without taps.
// expect: wrong_option<{layer<0>}, Conv<out<8>, ker<3, 0>>, got_option<ker<3, 0>>>
// expect: ker, dil, stride and groups start at 1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<3, 0>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<3, 1>>>;
#endif

#include "claims.hpp"
