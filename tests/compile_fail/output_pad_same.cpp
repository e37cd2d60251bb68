// SPDX-License-Identifier: BSD-3-Clause
// An output padding where `same` has settled the output.
// expect: window_mismatch<{layer<1>}, Deconv<stride<2>, output_pad<1>>, got<1, 1>, strides<2, 2>>
// expect: output_pad<> goes with pad<> or valid
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>, output_pad<1>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>, pad<1>, output_pad<1>>>;
#endif

#include "claims.hpp"
