// SPDX-License-Identifier: BSD-3-Clause
// Two fillings of one border.
// expect: wrong_option<{layer<1>}, Conv<reflect, circular>, got_option<circular>>
// expect: given twice, or contradicts an earlier one
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<reflect, circular>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<circular>>;
#endif

#include "claims.hpp"
