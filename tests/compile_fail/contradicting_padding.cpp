// SPDX-License-Identifier: BSD-3-Clause
// Two kinds of padding, deep inside.
// expect: wrong_option<layer<1, 1, 0>, Conv<same, valid>, got_option<valid>>
// expect: same, valid, causal and pad are one choice
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>,
    Sequential<ReLU, Sequential<Conv<same, valid>>>>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>,
    Sequential<ReLU, Sequential<Conv<valid>>>>;
#endif

#include "claims.hpp"
