// SPDX-License-Identifier: BSD-3-Clause
// Whichever question is asked first reports the mistake: nineteen networks, one question each.
// errors: 19
// expect: needs<51, 51>, got<32, 32>>
// expect: needs<52, 52>, got<32, 32>>
// expect: needs<53, 53>, got<32, 32>>
// expect: needs<54, 54>, got<32, 32>>
// expect: needs<55, 55>, got<32, 32>>
// expect: needs<56, 56>, got<32, 32>>
// expect: needs<57, 57>, got<32, 32>>
// expect: needs<58, 58>, got<32, 32>>
// expect: needs<59, 59>, got<32, 32>>
// expect: needs<60, 60>, got<32, 32>>
// expect: needs<61, 61>, got<32, 32>>
// expect: needs<62, 62>, got<32, 32>>
// expect: needs<63, 63>, got<32, 32>>
// expect: needs<64, 64>, got<32, 32>>
// expect: needs<65, 65>, got<32, 32>>
// expect: needs<66, 66>, got<32, 32>>
// expect: needs<67, 67>, got<32, 32>>
// expect: needs<68, 68>, got<32, 32>>
// expect: needs<69, 69>, got<32, 32>>
#include <fovea/dsl.hpp>
#include <iostream>

using namespace fovea;

#ifndef CORRECTED
template <int K>
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<K>, valid>, GAP, Conv1x1<10>, Softmax>;
#else
template <int K>
using Net = Network<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<K>>, GAP, Conv1x1<10>, Softmax>;
#endif

static_assert(receptive_field<Net<51>> == 53);
static_assert(receptive_field_at<Net<52>, 1> == 54);
static_assert(output_shape<Net<53>> == Shape{10, 1, 1});
static_assert(shape_at<Net<54>, 2> == Shape{8, 1, 1});
static_assert(input_shape<Net<55>> == Shape{3, 32, 32});
static_assert(parameter_count<Net<56>> > 100);
static_assert(buffer_count<Net<57>> == 0);
static_assert(mac_count<Net<58>> > 100);
static_assert(executed_mac_count<Net<59>> > 100);
static_assert(activation_bytes<Net<60>> > 100);
static_assert(layer_count<Net<61>> == 5);
static_assert(layers<Net<62>>[1].name == "Conv");
static_assert(lookahead<Net<63>> == 32);
static_assert(!is_causal<Net<64>>);
static_assert(total_stride<Net<65>> == 1);
static_assert(sees_whole_input<Net<66>>);
static_assert(tensors<Net<67>>[1].name == "0.bias");
static_assert(is_valid<Net<69>>);
inline void print() {
    std::cout << report<Net<68>>;
}
