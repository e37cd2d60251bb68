// SPDX-License-Identifier: BSD-3-Clause
// Containers within containers, nine deep.
// expect: wrong_container<layer<1, 0, 0, 0, 0, 0, 0, 0>, expected<7>>
// expect: write inner Sequentials out
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>,
    Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, ReLU>>>>>>>>>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>,
    Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, Repeat<1, ReLU>>>>>>>>;
#endif

#include "claims.hpp"
