// SPDX-License-Identifier: BSD-3-Clause
// Known facts about receptive fields as sets.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

template <int... Dilations>
using Plain = Network<Input<1, 256, 256>, Conv<out<1>, dil<Dilations>>...>;
template <class Pattern, int... Dilations>
using Masked = Network<Input<1, 256, 256>, Conv<out<1>, taps<Pattern>, dil<Dilations>>...>;

constexpr bool near(double a, double b, double within = 0.005) { return a - b < within && b - a < within; }

// Dilations 1, 2, 4, 8 leave no hole and make use of the whole field; 2, 4, 8 are four networks, in one dimension two.
using Doubling = Plain<1, 2, 4, 8>;
static_assert(support<Doubling>.height == 31 && support<Doubling>.width == 31 && support<Doubling>.count() == 31 * 31);
static_assert(support<Doubling>.top == -15 && support<Doubling>.left == -15);
static_assert(support<Doubling>.contains(15, -15) && !support<Doubling>.contains(16, 0));
static_assert(is_hole_free<Doubling> && coverage<Doubling> == 1 && independent_subnets<Doubling> == 1);
static_assert(near(effective_receptive_field<Doubling>.width.ratio, 0.97));

using Gridded = Plain<2, 4, 8>;
static_assert(!is_hole_free<Gridded> && support<Gridded>.count() == 15 * 15 && independent_subnets<Gridded> == 4);
using Gridded1 = Network<Input<1, 256>, Conv<out<1>, dil<2>>, Conv<out<1>, dil<4>>, Conv<out<1>, dil<8>>>;
static_assert(support<Gridded1>.height == 1 && support<Gridded1>.width == 29 && support<Gridded1>.count() == 15);
static_assert(independent_subnets<Gridded1> == 2 && near(coverage<Gridded1>, 15 / 29.0));
static_assert(independent_subnets<Plain<2, 3>> == 1);

// Skips that add what an odd kernel sees already fill no hole.
using Skipped = Network<Input<1, 256>, Residual<Conv<dil<2>>>, Residual<Conv<dil<4>>>, Residual<Conv<dil<8>>>>;
static_assert(support<Skipped>.width == 29 && support<Skipped>.count() == 15);

// Two diagonals, or a kernel in the shape of an X: a checkerboard, though every row and column is seen.
static_assert(independent_subnets<Masked<mask<"101 010 101">, 1, 2, 4, 8>> == 2);
using Diagonals = Network<Input<1, 64, 64>, Conv<out<2>, taps<diagonal, antidiagonal>>,
                          Conv<out<2>, taps<diagonal, antidiagonal>, dil<2>>>;
static_assert(independent_subnets<Diagonals> == 2);

// Rows that never meet are more the larger the map is; two taps down and to the right reach everything.
static_assert(independent_subnets<Masked<horizontal, 1, 2>> == 0);
template <int Dilation>
using Corner = Sequential<Conv<out<1>, taps<mask<"000 011 000">>, dil<Dilation>>,
                          Conv<out<1>, taps<mask<"000 010 010">>, dil<Dilation>>>;
using Corners = Network<Input<1, 64, 64>, Corner<1>, Corner<2>, Corner<4>, Corner<8>>;
static_assert(support<Corners>.height == 16 && support<Corners>.width == 16 && is_hole_free<Corners>);
static_assert(independent_subnets<Corners> == 1);
static_assert(near(directionality<Corners>.row, 7.5) && near(directionality<Corners>.column, 7.5));
static_assert(directionality<Corners>.anisotropy == 0);
static_assert(parameter_count<Corners> == 8 * 3);

using Crosses = Masked<cross, 1, 2, 4, 8>;
static_assert(support<Crosses>.width == 31 && near(coverage<Crosses>, 0.35) && independent_subnets<Crosses> == 1);

using Falling = Masked<ends<diagonal>, 1, 2, 4, 8>;
static_assert(near(directionality<Falling>.angle, -45) && near(directionality<Falling>.anisotropy, 1));
static_assert(near(directionality<Masked<antidiagonal, 1, 2>>.angle, 45));
static_assert(directionality<Masked<vertical, 1, 2>>.angle == 90 && directionality<Masked<horizontal, 1>>.angle == 0);

