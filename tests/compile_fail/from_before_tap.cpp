// SPDX-License-Identifier: BSD-3-Clause
// A From that stands before its Tap.
// expect: unknown_tap<{layer<1>}
// expect: no Tap of this name stands before
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, From<"stem">, Tap<"stem">, Conv<>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"stem">, From<"stem">, Conv<>>;
#endif

#include "claims.hpp"
