// SPDX-License-Identifier: BSD-3-Clause
// Two positions too few for a dilated kernel: (5 - 1) * 8 + 1 = 33 of 31 + 1.
// expect: window_mismatch<{layer<0>}, Conv<ker<5>, dil<8>, pad<0, 1>>, needs<33, 33>, got<31, 33>>
// expect: the window, (kernel - 1) * dilation + 1, is larger than the padded input
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 31, 31>, Conv<ker<5>, dil<8>, pad<0, 1>>>;
#else
using Net = Place<Input<3, 31, 31>, Conv<ker<5>, dil<8>, pad<1>>>;
#endif

#include "claims.hpp"
