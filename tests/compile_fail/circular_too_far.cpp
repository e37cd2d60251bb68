// SPDX-License-Identifier: BSD-3-Clause
// More than once around the map.
// expect: window_mismatch<{layer<1>}, MaxPool<dil<9>, circular>, padding<9, 9>, got<8, 9>>
// expect: circular at least as many; use replicate
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 8, 9>, Conv<out<8>>, MaxPool<dil<9>, circular>>;
#else
using Net = Place<Input<3, 8, 9>, Conv<out<8>>, MaxPool<dil<8>, circular>>;
#endif

#include "claims.hpp"
