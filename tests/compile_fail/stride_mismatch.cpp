// SPDX-License-Identifier: BSD-3-Clause
// Two maps of 8x8, one by a stride and one by a kernel without padding.
// expect: stride_mismatch<{layer<1>}, rows, branch<1>, got_type<stride<1>>, branch<0>, expected_type<stride<2>>>
// expect: equal shapes but different strides over the input
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 16, 16>, Conv<out<8>>, Parallel<Sum, Conv<stride<2>>, Conv<ker<9>, valid>>>;
#else
using Net = Place<Input<3, 16, 16>, Conv<out<8>>, Parallel<Sum, Conv<stride<2>>, MaxPool<ker<9>, stride<2>, same>>>;
#endif

#include "claims.hpp"
