// SPDX-License-Identifier: BSD-3-Clause
// Only the columns disagree: one branch has gone past the input's grid.
// expect: stride_mismatch<{layer<0>}, columns, body, got_type<std::ratio<1, 2>>, shortcut, expected_type<stride<1>>>
// expect: give all of them the same total stride
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 8, 8>, Residual<Sequential<Upsample<2>, Conv<stride<2, 1>>>, Conv<ker<1>, pad<0, 4>>>>;
#else
using Net = Place<Input<3, 8, 8>, Residual<Sequential<Upsample<2>, Conv<stride<2>>>, Conv<ker<1>>>>;
#endif

#include "claims.hpp"
