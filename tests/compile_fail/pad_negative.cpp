// SPDX-License-Identifier: BSD-3-Clause
// Padding below nothing.
// expect: wrong_option<{layer<0>}, Conv<out<8>, pad<-1>>, got_option<pad<-1>>>
// expect: pad at 0
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>, pad<-1>>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>, pad<0>>>;
#endif

#include "claims.hpp"
