// SPDX-License-Identifier: BSD-3-Clause
// A pattern that is none.
// expect: wrong_option<{layer<0>}, Conv<out<8>, taps<diagonal, ReLU>>, got_option<taps<diagonal, ReLU>>>
// expect: taps<> takes at least one pattern: full, cross, diagonal
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<diagonal, ReLU>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, taps<diagonal, ends<vertical>>>>;
#endif

#include "claims.hpp"
