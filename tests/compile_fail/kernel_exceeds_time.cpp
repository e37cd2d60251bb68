// SPDX-License-Identifier: BSD-3-Clause
// A window longer than the signal.
// expect: window_mismatch<{layer<1>}, Conv<ker<3>, dil<512>, valid>, needs<1, 1025>, got<1, 1000>>
// expect: use a smaller kernel or dilation
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<1, 1'000>, Conv<out<8>>, Conv<ker<3>, dil<512>, valid>>;
#else
using Net = Place<Input<1, 1'000>, Conv<out<8>>, Conv<ker<3>, dil<256>, valid>>;
#endif

#include "claims.hpp"
