// SPDX-License-Identifier: BSD-3-Clause
// What is said of known networks, with the numbers; and that the remedies mend what they are for.
#include <fovea/dsl.hpp>

#include "seed_networks.hpp"

using namespace fovea;

namespace {

template <class Net>
constexpr const finding* first_of(lint rule) {
    for (const finding& f : lints<Net>) {
        if (f.rule == rule) {
            return &f;
        }
    }
    return nullptr;
}
template <class Net, lint Rule>
constexpr const finding& only = *first_of<Net>(Rule);

// --- the seed networks ----------------------------------------------------------------------------------------------

static_assert(is_free_of<seed::Dilated4> && lints<seed::Dilated4>.empty());
static_assert(is_free_of<seed::LargeKernel4> && is_free_of<seed::Strided4> && is_free_of<seed::Cascade10>);
static_assert(is_free_of<seed::Depthwise10>);
// 23 % in Dilated4; here nearly all MACs are the last layer's, of which 31 % are padding.
static_assert(lints<seed::Wide4>.size() == 1 && only<seed::Wide4, lint::padding_waste>.layer == 9);
static_assert(only<seed::Wide4, lint::padding_waste>.sentence ==
              "27 % of the network's MACs multiply padding, most of them here: 31 % of this layer's");
static_assert(only<seed::Wide4, lint::padding_waste>.remedy == "dilation 7 here leaves 24 %");
// Dilation 32 on 64 x 84: (64 + 64) / 192 of the rows, (84 + 104) / 252 of the columns, 49.7 % together.
static_assert(lints<seed::Segment>.size() == 3 && !is_free_of<seed::Segment>);
static_assert(
    is_free_of<seed::Segment, lint::gridding, lint::hdc_rule, lint::unproductive_layer, lint::misaligned_centres>);
static_assert(only<seed::Segment, lint::drn_tail>.layer == 15 && only<seed::Segment, lint::drn_tail>.path == "15");
static_assert(only<seed::Segment, lint::drn_tail>.remedy ==
              "append convolutions of dilation 16, halved down to 1, without residuals around them");
static_assert(only<seed::Segment, lint::aspp_rate>.sentence ==
              "only 49 % of its MACs meet the 64x84 map, the others padding");
static_assert(only<seed::Segment, lint::aspp_rate>.remedy == "dilation at most 31");

// --- gridding -------------------------------------------------------------------------------------------------------

template <int... D>
using Stack = Network<Input<3, 64, 64>, Conv<out<8>, dil<D>>..., GAP, Conv1x1<10>>;

static_assert(is_free_of<Stack<1, 2, 4, 8>, lint::gridding> && is_free_of<Stack<8, 4, 2, 1>, lint::gridding>);
static_assert(is_free_of<Stack<1, 2, 5>, lint::gridding> && is_free_of<Stack<1, 3, 9>, lint::gridding>);
static_assert(!is_free_of<Stack<1, 2, 9>, lint::gridding> && !is_free_of<Stack<2, 3, 3>, lint::gridding>);
// 2, 4, 8: 15 of 29 positions on each axis, four networks that never meet; 1, 3, 8 has no holes, nothing larger has
// none.
static_assert(lints<Stack<2, 4, 8>>.size() == 3 && lints<Stack<2, 4, 8>>[1].rule == lint::gridding);
static_assert(
    lints<Stack<2, 4, 8>>[0].sentence ==
    "its taps lie 2 input positions apart, but the finer layers see 1 in a row at most: 616 of 841 positions of "
    "the field are not seen, independent networks: 4");
static_assert(lints<Stack<2, 4, 8>>[0].layer == 0 && lints<Stack<2, 4, 8>>[0].remedy == "dilation 1");
static_assert(lints<Stack<2, 4, 8>>[1].layer == 1 && lints<Stack<2, 4, 8>>[1].remedy == "dilation 3");
static_assert(is_free_of<Stack<1, 3, 8>, lint::gridding> && !is_free_of<Stack<1, 4, 8>, lint::gridding>);

// Every axis has all its positions, and still half of the plane is not seen: a checkerboard.
template <int... D>
using Crosses = Network<Input<3, 64, 64>, Conv<out<8>, dil<D>, taps<mask<"101 010 101">>>..., GAP, Conv1x1<10>>;
static_assert(only<Crosses<1, 2, 4, 8>, lint::gridding>.layer == 0);
static_assert(only<Crosses<1, 2, 4, 8>, lint::gridding>.remedy == "dilation 1 and all taps in this layer, the finest");
using Mended = Network<Input<3, 64, 64>, Conv<out<8>>, Conv<dil<2>, taps<mask<"101 010 101">>>,
                       Conv<dil<4>, taps<mask<"101 010 101">>>, GAP, Conv1x1<10>>;
static_assert(is_free_of<Mended, lint::gridding>);

// A stride that nothing bridges; behind a 2x2 window it is bridged.
template <int K>
using Subsampled = Network<Input<3, 64, 64>, Conv<out<8>, ker<K>, stride<2>>, Conv<>, GAP, Conv1x1<10>>;
static_assert(only<Subsampled<1>, lint::gridding>.layer == 1);
static_assert(only<Subsampled<1>, lint::gridding>.remedy == "a kernel of at least the stride in the layers before");
static_assert(is_free_of<Subsampled<2>, lint::gridding>);

// Kernels of two with 3^i instead of 2^i; WaveNet's have none.
template <int... D>
using Time = Network<Input<3, 2'000>, Conv<out<8>, ker<2>, dil<D>, causal>...>;
static_assert(lints<Time<1, 3, 9, 27>>[0].layer == 1 && lints<Time<1, 3, 9, 27>>[0].remedy == "dilation 2");
static_assert(is_free_of<Time<1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32>>);

// Other branches fill the holes of the widest: 0, 1, 2, 3 to either side.
template <int... D>
using Branches = Network<Input<3, 64, 64>, Parallel<Sum, Conv<out<8>, dil<D>>...>, GAP, Conv1x1<10>>;
static_assert(is_free_of<Branches<1, 2, 3>, lint::gridding>);
static_assert(only<Branches<1, 2, 4>, lint::gridding>.layer == 2);

// --- HDC, the rule of thumb -----------------------------------------------------------------------------------------

static_assert(only<Stack<2, 4, 8>, lint::hdc_rule>.layer == 0);
static_assert(only<Stack<1, 2, 9>, lint::hdc_rule>.remedy == "dilation 7 in layer 2" && is_free_of<Stack<1, 2, 7>>);
static_assert(is_free_of<Stack<1, 2, 5, 1, 2, 5>, lint::hdc_rule>);  // groups that rise again
static_assert(is_free_of<Stack<1, 1, 2, 2, 4, 4>, lint::hdc_rule>);  // ResNet's stages
static_assert(is_free_of<Stack<2, 3, 3>, lint::hdc_rule> && !is_free_of<Stack<2, 3, 3>, lint::gridding>);
static_assert(!is_free_of<Stack<1, 4, 2>, lint::hdc_rule> && is_free_of<Stack<1, 4, 2>, lint::gridding>);

// --- DRN tail -------------------------------------------------------------------------------------------------------

template <int... D>
using Map = Network<Input<3, 256, 256>, Conv<out<8>, dil<D>>..., Conv1x1<5>>;
static_assert(is_free_of<Map<1, 2, 4, 2, 1>> && is_free_of<Map<1, 1, 1>> && is_free_of<Map<8, 4, 2, 1>>);
static_assert(lints<Map<1, 2, 4>>.size() == 1 && only<Map<1, 2, 4>, lint::drn_tail>.layer == 2);
static_assert(is_free_of<Stack<1, 2, 4>>);  // a class for the whole image is no map
using TwoHeads = Network<Input<3, 256, 256>, Conv<out<8>>, Heads<Conv<out<2>, dil<2>>, Conv<out<2>>>>;
static_assert(lints<TwoHeads>.size() == 1 && only<TwoHeads, lint::drn_tail>.path == "1.heads.0");

// --- ASPP -----------------------------------------------------------------------------------------------------------

template <int D>
using Pyramid =
    Network<Input<16, 32, 32>, Conv<>, Conv<>, Parallel<Concat, Conv1x1<4>, Conv<out<4>, dil<D>>>, GAP, Conv1x1<5>>;
static_assert(is_free_of<Pyramid<14>, lint::aspp_rate> && !is_free_of<Pyramid<15>, lint::aspp_rate>);
static_assert(only<Pyramid<16>, lint::aspp_rate>.sentence ==
              "only 44 % of its MACs meet the 32x32 map, the others padding");
static_assert(only<Pyramid<16>, lint::aspp_rate>.remedy == "dilation at most 14");
static_assert(only<Pyramid<32>, lint::aspp_rate>.sentence ==
              "only its centre meets the 32x32 map, 11 % of its MACs: it is a 1x1 convolution");
// With another padding than zeros there is nothing to waste.
using Circular = Network<Input<16, 32, 32>, Conv<>, Conv<dil<15>, circular>, Conv<>>;
static_assert(is_free_of<Circular, lint::aspp_rate, lint::padding_waste>);

// --- unproductive layers --------------------------------------------------------------------------------------------

template <int N>
using Plain = Network<Input<3, 16, 16>, Repeat<N, Conv<out<8>>>, GAP, Conv1x1<10>>;
static_assert(is_free_of<Plain<8>>);  // the eighth layer's input sees 15 of 16
static_assert(only<Plain<12>, lint::unproductive_layer>.layer == 8);
static_assert(only<Plain<12>, lint::unproductive_layer>.sentence ==
              "on every path its input's units see 17x17 already, all of the 16x16 input; windows behind it for which "
              "that holds: 3");
static_assert(only<Plain<12>, lint::unproductive_layer>.remedy == "leave them out, or take inputs of at least 24x24");
template <int E>
using Larger = Network<Input<3, E, E>, Repeat<12, Conv<out<8>>>, GAP, Conv1x1<10>>;
static_assert(is_free_of<Larger<24>> && !is_free_of<Larger<23>>);
// Around a residual's body there is a path that sees less.
using Skipped = Network<Input<3, 16, 16>, Conv<out<8>>, Repeat<12, Residual<Conv<>>>, GAP, Conv1x1<10>>;
static_assert(is_free_of<Skipped, lint::unproductive_layer>);

// --- misaligned centres ---------------------------------------------------------------------------------------------

// `same` with stride 2 on an even extent puts all padding behind (TensorFlow's rule), so the 3x3 stands one further.
template <class... Padding>
using Down = Network<Input<3, 32, 32>, Conv<out<8>>, Residual<Conv<stride<2>, Padding...>, Conv1x1<8, stride<2>>>, GAP,
                     Conv1x1<10>>;
static_assert(only<Down<>, lint::misaligned_centres>.sentence ==
              "units of the maps that meet here stand 1 rows and 1 columns apart in the input");
static_assert(only<Down<>, lint::misaligned_centres>.remedy == "pad<1, 1> in layer 1.body");
static_assert(only<Down<>, lint::misaligned_centres>.name == "Sum" && is_free_of<Down<pad<1>>>);

// Half positions are said as such, and padding is only proposed where it mends.
template <class... Between>
using Skip = Network<Input<1, 32, 32>, Tap<"x">, Between..., AddFrom<"x">>;
using Bilinear = Skip<Conv<stride<2>>, Upsample<2, bilinear>>;
static_assert(only<Bilinear, lint::misaligned_centres>.sentence ==
              "units of the maps that meet here stand 1/2 rows and 1/2 columns apart in the input");
static_assert(only<Bilinear, lint::misaligned_centres>.remedy ==
              "the same kernels, strides and padding on all branches");
static_assert(is_free_of<Skip<MaxPool<ker<2>, stride<2>>, Upsample<2, bilinear>>, lint::misaligned_centres>);
template <class... Padding>
using Fine = Network<Input<1, 32, 32>, Upsample<4>, Residual<Conv<stride<2>, Padding...>, Conv1x1<1, stride<2>>>>;
static_assert(only<Fine<>, lint::misaligned_centres>.sentence ==
              "units of the maps that meet here stand 1/4 rows and 1/4 columns apart in the input");
static_assert(only<Fine<>, lint::misaligned_centres>.remedy == "pad<1, 1> in layer 1.body");
static_assert(is_free_of<Fine<pad<1>>, lint::misaligned_centres>);

// --- what can be meant, but seldom is -------------------------------------------------------------------------------

template <class... Bricks>
using Small = Network<Input<3, 32, 32>, Conv<out<8>>, Bricks...>;

static_assert(only<Small<Conv1x1<1>, Softmax>, lint::softmax_of_one>.remedy == "Sigmoid, or two channels");
static_assert(only<Small<Heads<Conv1x1<2>, Sequential<Conv1x1<1>, Softmax>>>, lint::softmax_of_one>.path ==
              "1.heads.1.1");
static_assert(is_free_of<Small<Conv1x1<2>, Softmax>> && is_free_of<Small<Conv1x1<1>, Sigmoid>>);

static_assert(only<Small<GAP, Conv1x1<10>, Sigmoid, Softmax>, lint::squashed_softmax>.layer == 3);
static_assert(only<Small<GAP, Conv1x1<10>, Sigmoid, Softmax>, lint::squashed_softmax>.sentence ==
              "the Softmax behind it gives none of its 10 classes more than 23 %");
static_assert(only<Small<Conv1x1<2>, Tanh, Dropout<10>, Softmax>, lint::squashed_softmax>.sentence ==
              "the Softmax behind it gives none of its 2 classes more than 88 %");
static_assert(!is_free_of<Small<Gated<Conv<>>, Softmax>, lint::squashed_softmax>);
static_assert(only<Small<ReLU, Identity, Softmax>, lint::squashed_softmax>.layer == 1);
static_assert(is_free_of<Small<Sigmoid, Conv1x1<10>, Softmax>> && is_free_of<Small<Conv1x1<10>, SiLU, Softmax>>);

static_assert(only<Small<Dense<10>, GAP, Softmax>, lint::mean_of_one>.layer == 2);
static_assert(only<Small<GAP, ReLU, GAP>, lint::mean_of_one>.path == "3");
static_assert(is_free_of<Small<GAP, Dense<10>>>);
static_assert(is_free_of<Network<Input<8, 1, 1>, Conv1x1<4>, GAP>, lint::mean_of_one>);  // a family at its smallest

static_assert(only<Small<Tap<"a">, Conv<>, Tap<"b">, Conv<>, AddFrom<"b">>, lint::unread_tap>.path == "1");
static_assert(is_free_of<Small<Tap<"a">, Conv<>, Tap<"b">, From<"a">, ReLU, AddFrom<"b">>, lint::unread_tap>);
static_assert(is_free_of<Small<Repeat<3, Conv<>, Tap<"a">>, Conv<>, AddFrom<"a">>, lint::unread_tap>);
static_assert(!is_free_of<Small<Conv<>, Tap<"end">>, lint::unread_tap>);

static_assert(only<Network<Input<32, 32, 3>, Conv<out<8>, ker<3, 1>>, GAP>, lint::channels_last>.remedy ==
              "Input<3, 32, 32>");
static_assert(only<Network<Input<240, 320, 1>, GAP>, lint::channels_last>.sentence ==
              "these are 240 channels of 320x1 positions; extents stand as channels, rows, columns");
static_assert(only<Network<Input<16'000, 1>, GAP>, lint::channels_last>.remedy == "Input<1, 16000>");
static_assert(is_free_of<Network<Input<64, 7, 7>, GAP>> && is_free_of<Network<Input<512, 4, 4>, GAP>>);
static_assert(is_free_of<Network<Input<4, 32, 4>, GAP>> && is_free_of<Network<Input<64, 3>, GAP>>);

// On 32x32 the outermost taps of a 65x65 meet nothing; those of a 63x63 a corner.
template <int K>
using Window = Network<Input<3, 32, 32>, Conv<out<8>, ker<K>>, GAP>;
static_assert(only<Window<641>, lint::window_past_map>.remedy == "a kernel of at most 63x63");
static_assert(only<Window<641>, lint::window_past_map>.sentence ==
              "its window of 641x641 is more than twice the 32x32 map: its outer taps meet nothing but padding");
static_assert(!is_free_of<Window<65>, lint::window_past_map> && is_free_of<Window<63>, lint::window_past_map>);
static_assert(only<Window<641>, lint::padding_waste>.remedy ==
              "a larger input, a smaller kernel, or `valid` in some layers");
static_assert(only<Small<AvgPool<ker<9, 3>, dil<9, 1>>>, lint::window_past_map>.remedy == "a kernel of at most 7x3");
static_assert(!is_free_of<Small<GAP, Conv<>>, lint::window_past_map>);
static_assert(!is_free_of<Small<GAP, AvgPool<>>, lint::window_past_map>);
// Said by aspp_rate; and time may be longer than its piece.
static_assert(is_free_of<Pyramid<32>, lint::window_past_map>);
static_assert(is_free_of<Network<Input<1, 100>, Conv<ker<641>, causal>>, lint::window_past_map>);

static_assert(name_of(lint::aspp_rate) == "ASPP rate" && name_of(lint::misaligned_centres) == "misaligned centres");

}  // namespace
