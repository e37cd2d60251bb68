// SPDX-License-Identifier: BSD-3-Clause
// A kernel larger than the map that it may not leave.
// expect: window_mismatch<{layer<2>}, Conv<ker<40>, valid>, needs<40, 40>, got<32, 32>>
// expect: use a smaller kernel or dilation, more padding, or `same`
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, ReLU, Conv<ker<40>, valid>,
    GAP, Conv1x1<10>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, ReLU, Conv<ker<32>, valid>,
    GAP, Conv1x1<10>>;
#endif

#include "claims.hpp"
