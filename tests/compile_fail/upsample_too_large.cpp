// SPDX-License-Identifier: BSD-3-Clause
// A map that cannot be counted: 2^31 x 2^31 values of four bytes, and as many again.
// expect: too_large<{layer<1>}, Upsample<1073741824
// expect: got<8, 2, 2>>
// expect: use fewer channels
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 2, 2>, Conv<out<8>>, Upsample<1'073'741'824>>;
#else
using Net = Place<Input<3, 2, 2>, Conv<out<8>>, Upsample<1'024>>;
#endif

#include "claims.hpp"
