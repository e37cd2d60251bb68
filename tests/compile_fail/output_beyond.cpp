// SPDX-License-Identifier: BSD-3-Clause
// The third output of two: until it was refused, the last one's shape was given for it.
// expect: no_such_output<got<2>, has_outputs<2>>
// expect: one, or as many as Heads; they count from 0
#include <fovea/dsl.hpp>

using namespace fovea;

using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Heads<Conv1x1<2>, Sequential<GAP, Conv1x1<10>>>>;
#ifndef CORRECTED
static_assert(output_shape<Net, 2> == Shape{10, 1, 1} && output_shape<Net, 2>.positions() == 1);
#else
static_assert(claim<output_shape<Net, 1>, Shape{10, 1, 1}> && claim<output_shape<Net>, Shape{2, 32, 32}>);
#endif
