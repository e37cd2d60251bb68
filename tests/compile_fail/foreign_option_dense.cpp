// SPDX-License-Identifier: BSD-3-Clause
// A Dense layer with a stride, in the second place of its angle brackets.
// expect: wrong_option<{layer<1>}, Dense<10, stride<2>>, got_option<stride<2>>, takes<no_bias>>
// expect: does not take this option
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, GAP, Dense<10, stride<2>>>;
#else
using Net = Place<Input<3, 32, 32>, GAP, Dense<10>>;
#endif

#include "claims.hpp"
