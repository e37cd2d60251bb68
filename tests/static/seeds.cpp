// SPDX-License-Identifier: BSD-3-Clause
// Do the seed networks have the numbers they are known by? The header claims parameters, fields and MACs; here is the
// rest.
#include <seed_networks.hpp>

using namespace fovea;

namespace {

using seed::Dilated4, seed::LargeKernel4, seed::Strided4, seed::Cascade10, seed::Depthwise10, seed::Wide4,
    seed::Segment;

static_assert(layer_count<Dilated4> == 15 && layer_count<Cascade10> == 31 && layer_count<Depthwise10> == 31);
static_assert(tensors<Dilated4>.size() == 4 * 6 + 2 && tensors<Depthwise10>.size() == 9 * 6 + 2 + 2);
static_assert(buffer_count<Dilated4> == 2 * (16 + 24 + 32 + 48) && buffer_count<Wide4> == 2 * (64 + 128 + 256 + 512));
static_assert(buffer_count<Cascade10> == 2 * (16 + 20 + 24 + 28 + 30 + 32 + 36 + 38 + 42));
static_assert(buffer_count<Depthwise10> == 2 * (16 * 2 + 24 * 3 + 32 * 4));

// The field after each convolution.
static_assert(receptive_field_at<Dilated4, 0> == 3 && receptive_field_at<Dilated4, 3> == 7);
static_assert(receptive_field_at<Dilated4, 6> == 15 && receptive_field_at<Dilated4, 9> == 31);
static_assert(receptive_field_at<LargeKernel4, 0> == 3 && receptive_field_at<LargeKernel4, 3> == 7);
static_assert(receptive_field_at<LargeKernel4, 6> == 13 && receptive_field_at<LargeKernel4, 9> == 21);
static_assert(receptive_field_at<Strided4, 3> == 5 && receptive_field_at<Strided4, 6> == 9 &&
    receptive_field_at<Strided4, 9> == 17);
static_assert(receptive_field<Dilated4>.height.before == 15 && lookahead<Dilated4> == 15 && lookahead<Segment> == 63);
static_assert(shape_at<Dilated4, 11> == Shape{48, 32, 32} && shape_at<Strided4, 11> == Shape{48, 4, 4});
static_assert(total_stride<Segment> == 1 && shape_at<Segment, 17> == Shape{48, 64, 84});

// 31 of 32 positions is not all of them; 127 of 84 is.
static_assert(!sees_whole_input<Dilated4> && !sees_whole_input<Strided4> && sees_whole_input<Segment>);

// Products with the padding are 31 % of a 3x3 at dilation 8 on 32x32: of 9 taps 4 miss 8 rows, 4 miss 8 columns.
constexpr std::size_t last = layers<Dilated4>[9].macs;
static_assert(last == 48 * 32 * 9 * 1024 && detail::executed_macs(layers<Dilated4>[9]) == 48 * 32 * (80 * 80));
static_assert(executed_mac_count<Dilated4> ==
              3 * 16 * 94 * 94 + 16 * 24 * 92 * 92 + 24 * 32 * 88 * 88 + 32 * 48 * 80 * 80 + 480);
static_assert(executed_mac_count<Wide4> < mac_count<Wide4>);

// All five classifiers of 3x32x32 give ten numbers, none sees the future for nothing.
template <class... Nets>
constexpr bool classify = ((output_shape<Nets> == Shape{10, 1, 1} && input_shape<Nets> == Shape{3, 32, 32} &&
    !is_causal<Nets>) && ...);
static_assert(classify<Dilated4, LargeKernel4, Strided4, Cascade10, Depthwise10, Wide4>);

}  // namespace
