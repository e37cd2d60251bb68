// SPDX-License-Identifier: BSD-3-Clause
// A Residual whose body halves the map, but whose shortcut passes it on.
// expect: shape_mismatch<{layer<1>}, body, got<24, 16, 16>, shortcut, expected<24, 32, 32>>
// expect: maps that are added must have one shape
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<24>>, Residual<Sequential<Conv<stride<2>>, ReLU>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<24>>, Residual<Sequential<Conv<stride<2>>, ReLU>, Conv1x1<24, stride<2>>>>;
#endif

#include "claims.hpp"
