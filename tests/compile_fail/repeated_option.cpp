// SPDX-License-Identifier: BSD-3-Clause
// The dilation given twice.
// expect: wrong_option<{layer<0>}, Conv<dil<2>, out<8>, dil<2>>, got_option<dil<2>>>
// expect: this option is given twice, or contradicts an earlier one
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<dil<2>, out<8>, dil<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<dil<2>, out<8>>>;
#endif

#include "claims.hpp"
