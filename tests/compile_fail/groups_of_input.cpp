// SPDX-License-Identifier: BSD-3-Clause
// Groups that do not divide the input's channels.
// expect: channel_mismatch<{layer<2>}, Conv<out<30>, groups<3>>, groups<3>, got<16>>
// expect: the groups do not divide the input's channels; change groups<> or the channels before
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<16>>, ReLU, Conv<out<30>, groups<3>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<15>>, ReLU, Conv<out<30>, groups<3>>>;
#endif

#include "claims.hpp"
