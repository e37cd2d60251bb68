// SPDX-License-Identifier: BSD-3-Clause
// A budget of a network that cannot be: the network's mistake is the only error.
// expect: channel_mismatch<{layer<1>}, Conv<groups<3>>, groups<3>, got<16>>
// expect: the groups do not divide the input's channels
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 64, 64>, Conv<out<16>>, Conv<groups<3>>>;
#else
using Net = Place<Input<3, 64, 64>, Conv<out<16>>, Conv<groups<4>>>;
#endif
static_assert(within<Net, parameters<2'000>, macs<10'000'000>>);
static_assert(is_within<Net, parameters<2'000>>);
