// SPDX-License-Identifier: BSD-3-Clause
// A Deconv whose padding cuts off all of its output: (2 - 1) * 1 + 3 = 4 columns.
// expect: window_mismatch<{layer<1>}, Deconv<pad<2>>, padding<2, 2>, got<8, 2>>
// expect: a Deconv's pad<> is cut off its output on both sides
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 8, 2>, Conv<out<8>>, Deconv<pad<2>>>;
#else
using Net = Place<Input<3, 8, 2>, Conv<out<8>>, Deconv<pad<1>>>;
#endif

#include "claims.hpp"
