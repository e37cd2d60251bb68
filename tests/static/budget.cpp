// SPDX-License-Identifier: BSD-3-Clause
// Limits and searches against counts that are known otherwise.
#include <fovea/plan/budget.hpp>

#include "seed_networks.hpp"

using namespace fovea;

namespace {

// 25,474 parameters, 25,215,456 MACs: the limit itself is within, one less is not.
static_assert(within<seed::Dilated4, parameters<25'474>, macs<25'215'456>>);
static_assert(is_within<seed::Dilated4, parameters<25'474>, macs<25'215'456>>);
static_assert(!is_within<seed::Dilated4, parameters<25'473>>);
static_assert(!is_within<seed::Dilated4, macs<25'215'455>>);
static_assert(!is_within<seed::Dilated4, parameters<25'473>, macs<30'000'000>>);
static_assert(!is_within<seed::Dilated4, parameters<30'000>, macs<1>>);
static_assert(within<seed::Dilated4>);
static_assert(within<seed::Dilated4, arena<512 * 1024>> && !is_within<seed::Dilated4, arena<100 * 1024>>);
static_assert(is_within<seed::Dilated4, arena<arena_bytes<seed::Dilated4>>> &&
              !is_within<seed::Dilated4, arena<arena_bytes<seed::Dilated4> - 1>>);
static_assert(is_within<seed::Dilated4, activations<activation_bytes<seed::Dilated4>>> &&
              !is_within<seed::Dilated4, activations<activation_bytes<seed::Dilated4> - 1>>);

// Two channels, kernel 3, dilation 4: eight steps of two channels are kept.
using Time = Network<Input<2, 100>, Conv<out<2>, dil<4>, causal>>;
static_assert(is_within<Time, states<64>> && !is_within<Time, states<63>>);

template <int N>
using Deep = Network<Input<3, 32, 32>, Repeat<N, Conv<out<32>>, ReLU>, GAP, Conv1x1<10>>;
// 3 * 32 * 9 + 32 = 896, then 32 * 32 * 9 + 32 = 9,248 each, 330 in the end.
static_assert(deepest_for<Deep, parameters<896 + 9 * 9'248 + 330>> == 10);
static_assert(deepest_for<Deep, parameters<896 + 9 * 9'248 + 329>> == 9);
static_assert(deepest_for<Deep, parameters<1'225>> == 0 && deepest_for<Deep, parameters<1'226>> == 1);
static_assert(deepest_for<Deep, parameters<100'000>, macs<30'000'000>> == 4);
// The arena does not grow with depth, once there are two maps: another limit ends the search.
static_assert(deepest_for<Deep, arena<arena_bytes<Deep<3>>>, macs<100'000'000>> ==
              deepest_for<Deep, macs<100'000'000>>);

template <int W>
using Wide = Network<Input<3, 32, 32>, Conv<out<W>>, ReLU, GAP, Conv1x1<10>>;
static_assert(deepest_for<Wide, parameters<1'000>> == (1'000 - 10) / 38);

template <int N>
using Narrowing = Network<Input<1, 32, 32>, Repeat<N, Conv<valid>, ReLU>>;
static_assert(deepest_for<Narrowing> == 15);  // 32 - 2 * 15 = 2 rows are left
static_assert(shallowest_for<Narrowing, 31> == 15 && shallowest_for<Narrowing, 32> == 0);
static_assert(shallowest_for<Deep, 31> == 15 && shallowest_for<Deep, 1> == 1 && shallowest_for<Deep, 4> == 2);

}  // namespace
