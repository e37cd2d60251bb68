// SPDX-License-Identifier: BSD-3-Clause
// The second kernel's sigma is no ratio; nothing is asked of it before that is said.
// expect: wrong_value<{layer<1>}, got_type<gaussian<int, 2, 0>>>
// expect: sigma as a std::ratio of 1/4 to 100 and orders of 0 to 4
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

using one = std::ratio<1>;
#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<gaussian<one, 0, 2>, gaussian<int, 2>, dil<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, FixedConv<gaussian<one, 0, 2>, gaussian<one, 2>, dil<2>>>;
#endif

#include "claims.hpp"
