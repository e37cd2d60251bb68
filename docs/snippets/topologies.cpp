// SPDX-License-Identifier: BSD-3-Clause
// docs/topologies.md: networks that fork and join, and kernels as patterns.
#include <fovea/dsl.hpp>

#include <iostream>

using namespace fovea;

// [residual]
using Block = Residual<Sequential<Conv<out<16>>, BatchNorm, ReLU, Conv<>, BatchNorm>>;     // body(x) + x
using Wider = Residual<Sequential<Conv<out<32>>, BatchNorm>, Conv1x1<32>>;                 // body(x) + shortcut(x)
using Res = Network<Input<3, 32, 32>, Conv<out<16>>, Repeat<3, Block>, Wider, GAP, Conv1x1<10>, Softmax>;

static_assert(tensors<Res>[2].name == "1.0.body.0.weight");
static_assert(claim<receptive_field<Res>, 1 + 2 + 3 * 4 + 2>);
// [residual]

// [counter]
template <int I>
using Step = Sequential<Conv<out<32>, dil<(1 << I)>>, BatchNorm, ReLU>;                     // dilation 1, 2, 4, 8, 16
using Stack = Network<Input<3, 64, 64>, RepeatWith<5, Step>, Conv1x1<10>>;

static_assert(claim<receptive_field<Stack>, 63>);
// [counter]

// [parallel]
using Aspp = Parallel<Concat,
    Conv1x1<16>,
    Conv<out<16>, dil<3>>,
    Conv<out<16>, dil<6>>,
    Sequential<MaxPool<>, Conv1x1<16>>>;
using Pyramid = Network<Input<8, 32, 32>, Aspp, Conv1x1<10>>;

static_assert(claim<shape_at<Pyramid, 0>, Shape{64, 32, 32}>);
static_assert(claim<receptive_field<Pyramid>, 13>);                                         // the union of the branches
static_assert(claim<minimal_receptive_field<Pyramid>, 1>);
// [parallel]

// [unet]
using UNet = Network<Input<1, 64, 64>,
    Conv<out<16>>, ReLU, Tap<"fine">, MaxPool<ker<2>, stride<2>>,
    Conv<out<32>>, ReLU, Deconv<out<16>, ker<2>, stride<2>>,
    ConcatFrom<"fine">, Conv<out<16>>, ReLU, Conv1x1<2>, Softmax>;

static_assert(claim<shape_at<UNet, 7>, Shape{32, 64, 64}>);
static_assert(is_aligned<UNet>);
// [unet]

// [wavenet]
template <int I>
using Layer = Residual<Sequential<Gated<Conv<out<32>, ker<2>, dil<(1 << I)>, causal>>, Conv1x1<16>>>;
using Wave = Network<Input<1, 16'000>, Conv<out<16>, ker<2>, causal>, RepeatWith<10, Layer>, Conv1x1<1>>;

static_assert(claim<receptive_field<Wave>, 1 + 1 + 1023>);
static_assert(is_causal<Wave> && lookahead<Wave> == 0);
// [wavenet]

// [trident]
template <int D>
using Scale = Sequential<Conv<out<16>, dil<D>>, BatchNorm, ReLU>;
using Trident = Network<Input<3, 32, 32>, Conv<out<16>>, Parallel<Sum, SharedWeights<Scale<1>, Scale<2>, Scale<3>>>>;

static_assert(claim<parameter_count<Trident>, (3 * 16 * 9 + 16) + (16 * 16 * 9 + 16) + 2 * 16>);  // of one branch
// [trident]

// [heads]
using Two = Network<Input<3, 32, 32>, Conv<out<16>>, ReLU,
    Heads<Sequential<GAP, Conv1x1<10>, Softmax>, Sequential<Conv1x1<2>, Softmax>>>;

static_assert(claim<output_count<Two>, 2>);
static_assert(output_shape<Two, 0> == Shape{10, 1, 1} && output_shape<Two, 1> == Shape{2, 32, 32});
// [heads]

// [taps]
using Cross = Network<Input<8, 32, 32>, Conv<out<8>, taps<cross>>>;
static_assert(claim<parameter_count<Cross>, 8 * 8 * 5 + 8>);                                // five of nine taps

using Mixed = Network<Input<8, 32, 32>, Conv<out<8>, taps<ends<horizontal>, mask<"010 000 010">>>>;
static_assert(claim<parameter_count<Mixed>, 8 * 8 * 2 + 8>);
static_assert(claim<receptive_field<Mixed>, 3>);

using PixelCnn = Network<Input<1, 28, 28>,
    Conv<out<16>, ker<5>, taps<mask<"11111 11111 11000 00000 00000">>>, ReLU,               // mask A: not the own position
    Conv<ker<3>, taps<mask<"111 110 000">>>, ReLU,                                          // mask B
    Conv1x1<256>>;
static_assert(!support<PixelCnn>.contains(0, 0) && support<PixelCnn>.contains(0, -1));
static_assert(!support<PixelCnn>.contains(1, 0));                                           // nothing below
// [taps]

// [fixed]
using sigma = std::ratio<3, 2>;
using Edges = Network<Input<1, 64, 64>,
    FixedConv<gaussian<sigma, 0, 1>, gaussian<sigma, 1, 0>, reflect>,                       // d/dx and d/dy
    Conv<out<8>>, ReLU, Conv1x1<2>>;

static_assert(claim<shape_at<Edges, 0>, Shape{2, 64, 64}>);
static_assert(layers<Edges>[0].parameters == 0);
// [fixed]

int main() { std::cout << summary<Res> << summary<UNet>; }
