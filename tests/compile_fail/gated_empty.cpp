// SPDX-License-Identifier: BSD-3-Clause
// A gate of nothing.
// expect: wrong_container<{layer<1>}, got_type<Gated<>>>
// expect: this container holds no brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Gated<>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Gated<Identity>>;
#endif

#include "claims.hpp"
