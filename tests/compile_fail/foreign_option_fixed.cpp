// SPDX-License-Identifier: BSD-3-Clause
// A FixedConv is asked for output channels.
// expect: wrong_option<{layer<1>}, FixedConv<Blur, out<8>>, got_option<out<8>>, takes<dil<2>, stride<2>, same, valid, causal, pad<1>, reflect, replicate, circular>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct Blur {
    static constexpr int height = 3, width = 3;
    static constexpr double at(int, int) { return 1.0 / 9; }
};

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<Blur, out<8>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<Blur>>;
#endif

#include "claims.hpp"
