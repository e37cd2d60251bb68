// SPDX-License-Identifier: BSD-3-Clause
// A claim shows what was got: one error in at most ten lines for each kind of answer.
// errors: 9
// lines: 10
// expect: wrong_claim<got<7, 7>, claimed<31>>
// expect: wrong_claim<got<7, 7>, claimed<7, 9>>
// expect: wrong_claim<got<4, 32, 32>, claimed<10, 1, 1>>
// expect: wrong_claim<got<256>, claimed<260>>
// expect: wrong_claim<got<3>, claimed<31>>
// expect: wrong_claim<got_bool<false>, claimed_bool<true>>
// expect: wrong_claim<got_type<std::ratio<1, 2>, std::ratio<1, 2>>, claimed<2>>
// expect: wrong_claim<got_type<millionths<308642>>, claimed_type<millionths<500000>>>
// expect: wrong_claim<got<25>, claimed<81>>
// expect: the network is not what is claimed of it
#include <fovea/dsl.hpp>

using namespace fovea;

using Net = Network<Input<3, 32, 32>, Conv<out<4>>, Conv<out<4>, dil<2>, no_bias>>;
using Wave = Network<Input<1, 100>, Conv<dil<3>>>;
using Larger = Network<Input<3, 32, 32>, Conv<out<4>>, Upsample<2>>;
using Holes = Network<Input<1, 64, 64>, Conv<dil<2>>, Conv<dil<2>>>;

#ifndef CORRECTED
static_assert(claim<receptive_field<Net>, 31>);
static_assert(claim<receptive_field<Net>, Extent{7, 9}>);
static_assert(claim<output_shape<Net>, Shape{10, 1, 1}>);
static_assert(claim<parameter_count<Net>, 260>);
static_assert(claim<lookahead<Wave>, 31>);
static_assert(claim<is_causal<Wave>>);
static_assert(claim<total_stride<Larger>, 2>);
static_assert(claim<coverage<Holes>, 0.5>);
static_assert(claim<support<Holes>.count(), 81>);
#else
static_assert(claim<receptive_field<Net>, 7> && claim<coverage<Net>, 1.0> && claim<is_causal<Wave>, false>);
#endif
