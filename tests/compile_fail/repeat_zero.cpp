// SPDX-License-Identifier: BSD-3-Clause
// A Repeat of no times.
// expect: wrong_container<{layer<1>}, got_type<Repeat<0, ReLU>>>
// expect: needs N of at least 1; to leave the bricks out, remove the Repeat
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<0, ReLU>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Repeat<1, ReLU>, ReLU>;
#endif

#include "claims.hpp"
