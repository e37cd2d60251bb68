// SPDX-License-Identifier: BSD-3-Clause
// An option of a brick where a limit belongs.
// expect: no_such_limit<got_type<out<16>>>
// expect: use parameters<N>, macs<N>
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

using Net = Place<Input<3, 64, 64>, Conv<out<16>>, ReLU>;
#ifndef CORRECTED
static_assert(within<Net, out<16>, parameters<1'000>>);
static_assert(is_within<Net, out<16>>);
#else
static_assert(within<Net, parameters<1'000>>);
#endif
