// SPDX-License-Identifier: BSD-3-Clause
// Inception-like branches, one of which pools with a stride.
// expect: shape_mismatch<{layer<1>}, branch<1>, got<8, 16, 16>, branch<0>, expected<4, 32, 32>>
// expect: must have equal rows and columns; use the same strides and padding
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Concat, Conv1x1<4>, MaxPool<stride<2>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Concat, Conv1x1<4>, MaxPool<>>>;
#endif

#include "claims.hpp"
