// SPDX-License-Identifier: BSD-3-Clause
// An output padding of a whole stride.
// expect: window_mismatch<{layer<1>}, Deconv<ker<4>, stride<2>, pad<1>, output_pad<2>>, got<2, 2>, strides<2, 2>>
// expect: output_pad<> goes with pad<> or valid, and must be smaller than the stride or the dilation
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<ker<4>, stride<2>, pad<1>, output_pad<2>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<ker<4>, stride<2>, pad<1>, output_pad<1>>>;
#endif

#include "claims.hpp"
