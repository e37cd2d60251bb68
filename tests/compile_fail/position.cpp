// SPDX-License-Identifier: BSD-3-Clause
// Asking for the seventh of six positions, three times.
// expect: no_such_position<got<6>, positions<6>>
// expect: positions count from 0 behind Input
#include <fovea/dsl.hpp>

using namespace fovea;
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, BatchNorm, ReLU, GAP, Conv1x1<10>, Softmax>;

#ifndef CORRECTED
static_assert(shape_at<Net, 6> == Shape{10, 1, 1});
static_assert(shape_at<Net, 6> == Shape{8, 1, 1});
static_assert(shape_at<Net, 6>.channels == 7);
#else
static_assert(shape_at<Net, 5> == Shape{10, 1, 1});
#endif
