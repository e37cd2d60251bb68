// SPDX-License-Identifier: BSD-3-Clause
// Every brick, in images and in time, with counts of every magnitude: what the compiler is to print is in expected.txt.
#include <fovea/dsl.hpp>

using namespace fovea;

using Image = Network<Input<4, 50, 60>, Conv<out<8>>, BatchNorm, ReLU, Conv<ker<2, 3>, dil<4, 1>, causal>,
                      DepthwiseConv<out<16>, stride<2, 1>>, Repeat<2, Conv1x1<8, groups<2>>, PReLU>,
                      Sequential<Conv<groups<4>, pad<3, 0>, no_bias>, Sequential<LeakyReLU>>, Conv1x1<10, stride<2>>,
                      MaxPool<ker<2>, stride<2>, valid>, AvgPool<dil<2>>, Dropout<20>, Dense<7, no_bias>, Softmax>;
using Time = Network<Input<1, 500>, Conv<out<2>, ker<3>, dil<4>, causal>, Sigmoid, Tanh, SiLU, DepthwiseConv<>,
    Conv<groups<2>>,
                     MaxPool<stride<2>>, AvgPool<>, Identity, GAP, Conv1x1<3>>;
using Large = Network<Input<512, 2'000, 2'000>, Conv<out<2'048>>, Conv1x1<100'000>, Conv<out<3>, ker<1>>>;

// One lint of each form, more or less.
template <int... D>
using Dilated = Network<Input<1, 32, 32>, Conv<out<4>, dil<D>>..., Conv1x1<2>>;
using Joined = Network<Input<4, 16, 16>, Conv<ker<1>, stride<2>>, Conv<>, Residual<Conv<stride<2>>, Conv1x1<4, stride<2>>>,
                       Conv<dil<9>>, Conv<>>;

// Joins and the bricks that change the grid.
using Graph = Network<Input<2, 16, 16>, Residual<Conv<reflect>>, Parallel<Concat, Conv1x1<3>, MedianPool<>>, Tap<"a">,
                      Deconv<ker<4>, stride<2>>, AvgPool<ker<2>, stride<2>>, AddFrom<"a">, Gated<Conv<out<4>, taps<cross>>>,
                      Upsample<2, bilinear>>;

// What can be meant, but seldom is.
using Odd = Network<Input<32, 32, 3>, Tap<"a">, Conv<out<8>, ker<9>>, Dense<4>, GAP,
                    Heads<Sequential<Sigmoid, Softmax>, Sequential<Conv1x1<1>, ReLU, Softmax>, Sequential<ReLU, Softmax>>>;

FOVEA_PRINT_NETWORK(Image)
FOVEA_PRINT_NETWORK(Time)
FOVEA_PRINT_NETWORK(Network<Input<1, 9, 9>, ReLU>)

FOVEA_PRINT_NETWORK(Dilated<2, 4, 8, 40>)
FOVEA_PRINT_NETWORK(Joined)
FOVEA_PRINT_NETWORK(Graph)
FOVEA_PRINT_NETWORK(Odd)

namespace inner {
FOVEA_PRINT_NETWORK(Large)
}

int main() {}
