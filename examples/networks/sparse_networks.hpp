// SPDX-License-Identifier: BSD-3-Clause
// Networks whose kernels have few taps: a kernel may be sparse as long as it keeps the receptive field.
#pragma once

#include <fovea/dsl.hpp>

namespace sparse {

using namespace fovea;

/// Two of nine taps, the ends of a line; the output channels take the four directions in turn.
template <int Channels>
using TwoTaps = Conv<out<Channels>, taps<ends<horizontal>, ends<vertical>, ends<diagonal>, ends<antidiagonal>>>;

/// Cascade10 with them: 22 % of its products, the same field, and no hole in it.
using TwoTap10 = Network<Input<3, 32, 32>,
    TwoTaps<16>, BatchNorm, ReLU,
    TwoTaps<20>, BatchNorm, ReLU,
    TwoTaps<24>, BatchNorm, ReLU,
    TwoTaps<28>, BatchNorm, ReLU,
    TwoTaps<30>, BatchNorm, ReLU,
    TwoTaps<32>, BatchNorm, ReLU,
    TwoTaps<36>, BatchNorm, ReLU,
    TwoTaps<38>, BatchNorm, ReLU,
    TwoTaps<42>, BatchNorm, ReLU,
    TwoTaps<48>,
    GAP, Conv1x1<10>, Softmax>;
static_assert(claim<parameter_count<TwoTap10>, 20'240>);
static_assert(claim<mac_count<TwoTap10>, 19'358'176>);
static_assert(claim<receptive_field<TwoTap10>, 21>);
static_assert(is_hole_free<TwoTap10> && coverage<TwoTap10> == 1.0);
static_assert(claim<independent_subnets<TwoTap10>, 1>);
static_assert(directionality<TwoTap10>.anisotropy < 1e-9);

/// What one direction alone would do, layer by layer.
template <class Pattern>
using OneWay = Network<Input<3, 32, 32>, Repeat<10, Conv<out<16>, taps<Pattern>>>>;
static_assert(claim<receptive_field<OneWay<ends<diagonal>>>, 21>);
static_assert(coverage<OneWay<ends<diagonal>>> < 0.03);
static_assert(directionality<OneWay<ends<diagonal>>>.angle == -45 && directionality<OneWay<ends<diagonal>>>.anisotropy > 0.99);
static_assert(claim<receptive_field<OneWay<ends<horizontal>>>, Extent{1, 21}>);

/// And two directions: every second position is missing, or three of four.
template <class... Patterns>
using Ways = Network<Input<3, 32, 32>, Repeat<10, Conv<out<16>, taps<Patterns...>>>>;
static_assert(claim<independent_subnets<Ways<ends<horizontal>, ends<vertical>>>, 2>);
static_assert(claim<independent_subnets<Ways<ends<diagonal>, ends<antidiagonal>>>, 4>);

}  // namespace sparse
