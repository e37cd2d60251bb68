// SPDX-License-Identifier: BSD-3-Clause
// A Conv1x1 without output channels.
// expect: wrong_option<{layer<1>}, Conv1x1<0>, got_option<out<0>>>
// expect: start at 1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, GAP, Conv1x1<0>>;
#else
using Net = Place<Input<3, 32, 32>, GAP, Conv1x1<10>>;
#endif

#include "claims.hpp"
