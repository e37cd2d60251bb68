// SPDX-License-Identifier: BSD-3-Clause
// A pool with a pattern.
// expect: wrong_option<{layer<1>}, MedianPool<taps<cross>>, got_option<taps<cross>>, takes<ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MedianPool<taps<cross>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MedianPool<ker<1, 3>>>;
#endif

#include "claims.hpp"
