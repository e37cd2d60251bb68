// SPDX-License-Identifier: BSD-3-Clause
// Two kinds of padding, deep inside.
// expect: wrong_option<{layer<1>, layer<1>, layer<0>}, Conv<same, valid>, got_option<valid>>
// expect: same, valid, causal and pad are one choice
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>,
    Sequential<ReLU, Sequential<Conv<same, valid>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>,
    Sequential<ReLU, Sequential<Conv<valid>>>>;
#endif

#include "claims.hpp"
