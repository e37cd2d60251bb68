// SPDX-License-Identifier: BSD-3-Clause
// Synthesised schedules and stacks of known sizes; tests/infer compares with every schedule of small ones.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

// Known schedules: of a field of 81 there is one, 1, 3, 9, 27; WaveNet's is the one of 2^10.
static_assert(dilations_for<81, 4>.dilations == std::array{1, 3, 9, 27});
static_assert(dilations_for<1'024, 10, 2>[9] == 512 && dilations_for<1'024, 10, 2>[4] == 16);
static_assert(dilations_for<9, 4>.dilations == std::array{1, 1, 1, 1});
static_assert(dilations_for<30, 4>.receptive_field == 31);  // an odd kernel's field is odd

// None: three layers of 3 see 27 at most; four are needed for 31.
static_assert(!dilations_for<31, 3> && dilations_for<31, 3>.largest == 27 && dilations_for<31, 3>.layers_needed == 4);
static_assert(!dilations_for<2, 5, 1> && dilations_for<2, 5, 1>.layers_needed == 0);
static_assert(dilations_for<3'000, 8>.receptive_field == 3'001);

using Stack = Network<Input<16, 32, 32>, DilatedStack<24, 31, 4, 3, BatchNorm, ReLU>, GAP, Conv1x1<10>, Softmax>;
static_assert(receptive_field<Stack> == 31 && layer_count<Stack> == 15);
static_assert(layers<Stack>[0].columns.dilation == 1 && layers<Stack>[9].columns.dilation == 6);
static_assert(
    std::is_same_v<DilatedStack<8, 9, 2>, Sequential<Conv<out<8>, ker<3>, dil<1>>, Conv<out<8>, ker<3>, dil<3>>>>);

template <int D>
using Block = Residual<Sequential<Conv<ker<2>, dil<D>, causal>, ReLU>>;
using Time = Network<Input<4, 5'000>, StackWith<Block, 1'024, 10, 2>>;
static_assert(receptive_field<Time> == 1'024 && is_causal<Time>);

}  // namespace
