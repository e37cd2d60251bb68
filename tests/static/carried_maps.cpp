// SPDX-License-Identifier: BSD-3-Clause
// Does From go on from the right map? Its layer reads the last Tap of its name; shape, field and names follow from it.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

template <class Net>
constexpr std::size_t read_by(std::size_t layer) {
    return detail::network_traits<Net>::trace.inputs_of(layer)[0];
}

// Two resolutions; "a" is named twice.
using Two = Network<Input<3, 8, 12>,
    Conv<out<4>>, Tap<"a">,                                               // layers 0, 1
    Conv<out<6>, stride<2>, pad<1>>, Tap<"b">,                            // 2, 3
    From<"a">, Conv<out<4>, dil<2>>, Tap<"a">,                            // 4, 5, 6
    Parallel<Sum, From<"a">, Sequential<From<"b">, Conv1x1<4>, Upsample<2>>>,  // 7; 8, 9, 10; 11
    Residual<Sequential<From<"b">, Conv1x1<4>, Upsample<2>>>>;            // 12, 13, 14; 15
static_assert(layer_count<Two> == 16);
static_assert(read_by<Two>(4) == 2);
static_assert(layers<Two>[4].input == Shape{4, 8, 12} && layers<Two>[4].output == Shape{4, 8, 12});
static_assert(read_by<Two>(7) == 7);
static_assert(read_by<Two>(8) == 4 && layers<Two>[8].input == Shape{6, 4, 6});
static_assert(read_by<Two>(12) == 9);  // that From, which is a Tap of the same map
static_assert(layers<Two>[4].receptive_field == 3 && layers<Two>[7].receptive_field == 7);
static_assert(layers<Two>[8].receptive_field == 5 && layers<Two>[8].receptive_field.stride() == 2);
static_assert(layers<Two>[9].path == "7.branches.1.1" && layers<Two>[13].path == "8.body.1");
static_assert(parameter_count<Two> == (27 * 4 + 4) + (36 * 6 + 6) + (36 * 4 + 4) + 2 * (6 * 4 + 4));

// From takes nothing away: the same as branches.
using Branch = Sequential<Conv<out<5>, dil<2>>, ReLU>;
using Joined = Network<Input<3, 9, 9>, Conv<out<4>>, Parallel<Concat, Branch, Identity>, Conv<out<2>>>;
using Carried =
    Network<Input<3, 9, 9>, Conv<out<4>>, Tap<"x">, Branch, Tap<"y">, From<"y">, ConcatFrom<"x">, Conv<out<2>>>;
static_assert(receptive_field<Carried> == receptive_field<Joined>);
static_assert(parameter_count<Carried> == parameter_count<Joined> && mac_count<Carried> == mac_count<Joined>);

// The sum of skips that WaveNet carries along, as a nest of branches: three layers.
template <int D>
using Gate = Gated<Conv<out<4>, ker<2>, dil<D>, causal>>;
using Skips = Network<Input<2, 32>, Tap<"x">,
    Gate<1>, Tap<"z">, Conv1x1<3>, Tap<"skip">, From<"z">, Conv1x1<2>, AddFrom<"x">, Tap<"x">,
    Gate<2>, Tap<"z">, Conv1x1<3>, AddFrom<"skip">, Tap<"skip">, From<"z">, Conv1x1<2>, AddFrom<"x">, Tap<"x">,
    Gate<4>, Conv1x1<3>, AddFrom<"skip">>;
template <int D, class Rest>
using Nest =
    Parallel<Sum, Sequential<Gate<D>, Conv1x1<3>>, Sequential<Residual<Sequential<Gate<D>, Conv1x1<2>>>, Rest>>;
using Nested = Network<Input<2, 32>, Nest<1, Nest<2, Sequential<Gate<4>, Conv1x1<3>>>>>;
static_assert(receptive_field<Skips> == 8 && receptive_field<Skips> == receptive_field<Nested>);
static_assert(is_causal<Skips>);
// The nest has the gates of the first two layers twice.
static_assert(parameter_count<Nested> == parameter_count<Skips> + 2 * parameter_count<Network<Input<2, 32>, Gate<1>>>);

}  // namespace
