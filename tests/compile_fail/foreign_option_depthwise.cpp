// SPDX-License-Identifier: BSD-3-Clause
// A DepthwiseConv whose groups are given: they are the input's channels.
// expect: wrong_option<{layer<1>}, DepthwiseConv<groups<2>>, got_option<groups<2>>, takes<out<16>, ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular, taps<cross>, no_bias>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, DepthwiseConv<groups<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, DepthwiseConv<>>;
#endif

#include "claims.hpp"
