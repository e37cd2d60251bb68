// SPDX-License-Identifier: BSD-3-Clause
// A mirror as wide as the map.
// expect: window_mismatch<{layer<1>}, Conv<dil<8>, reflect>, padding<8, 8>, got<8, 9>>
// expect: reflect needs more rows and columns than are padded
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 8, 9>, Conv<out<8>>, Conv<dil<8>, reflect>>;
#else
using Net = Place<Input<3, 8, 9>, Conv<out<8>>, Conv<dil<7>, reflect>>;
#endif

#include "claims.hpp"
