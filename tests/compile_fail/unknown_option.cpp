// SPDX-License-Identifier: BSD-3-Clause
// A type that is no option at all.
// expect: wrong_option<{layer<0>}, Conv<out<8>, int>, got_option<int>, takes<out<16>, ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular, groups<2>, taps<cross>, no_bias>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, int>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>>;
#endif

#include "claims.hpp"
