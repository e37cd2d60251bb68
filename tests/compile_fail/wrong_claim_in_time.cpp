// SPDX-License-Identifier: BSD-3-Clause
// A single wrong claim, with everything included: of time only the width is shown.
// lines: 10
// expect: wrong_claim<got<8>, claimed<31>>
#include <fovea/fovea.hpp>

using namespace fovea;

using Wave = Network<Input<1, 16'000>, Conv<out<16>, ker<2>, causal>, Conv<ker<2>, dil<2>, causal>,
                     Conv<ker<2>, dil<4>, causal>>;
#ifndef CORRECTED
static_assert(claim<receptive_field<Wave>, 31>);
#else
static_assert(claim<receptive_field<Wave>, 8>);
#endif
