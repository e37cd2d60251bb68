// SPDX-License-Identifier: BSD-3-Clause
// Groups that do not divide the output channels.
// expect: channel_mismatch<{layer<1>}, Conv1x1<10, groups<4>>, groups<4>, out<10>>
// expect: the groups do not divide the output channels; change groups<> or out<>
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<16>>, Conv1x1<10, groups<4>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<16>>, Conv1x1<12, groups<4>>>;
#endif

#include "claims.hpp"
