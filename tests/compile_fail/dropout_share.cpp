// SPDX-License-Identifier: BSD-3-Clause
// A share where percent are meant.
// expect: wrong_value<{layer<1>}, got_type<millionths<500000>>>
// expect: Dropout takes 0..99 percent: Dropout<50> zeroes half of the values
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Dropout<0.5>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Dropout<50>>;
#endif

#include "claims.hpp"