// Sixteen plain layers see 33 positions, but hardly the outer half (Luo et al. 2016).
using Plain16 = Network<Input<1, 256, 256>, Repeat<16, Conv<out<1>>>>;
static_assert(receptive_field<Plain16> == 33 && near(effective_receptive_field<Plain16>.height.ratio, 0.40));

// WaveNet's doubling with two taps is without holes, tripling is not.
template <int I>
using Step = Residual<Sequential<Gated<Conv<out<16>, ker<2>, dil<(1 << I)>, causal>>, Conv1x1<8>>>;
using Wave = Network<Input<8, 4096>, Repeat<3, RepeatWith<10, Step>>>;
static_assert(support<Wave>.width == 3'070 && support<Wave>.left == -3'069 && is_hole_free<Wave>);
constexpr int power_of_3(int n) { return n == 0 ? 1 : 3 * power_of_3(n - 1); }
template <int I>
using Triple = Conv<out<1>, ker<2>, dil<power_of_3(I)>, causal>;
using Tripling = Network<Input<1, 4096>, RepeatWith<7, Triple>>;
static_assert(support<Tripling>.width == 1'094 && support<Tripling>.count() == 1'094 - 966);

// Patches that do not overlap share nothing; strides count in output units.
static_assert(independent_subnets<Network<Input<1, 64, 64>, Conv<out<1>, ker<2>, stride<2>, valid>>> == 0);
static_assert(independent_subnets<Network<Input<1, 64, 64>, Conv<out<1>, stride<2>>>> == 1);

// Down by four and up again: sixteen kinds of output units, one support.
template <class... Bottom>
using Hourglass = Network<Input<1, 64, 64>, Tap<"in">, MaxPool<ker<2>, stride<2>>, MaxPool<ker<2>, stride<2>>,
                          Bottom..., Deconv<ker<2>, stride<2>>, Deconv<ker<2>, stride<2>>, ConcatFrom<"in">>;
static_assert(support<Hourglass<>>.height == 7 && is_hole_free<Hourglass<>>);
static_assert(independent_subnets<Hourglass<>> == 0 && independent_subnets<Hourglass<Conv<out<1>>>> == 1);

// Positions of the list, and the map before GAP and Dense.
using Classifier = Network<Input<3, 32, 32>, Conv<out<4>>, ReLU, Conv<out<4>, dil<2>>, GAP, Conv1x1<10>>;
static_assert(support_at<Classifier, 0>.width == 3 && support_at<Classifier, 2>.width == 7);
static_assert(support_at<Classifier, 4>.width == 7 && support<Classifier>.width == 7);

// Branches of different reach.
using Branches = Network<Input<1, 64, 64>, Conv<out<4>>, Parallel<Sum, Conv<out<4>>, Conv<out<4>, dil<6>>, Identity>>;
static_assert(minimal_receptive_field<Branches> == 3 && maximal_receptive_field<Branches> == 15);
static_assert(support<Branches>.width == 15 && !is_hole_free<Branches>);

// Layers behind the one that sees all of 8x8 add nothing but taps in the padding.
using Small = Network<Input<1, 8, 8>, Conv<out<1>>, ReLU, Conv<out<1>, dil<3>>, Conv<out<1>, dil<7>>, GAP, Conv1x1<2>>;
static_assert(border_layer<Small> == 3 && border_layer<Classifier> == layers<Classifier>.size());
static_assert(near(valid_tap_fraction<Small, 3>, (8 + 2) * (8 + 2) / 576.0));
static_assert(near(valid_tap_fraction<Network<Input<1, 32, 32>, Conv<dil<8>>>, 0>, 0.69));
static_assert(near(valid_tap_fraction<Network<Input<1, 32, 32>, Conv<dil<16>>>, 0>, 0.44));
static_assert(near(valid_tap_fraction<Network<Input<1, 32, 32>, Conv<dil<32>>>, 0>, 0.11));
static_assert(valid_tap_fractions<Small>[1] == 1);

}  // namespace
