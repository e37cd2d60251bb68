// SPDX-License-Identifier: BSD-3-Clause
// Are output extents, padding and taps inside the data right? Against loops that place every window and look at every
// tap.
#include <fovea/dsl.hpp>

using namespace fovea;
using detail::inside_count;
using detail::resolve_axis;
using detail::sees_only_padding;

namespace {

struct placed {
    int outputs = 0;
    int before = 0;
    int after = 0;
};

/// Padding and outputs found by trying, from the options' definitions, not from a formula.
constexpr placed place(int extent, int kernel, int dilation, int stride, int pad, padding_rule rule) {
    int span = 0;
    for (int k = 1; k < kernel; ++k) {
        span += dilation;
    }
    placed p;
    if (rule == padding_rule::same) {
        // An output at every stride-th position of the input; then as little padding as lets the last window end
        // inside,
        // one position at a time, the odd one behind.
        int last = 0;
        for (int at = 0; at < extent; at += stride) {
            ++p.outputs;
            last = at;
        }
        for (int side = 1; last + span >= extent + p.before + p.after; ++side) {
            ++(side % 2 == 1 ? p.after : p.before);
        }
        return p;
    }
    p.before = rule == padding_rule::causal ? span : rule == padding_rule::fixed ? pad : 0;
    p.after = rule == padding_rule::fixed ? pad : 0;
    for (int at = -p.before; at + span < extent + p.after; at += stride) {
        ++p.outputs;
    }
    return p;
}

/// One geometry: resolve_axis, inside_count and sees_only_padding against the taps themselves.
constexpr bool agrees(int extent, int kernel, int dilation, int stride, int pad, padding_rule rule) {
    std::size_t outputs = 0;
    const axis_window w = resolve_axis(static_cast<std::size_t>(extent), kernel, dilation, stride, pad, rule, outputs);
    const placed p = place(extent, kernel, dilation, stride, pad, rule);
    if (outputs != static_cast<std::size_t>(p.outputs) || w.pad_before != static_cast<std::size_t>(p.before) ||
        w.pad_after != static_cast<std::size_t>(p.after)) {
        return false;
    }
    bool blind = false;
    int inside_of_tap[8] = {};
    for (int o = 0; o < p.outputs; ++o) {
        bool sees = false;
        for (int k = 0; k < kernel; ++k) {
            const int at = o * stride - p.before + k * dilation;
            const bool inside = at >= 0 && at < extent;
            inside_of_tap[k] += inside;
            sees = sees || inside;
        }
        blind = blind || !sees;
    }
    for (int k = 0; k < kernel; ++k) {
        if (inside_count(w, static_cast<std::size_t>(extent), outputs, static_cast<std::size_t>(k)) !=
            static_cast<std::size_t>(inside_of_tap[k])) {
            return false;
        }
    }
    return sees_only_padding(w, static_cast<std::size_t>(extent), outputs) == blind;
}

/// All geometries of one kernel, rule and pad: extents 1..17, dilations 1..4, strides 1..4. How many agree.
constexpr int agreeing(int kernel, padding_rule rule, int pad = 0) {
    int count = 0;
    for (int extent = 1; extent <= 17; ++extent) {
        for (int dilation = 1; dilation <= 4; ++dilation) {
            for (int stride = 1; stride <= 4; ++stride) {
                count += agrees(extent, kernel, dilation, stride, pad, rule);
            }
        }
    }
    return count;
}

// A constant for each: clang allows 1,048,576 steps in one. 6 * 7 * 272 = 11,424 geometries.
template <int Kernel>
constexpr bool all_rules = agreeing(Kernel, padding_rule::same) == 272 &&
    agreeing(Kernel, padding_rule::valid) == 272 &&
                           agreeing(Kernel, padding_rule::causal) == 272;
template <int Kernel, int Pad>
constexpr bool padded = agreeing(Kernel, padding_rule::fixed, Pad) == 272;

static_assert(all_rules<1> && all_rules<2> && all_rules<3>);
static_assert(all_rules<4>);
static_assert(all_rules<5>);
static_assert(all_rules<7>);
static_assert(padded<1, 0> && padded<1, 1> && padded<1, 5> && padded<2, 0> && padded<2, 1> && padded<2, 5>);
static_assert(padded<3, 1> && padded<3, 2> && padded<3, 7> && padded<4, 1> && padded<4, 3> && padded<4, 6>);
static_assert(padded<5, 1> && padded<5, 2> && padded<5, 8>);
static_assert(padded<7, 1> && padded<7, 3> && padded<7, 9>);

// --- the same through networks: which option reaches which axis -----------------------------------------------------

template <class... Options>
using Once = Network<Input<2, 12, 19>, Conv<out<3>, Options...>>;
template <class... Options>
constexpr Shape shape = output_shape<Once<Options...>>;

static_assert(shape<> == Shape{3, 12, 19});
static_assert(shape<stride<2>> == Shape{3, 6, 10});
static_assert(shape<stride<2, 3>> == Shape{3, 6, 7});
static_assert(shape<stride<3, 2>> == Shape{3, 4, 10});
static_assert(shape<valid> == Shape{3, 10, 17});
static_assert(shape<valid, ker<5, 2>> == Shape{3, 8, 18});
static_assert(shape<valid, ker<2, 5>> == Shape{3, 11, 15});
static_assert(shape<valid, dil<2, 4>> == Shape{3, 8, 11});
static_assert(shape<valid, dil<4, 2>> == Shape{3, 4, 15});
static_assert(shape<pad<0>> == shape<valid>);
static_assert(shape<pad<1>> == shape<>);
static_assert(shape<pad<2, 0>> == Shape{3, 14, 17});
static_assert(shape<pad<0, 2>> == Shape{3, 10, 21});
static_assert(shape<causal, ker<4>, dil<3>> == Shape{3, 12, 19});
static_assert(shape<causal, stride<4>> == Shape{3, 3, 5});
static_assert(shape<valid, ker<12, 19>> == Shape{3, 1, 1});
// The options' order does not matter.
static_assert(shape<dil<2, 4>, valid, stride<1, 2>> == shape<stride<1, 2>, dil<2, 4>, valid>);

// An even total puts the odd row or column at the bottom / right (TensorFlow's SAME).
constexpr const layer_info& even = layers<Once<ker<4, 2>>>[0];
static_assert(even.rows.pad_before == 1 && even.rows.pad_after == 2);
static_assert(even.columns.pad_before == 0 && even.columns.pad_after == 1);

// Pools do not downsample unless asked, keep channels, and take the same paddings.
template <class Brick>
constexpr Shape after = output_shape<Network<Input<5, 12, 19>, Brick>>;
static_assert(after<MaxPool<>> == Shape{5, 12, 19} && after<AvgPool<ker<2>>> == Shape{5, 12, 19});
static_assert(after<MaxPool<ker<2>, stride<2>>> == Shape{5, 6, 10});
static_assert(after<MaxPool<ker<2>, stride<2>, valid>> == Shape{5, 6, 9});
static_assert(after<AvgPool<ker<3>, stride<2>, pad<1>>> == Shape{5, 6, 10});
static_assert(after<AvgPool<ker<3, 5>, valid>> == Shape{5, 10, 15});
static_assert(after<GAP> == Shape{5, 1, 1});
static_assert(after<Dense<7>> == Shape{7, 1, 1});
static_assert(after<Conv1x1<7>> == Shape{7, 12, 19});
static_assert(after<Conv1x1<7, stride<2>>> == Shape{7, 6, 10});
static_assert(after<DepthwiseConv<>> == Shape{5, 12, 19} && after<DepthwiseConv<out<15>, valid>> == Shape{15, 10, 17});
template <class... Bricks>
constexpr bool keeps = ((after<Bricks> == Shape{5, 12, 19}) && ...);
static_assert(keeps<BatchNorm, BatchNormOf<std::ratio<1, 1000>>, ReLU, LeakyReLU, LeakyReLUOf<std::ratio<1, 5>>,
    PReLU, Sigmoid,
                    Tanh, SiLU, Softmax, Dropout<0>, Dropout<99>, Identity>);

// 1-D: height 1, whatever the kernel and the pad; time along the width.
template <class Brick>
constexpr Shape in_time = output_shape<Network<Input<2, 100>, Brick>>;
static_assert(in_time<Conv<out<3>, ker<5>, dil<4>>> == Shape{3, 1, 100});
static_assert(in_time<Conv<out<3>, ker<5>, dil<4>, valid>> == Shape{3, 1, 84});
static_assert(in_time<Conv<out<3>, ker<5>, pad<7>>> == Shape{3, 1, 110});
static_assert(in_time<Conv<out<3>, stride<4>>> == Shape{3, 1, 25});
static_assert(in_time<MaxPool<ker<2>, stride<2>>> == Shape{2, 1, 50});
static_assert(in_time<GAP> == Shape{2, 1, 1});
static_assert(input_shape<Network<Input<2, 100>, ReLU>> == Shape{2, 1, 100});
static_assert(input_shape<Network<Input<2, 100, 1>, ReLU>> == Shape{2, 100, 1});

// shape_at counts the positions of the network's list: a container is one, and answers with its last brick.
using Mixed = Network<Input<3, 32, 32>, Conv<out<8>, stride<2>>, Repeat<3, Conv<out<9>, valid>, ReLU>,
                      Sequential<Conv1x1<4>, Sequential<MaxPool<stride<2>>>>, GAP, Conv1x1<10>, Softmax>;
static_assert(shape_at<Mixed, 0> == Shape{8, 16, 16});
static_assert(shape_at<Mixed, 1> == Shape{9, 10, 10});
static_assert(shape_at<Mixed, 2> == Shape{4, 5, 5});
static_assert(shape_at<Mixed, 3> == Shape{4, 1, 1});
static_assert(shape_at<Mixed, 5> == output_shape<Mixed> && output_shape<Mixed> == Shape{10, 1, 1});
static_assert(layer_count<Mixed> == 1 + 6 + 2 + 3);

// What a pool may and may not step over.
static_assert(detail::sound<Network<Input<1, 9, 3>, AvgPool<ker<1, 2>, dil<2>>>>);
static_assert(!detail::sound<Network<Input<1, 9, 2>, AvgPool<ker<1, 2>, dil<4>>>>);
static_assert(detail::sound<Network<Input<1, 9, 2>, AvgPool<ker<1, 3>, dil<4>>>>);
static_assert(detail::sound<Network<Input<1, 9, 9>, MaxPool<ker<2>, pad<1>>>>);
static_assert(!detail::sound<Network<Input<1, 9, 9>, MaxPool<ker<2>, pad<2>>>>);
// Long signals are no matter of steps.
static_assert(output_shape<Network<Input<1, 2'000'000'000>, MaxPool<ker<5>, dil<3>, pad<4>>>> == Shape{1, 1,
    1'999'999'996});

}  // namespace
