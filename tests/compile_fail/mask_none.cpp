// SPDX-License-Identifier: BSD-3-Clause
// A mask without a tap.
// expect: pattern_mismatch<{layer<0>}
// expect: without a 1 leaves no tap; put one in
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<mask<"000 000 000">>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<mask<"000 010 000">>>>;
#endif

#include "claims.hpp"
