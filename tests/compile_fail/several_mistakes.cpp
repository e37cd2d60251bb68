// SPDX-License-Identifier: BSD-3-Clause
// Mistakes of many kinds in one network: the first one is the only error.
// expect: wrong_value<{layer<1>}, got_type<BatchNormOf<std::ratio<1, 100>, int>>>
// expect: BatchNormOf takes an epsilon above 0
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct unknown;
#ifndef CORRECTED
using Net = Place<Input<7, 11, 11>, LeakyReLUOf<std::ratio<1, 5>>, BatchNormOf<std::ratio<1, 100>, int>,
                  LeakyReLUOf<int>, SharedWeights<Gated<Conv1x1<3>*>, Conv<no_bias, dil<4, 1>, no_bias>>,
                  FixedConv<gaussian<unknown, 9>>, Parallel<unknown, unknown*, Conv1x1<-1>>,
                  Heads<SharedWeights<Heads<Dropout<99>, Conv<replicate, out<3>>>, GAP, Tap<"a">>>>;
#else
using Net = Place<Input<7, 11, 11>, LeakyReLUOf<std::ratio<1, 5>>, BatchNormOf<std::ratio<1, 100>, std::ratio<1, 2>>>;
#endif

#include "claims.hpp"
