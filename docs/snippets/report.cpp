// SPDX-License-Identifier: BSD-3-Clause
// README: the compiler's report; a file of its own needs nothing but fovea::dsl.
// [report]
#include <fovea/dsl.hpp>
using namespace fovea;

using Dilated4 = Network<Input<3, 32, 32>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;

FOVEA_PRINT_NETWORK(Dilated4)
// [report]
