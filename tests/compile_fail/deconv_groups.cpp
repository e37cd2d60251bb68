// SPDX-License-Identifier: BSD-3-Clause
// Groups of a Deconv.
// expect: channel_mismatch<{layer<1>}, Deconv<out<6>, groups<4>>, groups<4>, out<6>>
// expect: the groups do not divide the output channels
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<out<6>, groups<4>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<out<4>, groups<4>>>;
#endif

#include "claims.hpp"
