// SPDX-License-Identifier: BSD-3-Clause
// A mask whose rows differ in length.
// expect: pattern_mismatch<{layer<0>}
// expect: rows of 0 and 1, of one length
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<mask<"010 1110 010">>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<mask<"010 111 010">>>>;
#endif

#include "claims.hpp"
