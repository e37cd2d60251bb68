// SPDX-License-Identifier: BSD-3-Clause
// Heads without a head.
// expect: wrong_container<{layer<1>}, got_type<Heads<>>>
// expect: Heads at least one
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Heads<>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, ReLU>;
#endif

#include "claims.hpp"
