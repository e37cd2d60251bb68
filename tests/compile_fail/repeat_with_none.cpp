// SPDX-License-Identifier: BSD-3-Clause
// A Repeat with a counter that counts to nothing.
// expect: wrong_container<{layer<1>}, got_type<Sequential<>>>
// expect: this container holds no brick
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

template <int I>
using Doubling = Conv<dil<(1 << I)>>;

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, RepeatWith<0, Doubling>>;
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, RepeatWith<2, Doubling>>;
#endif

#include "claims.hpp"
