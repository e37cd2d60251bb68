// SPDX-License-Identifier: BSD-3-Clause
// A momentum above 1.
// expect: wrong_value<{layer<1>}, got_type<BatchNormOf<std::ratio<1, 1000>, std::ratio<3, 2>>>>
// expect: a momentum in 0..1
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, BatchNormOf<std::ratio<1, 1000>, std::ratio<3, 2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, BatchNormOf<std::ratio<1, 1000>, std::ratio<2, 3>>>;
#endif

#include "claims.hpp"
