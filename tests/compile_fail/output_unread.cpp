// SPDX-License-Identifier: BSD-3-Clause
// What the second convolution gives is lost: the third goes on from the tap.
// expect: output_unread<{layer<2>}, got_type<Conv<out<9>>>>
// expect: no brick reads the output of this one
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"t">, Conv<out<9>>, From<"t">, Conv<>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"t">, Conv<out<9>>, Tap<"u">, From<"t">, Conv<>, ConcatFrom<"u">>;
#endif

#include "claims.hpp"
