// SPDX-License-Identifier: BSD-3-Clause
// A Deconv that is to mirror its border.
// expect: wrong_option<{layer<1>}, Deconv<stride<2>, reflect>, got_option<reflect>, takes<out<16>, ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, groups<2>, output_pad<1>, no_bias>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>, reflect>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>>>;
#endif

#include "claims.hpp"
