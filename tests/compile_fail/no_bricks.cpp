// SPDX-License-Identifier: BSD-3-Clause
// A network of nothing but its Input.
// expect: wrong_container<got_type<Network<Input<3, 32, 32>>>>
// expect: the network has an Input but no brick; add one, or Identity
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>>;
#else
using Net = Network<Input<3, 32, 32>, Identity>;
#endif

#include "claims.hpp"
