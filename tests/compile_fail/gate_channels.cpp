// SPDX-License-Identifier: BSD-3-Clause
// A gate whose halves differ.
// expect: channel_mismatch<{layer<1>}, got<15>>
// expect: must give an even number of channels
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Gated<Conv<out<15>>, ReLU>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Gated<Conv<out<16>>, ReLU>>;
#endif

#include "claims.hpp"
