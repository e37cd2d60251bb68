// SPDX-License-Identifier: BSD-3-Clause
// A network that starts with a brick.
// expect: network_without_input<got_type<Network<Conv<out<8>>, ReLU>>>
// expect: put the Input first
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Conv<out<8>>, ReLU>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, ReLU>;
#endif

#include "claims.hpp"
