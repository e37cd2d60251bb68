// SPDX-License-Identifier: BSD-3-Clause
// The third branch of a sum gives twice the channels.
// expect: shape_mismatch<{layer<1>}, branch<2>, got<16, 32, 32>, branch<0>, expected<8, 32, 32>>
// expect: maps that are added must have one shape: channels, rows, columns
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Identity, Conv1x1<16>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, Conv<>, Identity, Conv1x1<8>>>;
#endif

#include "claims.hpp"
