// SPDX-License-Identifier: BSD-3-Clause
// A kernel with rows and columns in a network over time.
// expect: wrong_option<{layer<1>}, Conv<ker<3, 5>>, got<3, 5>>
// expect: has one axis, time; give ker, dil, stride and pad one value
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<1, 1'000>, Conv<out<8>>, Conv<ker<3, 5>>>;
#else
using Net = Place<Input<1, 1'000>, Conv<out<8>>, Conv<ker<5>>>;
#endif

#include "claims.hpp"
