// SPDX-License-Identifier: BSD-3-Clause
// A Conv1x1 without output channels.
// expect: wrong_option<layer<1>, Conv1x1<0>, got_option<out<0>>>
// expect: start at 1
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, GAP, Conv1x1<0>, Softmax>;
#else
using Net = Network<Input<3, 32, 32>, GAP, Conv1x1<10>, Softmax>;
#endif

#include "claims.hpp"
