// SPDX-License-Identifier: BSD-3-Clause
// An output padding below nothing.
// expect: wrong_option<{layer<1>}, Deconv<pad<1>, output_pad<-1>>, got_option<output_pad<-1>>>
// expect: pad and output_pad at 0
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<pad<1>, output_pad<-1>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<pad<1>, output_pad<0>>>;
#endif

#include "claims.hpp"
