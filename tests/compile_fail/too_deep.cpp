// SPDX-License-Identifier: BSD-3-Clause
// Containers within containers, sixteen deep.
// expect: wrong_container<path<layer<1>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>, layer<0>>, expected<15>>
// expect: at most fifteen containers stand within each other; write inner Sequentials out
#include <fovea/dsl.hpp>

using namespace fovea;

template <class... Bricks>
using Four = Repeat<1, Repeat<1, Repeat<1, Repeat<1, Bricks...>>>>;
#ifndef CORRECTED
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Four<Four<Four<Four<ReLU>>>>>;
#else
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Four<Four<Four<Repeat<1, Repeat<1, Repeat<1, ReLU>>>>>>>;
#endif

#include "claims.hpp"
