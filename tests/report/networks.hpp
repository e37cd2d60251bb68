// SPDX-License-Identifier: BSD-3-Clause
// Which networks do the tests of reports draw? Small ones with every kind of node, holes, patterns, time and several
// outputs.
#pragma once

#include <fovea/dsl.hpp>

namespace report_test {

using namespace fovea;

using Chain = Network<Input<3, 32, 32>, Conv<out<16>>, BatchNorm, ReLU, Conv<out<24>, dil<2>>, BatchNorm, ReLU,
                      Conv<out<32>, dil<4>>, BatchNorm, ReLU, GAP, Conv1x1<10>, Softmax>;

/// Every input position is seen by one of four networks.
using Holes = Network<Input<3, 64, 64>, Conv<out<8>, dil<2>>, ReLU, Conv<dil<4>>, ReLU, Conv<dil<8>>, ReLU, GAP,
                      Conv1x1<4>, Softmax>;

/// Two-tap kernels of several directions.
using Slanted = Network<Input<1, 48, 48>, Conv<out<8>, taps<ends<diagonal>>>, ReLU,
                        Conv<dil<2>, taps<ends<diagonal>, ends<horizontal>>>, ReLU, Conv1x1<2>, Softmax>;

/// The label is not harmless in a page.
using Mixed =
    Network<Input<3, 32, 32>, Conv<out<8>>, Tap<"<b>&\"a\"|'">, Residual<Sequential<Conv<>, BatchNorm, ReLU, Conv<>>>,
            Residual<Conv<out<16>>, Conv1x1<16>>,
            Parallel<Concat, Conv<out<4>>, Sequential<Conv<out<4>, dil<2>>, ReLU>, Identity>,
            Parallel<Sum, SharedWeights<Conv<out<8>>, Conv<out<8>, dil<2>>>>, AddFrom<"<b>&\"a\"|'">,
            Gated<Conv<out<8>>>, MaxPool<stride<2>>, Upsample<2, bilinear>, AvgPool<stride<2>>,
            Deconv<out<4>, stride<2>>, Heads<Sequential<GAP, Dense<10>, Softmax>, Sequential<Conv1x1<5>, Softmax>>>;

template <int I>
using Dilated = Residual<Sequential<Gated<Conv<out<16>, ker<2>, dil<(1 << I)>, causal>>, Conv1x1<8>>>;
using Time = Network<Input<1, 256>, Conv<out<8>, ker<2>, causal>, RepeatWith<6, Dilated>, ReLU, Conv1x1<4>, Softmax>;

}  // namespace report_test
