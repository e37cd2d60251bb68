// SPDX-License-Identifier: BSD-3-Clause
// A Deconv that is to mirror its border.
// expect: wrong_option<{layer<1>}, Deconv<stride<2>, reflect>, got_option<reflect>>
// expect: Deconv takes out, ker, dil, stride
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>, reflect>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Deconv<stride<2>>>;
#endif

#include "claims.hpp"
