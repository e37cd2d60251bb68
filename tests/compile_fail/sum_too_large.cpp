// SPDX-License-Identifier: BSD-3-Clause
// Two layers that can be counted, but not together: 2 * 5.4 * 10^18 MACs.
// expect: too_large<{layer<0>, layer<1>}, Conv1x1<300000>, got<300000, 7746, 7746>>
// expect: up to this layer
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<300'000, 7'746, 7'746>, Repeat<3, Conv1x1<300'000>>>;
#else
using Net = Place<Input<3'000, 77, 77>, Repeat<3, Conv1x1<300>>>;
#endif

#include "claims.hpp"
