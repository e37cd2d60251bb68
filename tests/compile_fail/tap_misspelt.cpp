// SPDX-License-Identifier: BSD-3-Clause
// A tap under another name.
// expect: unknown_tap<{layer<3>}, tap_name<'s', 'k', 'i'>>
// expect: no Tap of this name stands before; put Tap<
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"skip">, Conv<>, AddFrom<"ski">>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Tap<"skip">, Conv<>, AddFrom<"skip">>;
#endif

#include "claims.hpp"
