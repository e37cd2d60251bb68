// SPDX-License-Identifier: BSD-3-Clause
// No pattern at all.
// expect: wrong_option<{layer<0>}, Conv<out<8>, taps<>>, got_option<taps<>>>
// expect: taps<> takes at least one pattern
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<full>>>;
#endif

#include "claims.hpp"
