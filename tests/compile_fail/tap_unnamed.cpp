// SPDX-License-Identifier: BSD-3-Clause
// A Tap without a name.
// expect: wrong_value<{layer<1>}, got_type<Tap<
// expect: a Tap has a name
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"">, Conv<>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"a">, Conv<>>;
#endif

#include "claims.hpp"
