// SPDX-License-Identifier: BSD-3-Clause
// A pool whose outermost windows lie in the padding.
// expect: window_mismatch<{layer<1>}, MaxPool<ker<2>, pad<2>>, window<2, 2>, padding<2, 2>, got<32, 32>>
// expect: use a smaller pad<> or dilation, or an odd kernel with `same`
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MaxPool<ker<2>, pad<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, MaxPool<ker<2>, pad<1>>>;
#endif

#include "claims.hpp"
