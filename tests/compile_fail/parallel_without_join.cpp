// SPDX-License-Identifier: BSD-3-Clause
// A Parallel that does not say how its branches meet.
// expect: wrong_container<{layer<1>}, got_type<Parallel<Conv<>, Conv1x1<8>>>>
// expect: Parallel<Sum, ...> or Parallel<Concat, ...>
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Conv<>, Conv1x1<8>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Conv1x1<8>>>;
#endif

#include "claims.hpp"
