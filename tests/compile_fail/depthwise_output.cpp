// SPDX-License-Identifier: BSD-3-Clause
// A DepthwiseConv that is to mix channels.
// expect: channel_mismatch<{layer<1>, layer<2>}, DepthwiseConv<out<24>>, got<24>, expected<16>>
// expect: leave out<> away, or follow it by a Conv1x1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<16>>,
    Sequential<BatchNorm, ReLU, DepthwiseConv<out<24>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<16>>,
    Sequential<BatchNorm, ReLU, DepthwiseConv<>, Conv1x1<24>>>;
#endif

#include "claims.hpp"
