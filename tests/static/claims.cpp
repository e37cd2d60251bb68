// SPDX-License-Identifier: BSD-3-Clause
// Claims agree exactly where == does, of every kind of answer; that wrong ones say both values is in
// tests/compile_fail/wrong_claim*.cpp.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

using Net = Network<Input<3, 32, 32>, Conv<out<4>>, Conv<out<4>, dil<2>, no_bias>>;
using Wide = Network<Input<3, 32, 32>, Conv<ker<3, 5>, dil<4, 1>>>;
using Wave = Network<Input<1, 100>, Conv<causal>, Conv<dil<2>, causal>>;
using Larger = Network<Input<3, 32, 32>, Conv<out<4>>, Upsample<2>>;
using Holes = Network<Input<1, 64, 64>, Conv<dil<2>>, Conv<dil<2>>>;

static_assert(is_valid<Net> && claim<is_valid<Net>> && claim<is_valid<Net>, true>);
static_assert(claim<receptive_field<Net>, 7> && claim<receptive_field<Net>, Extent{7, 7}>);
static_assert(claim<receptive_field<Wide>, Extent{9, 5}> && claim<receptive_field<Net>.width.after, 3U>);
static_assert(claim<receptive_field<Wave>, 7> && claim<receptive_field<Wave>, Extent{1, 7}>);
static_assert(claim<receptive_field_at<Net, 0>, 3> && claim<minimal_receptive_field<Net>, 7>);
static_assert(claim<output_shape<Net>, Shape{4, 32, 32}> && claim<shape_at<Wave, 0>, Shape{1, 1, 100}>);
static_assert(claim<output_shape<Net>.channels, 4> && claim<input_shape<Net>, Shape{3, 32, 32}>);
static_assert(claim<parameter_count<Net>, 112 + 144> && claim<mac_count<Net>, 258'048> && claim<lookahead<Net>, 3>);
static_assert(claim<total_stride<Net>, 1> && claim<total_stride<Net>, Extent{1, 1}> && claim<lookahead<Wave>, 0>);
static_assert(claim<total_stride<Larger>, std::ratio<1, 2>{}> && claim<total_stride<Larger>, 0.5>);
static_assert(claim<total_stride<Larger>, Stride{{1, 2}, {1, 2}}>);
static_assert(claim<is_causal<Wave>> && claim<is_causal<Net>, false> && claim<is_hole_free<Holes>, false>);
static_assert(claim<coverage<Net>, 1.0> && claim<coverage<Net>, 1> && claim<coverage<Holes>, 25.0 / 81>);
static_assert(claim<support<Holes>.count(), 25> && claim<independent_subnets<Holes>, 4>);
static_assert(claim<tensors<Net>[0].extents, std::array<std::size_t, 4>{4, 3, 3, 3}>);
static_assert(claim<layers<Net>[0].kind, brick_kind::conv> && claim<is_within<Net, parameters<256>>>);
static_assert(claim<directionality<Net>.angle, 0.0> && claim<dilations_for<31, 4>.receptive_field, 31>);

// What a claim must refuse, beside what it must not.
constexpr bool agree(const detail::claim_value& got, const detail::claim_value& claimed) { return got.agrees(claimed); }
static_assert(agree(Extent{7, 7}, 7) && !agree(Extent{7, 9}, 7) && !agree(Extent{7, 9}, 9) && !agree(Extent{9, 7}, 7));
static_assert(agree(Extent{1, 7, true}, 7) && !agree(Extent{1, 7, true}, 1) && !agree(Extent{1, 7, true}, Extent{7, 7}));
static_assert(agree(Shape{7, 7, 7}, Shape{7, 7, 7}) && !agree(Shape{7, 7, 7}, 7) && !agree(Shape{10}, Shape{10, 2}));
static_assert(agree(Stride{{1, 2}, {3, 1}}, Stride{{1, 2}, {3, 1}}) && !agree(Stride{{1, 2}, {3, 1}}, std::ratio<1, 2>{}));
static_assert(agree(stride_ratio{2, 1}, 2) && !agree(stride_ratio{1, 2}, 1) && !agree(stride_ratio{1, 2}, stride_ratio{1, 3}));
static_assert(agree(true, true) && !agree(true, false) && !agree(0.5, 0.25) && !agree(1, 1.5) && !agree(-1, 1U));
static_assert(!agree((1LL << 60) + 1, 1LL << 60) && !agree(std::array<std::size_t, 2>{3, 3}, 3));

}  // namespace
