// SPDX-License-Identifier: BSD-3-Clause
// Three layers of 3 taps cannot see 31 positions without holes: 27 at most.
// expect: field_out_of_reach<{layer<1>, body}, detail::no_dilations<31, 3, 3>, expected<31>, got<27>>
// expect: take more layers or a larger kernel
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Residual<DilatedStack<8, 31, 3>>, GAP, Conv1x1<10>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Residual<DilatedStack<8, 27, 3>>, GAP, Conv1x1<10>>;
#endif

#include "claims.hpp"
