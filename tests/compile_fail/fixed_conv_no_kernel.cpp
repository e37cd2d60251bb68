// SPDX-License-Identifier: BSD-3-Clause
// A FixedConv that is given options, but no kernel.
// expect: wrong_value<{layer<1>}, got_type<FixedConv<dil<2>>>>
// expect: FixedConv takes first at least one kernel
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct Blur {
    static constexpr int height = 3, width = 3;
    static constexpr double at(int, int) { return 1.0 / 9; }
};

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<dil<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<Blur, dil<2>>>;
#endif

#include "claims.hpp"
