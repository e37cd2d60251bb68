// SPDX-License-Identifier: BSD-3-Clause
// A mask of other characters.
// expect: pattern_mismatch<{layer<1>}
// expect: rows of 0 and 1, of one length
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<taps<full, mask<".1. 111 .1.">>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<taps<full, mask<"010 111 010">>>>;
#endif

#include "claims.hpp"
