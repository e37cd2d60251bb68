// SPDX-License-Identifier: BSD-3-Clause
// Upsampling in a way that there is not.
// expect: wrong_value<{layer<1>}, got_type<Upsample<2, Sum>>>
// expect: and nearest or bilinear
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Upsample<2, Sum>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Upsample<2, bilinear>>;
#endif

#include "claims.hpp"
