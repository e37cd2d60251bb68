// SPDX-License-Identifier: BSD-3-Clause
// Branches with one set of weights, whose kernels differ.
// expect: weights_mismatch<{layer<1>, branch<1>, layer<1>}, got_type<Conv<ker<5>>>>
// expect: they may differ in dilation and padding only
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, SharedWeights<Sequential<BatchNorm, Conv<>>, Sequential<BatchNorm, Conv<ker<5>>>>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Parallel<Sum, SharedWeights<Sequential<BatchNorm, Conv<>>, Sequential<BatchNorm, Conv<dil<5>>>>>>;
#endif

#include "claims.hpp"
