// SPDX-License-Identifier: BSD-3-Clause
// Lints and budgets report a refused network's mistake when they are asked first: five networks, one question each.
// errors: 5
// expect: needs<51, 51>, got<32, 32>>
// expect: needs<52, 52>, got<32, 32>>
// expect: needs<53, 53>, got<32, 32>>
// expect: needs<54, 54>, got<32, 32>>
// expect: needs<55, 55>, got<32, 32>>
#include <fovea/dsl.hpp>

using namespace fovea;

#ifndef CORRECTED
template <int K>
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<K>, valid>, GAP, Conv1x1<10>, Softmax>;
#else
template <int K>
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<K>>, GAP, Conv1x1<10>, Softmax>;
#endif

static_assert(lints<Net<51>>.size() < 10);
static_assert(is_free_of<Net<52>, lint::misaligned_centres>);
static_assert(is_free_of<Net<53>, lint::gridding>);
static_assert(within<Net<54>, parameters<10'000'000>>);
static_assert(is_within<Net<55>, parameters<10'000'000>>);
