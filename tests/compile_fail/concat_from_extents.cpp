// SPDX-License-Identifier: BSD-3-Clause
// A U-Net that forgot to upsample before its skip connection.
// expect: shape_mismatch<{layer<4>}, tap_name<'s'>, got<8, 32, 32>, layer_input, expected<16, 16, 16>>
// expect: or Upsample, or Deconv
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"s">, MaxPool<stride<2>>, Conv<out<16>>, ConcatFrom<"s">>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"s">, MaxPool<stride<2>>, Conv<out<16>>, Upsample<2>, ConcatFrom<"s">>;
#endif

#include "claims.hpp"
