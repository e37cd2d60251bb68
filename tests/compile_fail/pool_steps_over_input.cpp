// SPDX-License-Identifier: BSD-3-Clause
// An even dilated pool on a map so small that its taps step over it: columns -2 and 2 of 2.
// expect: window_mismatch<{layer<0>}, AvgPool<ker<1, 2>, dil<4>>, window<1, 5>, padding<0, 2>, got<9, 2>>
// expect: an odd kernel with `same`
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 9, 2>, AvgPool<ker<1, 2>, dil<4>>>;
#else
using Net = Place<Input<3, 9, 2>, AvgPool<ker<1, 3>, dil<4>>>;
#endif

#include "claims.hpp"
