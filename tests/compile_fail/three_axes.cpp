// SPDX-License-Identifier: BSD-3-Clause
// A kernel with three extents.
// expect: wrong_option<{layer<0>}, Conv<out<8>, ker<3, 3, 3>>, got_option<ker<3, 3, 3>>>
// expect: one value for both axes, or two: rows, columns
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<3, 3, 3>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<3, 3>>>;
#endif

#include "claims.hpp"
