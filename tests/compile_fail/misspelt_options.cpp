// SPDX-License-Identifier: BSD-3-Clause
// Options by the names of other libraries: one error each, with fovea's names.
// errors: 8
// expect: wrong_option<layer<0>, Conv<dilation<2>>, got_option<dilation<2>>>
// expect: wrong_option<layer<0>, Conv<out<4>, kernel<3>>, got_option<kernel<3>>>
// expect: got_option<kernel_size<5, 3>>
// expect: got_option<padding<1>>
// expect: wrong_option<layer<0>, MaxPool<strides<2>>, got_option<strides<2>>>
// expect: got_option<dilation_rate<2>>
// expect: got_option<out_channels<16>>
// expect: wrong_option<layer<0>, Deconv<filters<16>>, got_option<filters<16>>>
// expect: options have short names: out<16> channels, ker<3> (kernel)
#include <fovea/dsl.hpp>

using namespace fovea;

template <class... Bricks>
inline constexpr bool valid_with = is_valid<Network<Input<4, 16, 16>, Bricks...>>;

#ifndef CORRECTED
static_assert(valid_with<Conv<dilation<2>>> && valid_with<Conv<out<4>, kernel<3>>>);
static_assert(valid_with<DepthwiseConv<kernel_size<5, 3>>> && valid_with<AvgPool<padding<1>>>);
static_assert(valid_with<MaxPool<strides<2>>> && valid_with<Conv<dilation_rate<2>>>);
static_assert(valid_with<Conv<out_channels<16>>> && valid_with<Deconv<filters<16>>>);
#else
static_assert(valid_with<Conv<dil<2>>, Conv<out<4>, ker<3>>, DepthwiseConv<ker<5, 3>>, AvgPool<pad<1>>>);
static_assert(valid_with<MaxPool<stride<2>>, Conv<out<16>>, Deconv<out<16>>>);
#endif
