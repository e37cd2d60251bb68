// SPDX-License-Identifier: BSD-3-Clause
// A layer whose weights cannot be counted.
// expect: too_large<{layer<1>}, Conv<out<2000000000>, ker<100000>>, got<2000000000, 32, 32>>
// expect: use fewer channels, a smaller kernel or a smaller input
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv1x1<2'000'000'000>, Conv<out<2'000'000'000>, ker<100'000>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv1x1<2>, Conv<out<2>, ker<5>>>;
#endif

#include "claims.hpp"
