// SPDX-License-Identifier: BSD-3-Clause
// A slope as a type that is no ratio.
// expect: wrong_value<{layer<1>}, got_type<LeakyReLUOf<int>>>
// expect: LeakyReLUOf takes its slope as a std::ratio
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, LeakyReLUOf<int>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, LeakyReLUOf<std::ratio<1, 5>>>;
#endif

#include "claims.hpp"
