// SPDX-License-Identifier: BSD-3-Clause
// A map is added that was tapped before the stride.
// expect: shape_mismatch<{layer<3>}, tap_name<'a', 'b'>, got<8, 32, 32>, layer_input, expected<8, 16, 16>>
// expect: maps that are added must have one shape
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"ab">, Conv<stride<2>>, AddFrom<"ab">>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"ab">, Conv<>, AddFrom<"ab">>;
#endif

#include "claims.hpp"
