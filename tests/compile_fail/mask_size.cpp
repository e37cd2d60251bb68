// SPDX-License-Identifier: BSD-3-Clause
// A mask of 3x3 for a kernel of 5x5.
// expect: pattern_mismatch<{layer<0>}
// expect: got<3, 3>, expected<5, 5>>
// expect: a mask<> has the kernel's rows and columns
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<5>, taps<mask<"010 111 010">>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<3>, taps<mask<"010 111 010">>>>;
#endif

#include "claims.hpp"
