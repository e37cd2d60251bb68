// SPDX-License-Identifier: BSD-3-Clause
// An option of Deconv.
// expect: wrong_option<{layer<1>}, Conv<stride<2>, output_pad<1>>, got_option<output_pad<1>>, takes<out<16>, ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular, groups<2>, taps<cross>, no_bias>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<stride<2>, output_pad<1>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<stride<2>, pad<1>>>;
#endif

#include "claims.hpp"
