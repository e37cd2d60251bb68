// SPDX-License-Identifier: BSD-3-Clause
// A pool that is asked for output channels.
// expect: wrong_option<{layer<1>}, MaxPool<ker<2>, out<16>>, got_option<out<16>>, takes<ker<3>, dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular>>
// expect: this brick does not take this option; remove it
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MaxPool<ker<2>, out<16>>,
    GAP, Conv1x1<10>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MaxPool<ker<2>>,
    GAP, Conv1x1<10>>;
#endif

#include "claims.hpp"
