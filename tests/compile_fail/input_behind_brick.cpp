// SPDX-License-Identifier: BSD-3-Clause
// The Input in second place.
// expect: network_without_input<got_type<Network<ReLU, Input<3, 32, 32>, Conv<out<8>>>>>
// expect: put the Input first
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<ReLU, Input<3, 32, 32>, Conv<out<8>>>;
#else
using Net = Network<Input<3, 32, 32>, ReLU, Conv<out<8>>>;
#endif

#include "claims.hpp"
