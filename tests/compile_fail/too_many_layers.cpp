// SPDX-License-Identifier: BSD-3-Clause
// More layers than memory: Repeat in Repeat in Repeat.
// expect: too_large<got<4294967295>, expected<3000>>
// expect: use a smaller Repeat
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Repeat<2'000'000'000, Repeat<2'000'000'000, Repeat<2'000'000'000, ReLU>>>>;
#else
using Net = Network<Input<3, 32, 32>, Repeat<10, Repeat<10, Repeat<2, ReLU>>>>;
#endif

#include "claims.hpp"
