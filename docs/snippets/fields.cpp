// SPDX-License-Identifier: BSD-3-Clause
// docs/receptive-fields.md: receptive fields as sets, lints, schedules and budgets.
#include <fovea/dsl.hpp>
#include <fovea/plan/budget.hpp>

#include <iostream>

using namespace fovea;

// [support]
template <int... D>
using Plain = Network<Input<1, 64, 64>, Conv<dil<D>>...>;

static_assert(claim<receptive_field<Plain<1, 2, 4, 8>>, 31>);
static_assert(is_hole_free<Plain<1, 2, 4, 8>>);

static_assert(claim<receptive_field<Plain<2, 4, 8>>, 29>);  // nearly as much,
static_assert(claim<support<Plain<2, 4, 8>>.count(), 15 * 15>);  // but three of four positions are not seen,
static_assert(coverage<Plain<2, 4, 8>> < 0.28);
static_assert(claim<independent_subnets<Plain<2, 4, 8>>, 4>);  // and the network is four networks that never talk
// [support]

// [effective]
using Deep = Network<Input<1, 64, 64>, Repeat<16, Conv<>>>;
static_assert(claim<receptive_field<Deep>, 33>);
static_assert(effective_receptive_field<Deep>.width.ratio < 0.41);                 // 4 sigma of 33 positions: 13
static_assert(effective_receptive_field<Plain<1, 2, 4, 8>>.width.ratio > 0.96);    // of 31: 30
// [effective]

// [direction]
using Falling = Network<Input<1, 64, 64>, Repeat<4, Conv<taps<diagonal>>>>;
static_assert(directionality<Falling>.angle == -45 && directionality<Falling>.anisotropy == 1);
// [direction]

// [lints]
static_assert(!is_free_of<Plain<1, 2, 5, 18>, lint::gridding>);
static_assert(is_free_of<Plain<1, 2, 5, 17>, lint::gridding>);
static_assert(lints<Plain<1, 2, 5, 18>>[0].remedy == "dilation 17");
// [lints]

// [synthesis]
static_assert(dilations_for<31, 4>.exists && dilations_for<31, 4>.receptive_field == 31);
static_assert(!dilations_for<31, 3>);                                              // 3^3 is all that three layers reach

template <int D>
using Block = Residual<Sequential<Conv<dil<D>>, BatchNorm, ReLU>>;
using Designed = Network<Input<3, 64, 64>, Conv<out<16>, ker<1>>, StackWith<Block, 63, 5>, GAP, Conv1x1<10>, Softmax>;
static_assert(receptive_field<Designed> == 63 && is_hole_free<Designed>);
// [synthesis]

// [budget]
static_assert(within<Designed, parameters<100'000>, macs<60'000'000>, arena<768 * 1024>>);
// [budget]

int main() {
    for (const finding& f : lints<Plain<1, 2, 5, 18>>) {
        std::cout << f.path << ": " << f.sentence.view() << "; " << f.remedy.view() << '\n';
    }
}
