// SPDX-License-Identifier: BSD-3-Clause
// README: a mistake. This file does not compile; check_docs.py compares what g++ says with what is printed there.
#include <fovea/dsl.hpp>
using namespace fovea;

// [mistake]
using Net = Network<Input<3, 32, 32>, Conv<out<16>>, ReLU, Conv<out<24>, groups<5>>, GAP, Conv1x1<10>, Softmax>;
static_assert(claim<receptive_field<Net>, 5>);
// [mistake]
