// SPDX-License-Identifier: BSD-3-Clause
// docs/concepts.md: what can be declared and asked; every claim is checked while this file is compiled.
#include <fovea/dsl.hpp>

#include <iostream>

using namespace fovea;

// [layers]
using Small = Network<Input<3, 32, 32>, Conv<out<16>, dil<2>>, BatchNorm, ReLU, GAP, Conv1x1<10>>;

constexpr std::size_t widest() {
    std::size_t most = 0;
    for (const layer_info& l : layers<Small>) {
        most = l.output.channels > most ? l.output.channels : most;
    }
    return most;
}
static_assert(widest() == 16);
static_assert(layers<Small>[0].name == "Conv" && layers<Small>[0].parameters == 448);
// [layers]

// [containers]
using Deep = Network<Input<3, 32, 32>,
    Conv<out<16>>, ReLU,                                // positions 0 and 1
    Repeat<2, DepthwiseConv<>, BatchNorm, ReLU>,        // position 2: 2.0.0, 2.0.1, 2.0.2, 2.1.0, ...
    Sequential<Conv<out<24>>, ReLU>,                    // position 3: 3.0, 3.1
    Conv1x1<10>>;                                       // position 4

static_assert(claim<layer_count<Deep>, 11>);            // leaf bricks
static_assert(claim<shape_at<Deep, 3>, Shape{24, 32, 32}>);  // behind position 3, the Sequential
static_assert(layers<Deep>[5].path == "2.1.0");
// [containers]

// [fields]
using Even = Network<Input<1, 32, 32>, Conv<ker<2>>>;
static_assert(claim<receptive_field<Even>, 2>);
static_assert(claim<receptive_field<Even>.width.before, 0>);
static_assert(claim<receptive_field<Even>.width.after, 1>);    // `same` puts the odd one behind

using Wide = Network<Input<1, 32, 32>, Conv<ker<3, 5>, dil<4, 1>>>;
static_assert(claim<receptive_field<Wide>, Extent{9, 5}>);     // height, width

using Pooled = Network<Input<1, 32, 32>, Conv<>, MaxPool<ker<2>, stride<2>>, Conv<>, GAP>;
static_assert(claim<receptive_field<Pooled>, 8>);              // 1 + 2*1 + 1*1 + 2*2, frozen behind GAP
static_assert(claim<receptive_field<Pooled>.width.stride, 2>);
static_assert(claim<receptive_field<Pooled>.width.padding, 3>);  // 1 from the first Conv, 0 from the pool, 1*2 from the last
static_assert(claim<receptive_field_at<Pooled, 0>, 3>);

using Wave = Network<Input<1, 16'000>,
    Conv<out<16>, ker<2>, dil<1>, causal>, Tanh,
    Conv<out<16>, ker<2>, dil<2>, causal>, Tanh,
    Conv<out<16>, ker<2>, dil<4>, causal>, Tanh,
    Conv1x1<1>>;
static_assert(claim<receptive_field<Wave>, 8>);                // time steps
static_assert(is_causal<Wave> && lookahead<Wave> == 0);
// [fields]

// [cost]
using Dilated = Network<Input<16, 32, 32>, Conv<out<16>, dil<8>>>;
static_assert(claim<mac_count<Dilated>, 16 * 16 * 3 * 3 * 32 * 32>);
static_assert(claim<executed_mac_count<Dilated>, 16 * 16 * (32 + 2 * 24) * (32 + 2 * 24)>);  // taps inside the map
static_assert(claim<activation_bytes<Dilated>, 4 * (16 + 16) * 32 * 32>);
static_assert(claim<parameter_count<Dilated>, 16 * 16 * 3 * 3 + 16>);
// [cost]

// [tensors]
static_assert(tensors<Deep>[0].name == "0.weight" && tensors<Deep>[0].rank == 4);
static_assert(tensors<Deep>[2].name == "2.0.0.weight");
static_assert(tensors<Deep>[2].extents == std::array<std::size_t, 4>{16, 1, 3, 3});
// [tensors]

int main() { std::cout << report<Deep>; }
