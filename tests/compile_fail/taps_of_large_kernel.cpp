// SPDX-License-Identifier: BSD-3-Clause
// A pattern of 289 taps.
// expect: pattern_mismatch<{layer<0>}, Conv<out<8>, ker<17>, taps<cross>>, got<289>, expected<256>>
// expect: at most 256 taps
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<17>, taps<cross>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, ker<16>, taps<cross>>>;
#endif

#include "claims.hpp"
