// SPDX-License-Identifier: BSD-3-Clause
// A tap that comes too late.
// expect: unknown_tap<{layer<0>, layer<0>}, tap_name<'l', 'o', 'w'>>
// expect: no Tap of this name stands before
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Sequential<ConcatFrom<"low">, Conv<>>, Tap<"low">, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Sequential<Tap<"low">, Conv<>>, ConcatFrom<"low">, ReLU>;
#endif

#include "claims.hpp"
