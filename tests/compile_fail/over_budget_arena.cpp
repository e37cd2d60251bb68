// SPDX-License-Identifier: BSD-3-Clause
// The limit of the planning stage.
// expect: over_budget<arena<100000>, got<
// expect: exceeds its budget
#include <fovea/plan/budget.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 64, 64>, Conv<out<16>>, ReLU>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, ReLU>;
#endif
static_assert(within<Net, arena<100'000>>);
