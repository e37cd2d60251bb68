// SPDX-License-Identifier: BSD-3-Clause
// A Residual with a projection to other channels than the body gives.
// expect: shape_mismatch<{layer<1>, layer<0>}, body, got<16, 32, 32>, shortcut, expected<32, 32, 32>>
// expect: Give the branch or the shortcut a Conv1x1<channels>
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<24>>, Sequential<Residual<Conv<out<16>>, Conv1x1<32>>, ReLU>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<24>>, Sequential<Residual<Conv<out<32>>, Conv1x1<32>>, ReLU>>;
#endif

#include "claims.hpp"
