// SPDX-License-Identifier: BSD-3-Clause
// Upsampling by nothing.
// expect: wrong_value<{layer<1>}, got_type<Upsample<0
// expect: Upsample takes a factor of at least 1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Upsample<0>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Upsample<1>>;
#endif

#include "claims.hpp"
