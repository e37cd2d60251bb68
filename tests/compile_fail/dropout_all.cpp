// SPDX-License-Identifier: BSD-3-Clause
// A Dropout that leaves nothing.
// expect: wrong_value<{layer<1>}, got<100>>
// expect: Dropout takes 0..99 percent
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Dropout<100>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Dropout<99>>;
#endif

#include "claims.hpp"
