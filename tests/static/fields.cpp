// SPDX-License-Identifier: BSD-3-Clause
// Is the receptive field right? Against the set of input positions that a unit reaches when its taps are followed one
// by one.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

/// Linear congruential numbers (Knuth's MMIX), high bits.
struct numbers {
    std::uint64_t state;
    constexpr int below(int n) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<int>((state >> 33U) % static_cast<std::uint64_t>(n));
    }
};

struct window {
    axis_window axis{};
    padding_rule rule = padding_rule::same;
};

struct reach {
    int first = 0;
    int last = 0;
    int own = 0;  ///< where the unit itself sits: the middle tap's position, the last one's when causal
};

/// Follows every tap of unit `unit` through up to four windows, last one first, as a set of positions around an origin.
constexpr reach follow(const window* windows, int count, int unit) {
    constexpr int origin = 400, room = 1200;
    bool set[room] = {}, next[room] = {};
    int low = origin + unit, high = low, own = unit;
    set[low] = true;
    for (int i = count - 1; i >= 0; --i) {
        const axis_window& w = windows[i].axis;
        const int kernel = static_cast<int>(w.kernel), dilation = static_cast<int>(w.dilation),
                  stride = static_cast<int>(w.stride), pad = static_cast<int>(w.pad_before);
        int new_low = room, new_high = 0;
        for (int at = low; at <= high; ++at) {
            if (set[at]) {
                for (int k = 0; k < kernel; ++k) {
                    const int to = origin + (at - origin) * stride - pad + k * dilation;
                    next[to] = true;
                    new_low = to < new_low ? to : new_low;
                    new_high = to > new_high ? to : new_high;
                }
                set[at] = false;
            }
        }
        for (int at = new_low; at <= new_high; ++at) {
            set[at] = next[at];
            next[at] = false;
        }
        low = new_low;
        high = new_high;
        const int span = (kernel - 1) * dilation;
        own = own * stride - pad + (windows[i].rule == padding_rule::causal ? span : span / 2);
    }
    return {low - origin, high - origin, own};
}

constexpr bool field_agrees(std::uint64_t seed) {
    numbers random{seed * 977 + 5};
    window windows[4];
    const int count = 1 + random.below(4);
    std::size_t extent = 200;
    detail::axis_path path{};
    for (int i = 0; i < count; ++i) {
        window& w = windows[i];
        w.rule = static_cast<padding_rule>(random.below(4));
        std::size_t outputs = 0;
        const int kernel = 1 + random.below(5), dilation = 1 + random.below(4), stride = 1 + random.below(3);
        w.axis = detail::resolve_axis(extent, kernel, dilation, stride, random.below(5), w.rule, outputs);
        path = detail::through_window(path, w.axis, w.rule, {0, w.axis.kernel - 1});
        extent = outputs;
        if (extent == 0) {
            return true;
        }
    }
    const axis_field field = detail::field_of(path);
    const reach zero = follow(windows, count, 0), one = follow(windows, count, 1);
    const auto same = [](std::size_t a, int b) { return std::cmp_equal(a, b); };
    return same(field.size, zero.last - zero.first + 1) && field.least == field.size &&
           field.stride == one.first - zero.first &&
           same(field.padding, -zero.first) && same(field.before, zero.own - zero.first) &&
           same(field.after, zero.last - zero.own);
}

template <int Batch>
constexpr int agreeing = [] {
    int count = 0;
    for (int i = 0; i < 20; ++i) {
        count += field_agrees(static_cast<std::uint64_t>(Batch * 20 + i));
    }
    return count;
}();
template <class Batches>
constexpr int total = 0;
template <int... Batch>
constexpr int total<std::integer_sequence<int, Batch...>> = (agreeing<Batch> + ...);
static_assert(total<std::make_integer_sequence<int, 25>> == 500);

// --- named facts ----------------------------------------------------------------------------------------------------

template <class... Bricks>
using Image = Network<Input<3, 64, 64>, Bricks...>;
template <class... Bricks>
using Signal = Network<Input<1, 4'000>, Bricks...>;

// One 3x3: reaches one beyond every edge.
constexpr ReceptiveField plain = receptive_field<Image<Conv<>>>;
static_assert(plain == 3 && plain != 2 && plain == Extent{3, 3} && plain != Extent{3, 1});
static_assert(plain.height == axis_field{.size = 3, .least = 3, .stride = {1}, .padding = 1, .before = 1, .after = 1});
// Axes keep to themselves: rows first.
constexpr ReceptiveField flat = receptive_field<Image<Conv<ker<3, 5>, dil<4, 1>, stride<1, 2>>, Conv<ker<1, 3>>>>;
static_assert(flat.size() == Extent{9, 9} && flat.stride() == Extent{1, 2});
static_assert(flat.height.padding == 4 && flat.width.padding == 3);  // SAME at stride 2 and 64: 1 before, 2 after; + 2
// Even kernels under `same` lean to the right, causal ones wholly to the left.
constexpr axis_field even = receptive_field<Signal<Conv<ker<4>>>>.width;
static_assert(even == axis_field{.size = 4, .least = 4, .stride = {1}, .padding = 1, .before = 1, .after = 2});
constexpr axis_field past = receptive_field<Signal<Conv<ker<4>, causal>>>.width;
static_assert(past == axis_field{.size = 4, .least = 4, .stride = {1}, .padding = 3, .before = 3, .after = 0});
// valid has no padding to see.
constexpr axis_field bare = receptive_field<Signal<Conv<ker<5>, valid>>>.width;
static_assert(bare == axis_field{.size = 5, .least = 5, .stride = {1}, .padding = 0, .before = 2, .after = 2});
// VGG16's last pool, known from the literature: field 212, stride 32 (Araujo et al., Distill 2019).
using Vgg16 = Network<Input<3, 224, 224>,
    Repeat<2, Conv<out<4>>, ReLU>, MaxPool<ker<2>, stride<2>, valid>, Repeat<2, Conv<out<4>>, ReLU>,
    MaxPool<ker<2>, stride<2>, valid>, Repeat<3, Conv<out<4>>, ReLU>, MaxPool<ker<2>, stride<2>, valid>,
    Repeat<3, Conv<out<4>>, ReLU>, MaxPool<ker<2>, stride<2>, valid>, Repeat<3, Conv<out<4>>, ReLU>,
    MaxPool<ker<2>, stride<2>, valid>>;
static_assert(receptive_field<Vgg16> == 212 && total_stride<Vgg16> == 32);
static_assert(receptive_field<Vgg16>.height.padding == 90);
static_assert(output_shape<Vgg16> == Shape{4, 7, 7});

// WaveNet's stack of dilations 1 .. 512 with kernels of 2: 1,024 samples, none of them in the future.
template <class... Bricks>
using Ten = Signal<Conv<ker<2>, Bricks..., dil<1>>, Conv<ker<2>, Bricks..., dil<2>>, Conv<ker<2>, Bricks..., dil<4>>,
                   Conv<ker<2>, Bricks..., dil<8>>, Conv<ker<2>, Bricks..., dil<16>>, Conv<ker<2>, Bricks..., dil<32>>,
                   Conv<ker<2>, Bricks..., dil<64>>, Conv<ker<2>, Bricks..., dil<128>>, Conv<ker<2>, Bricks...,
                       dil<256>>,
                   Conv<ker<2>, Bricks..., dil<512>>>;
static_assert(receptive_field<Ten<causal>> == 1024 && lookahead<Ten<causal>> == 0 && is_causal<Ten<causal>>);
static_assert(receptive_field<Ten<>> == 1024 && lookahead<Ten<>> == 512 && !is_causal<Ten<>>);
static_assert(receptive_field<Ten<causal>>.width.before == 1023 && receptive_field<Ten<causal>>.height.size == 1);

// One brick that looks ahead spoils a causal network; 1x1 layers and activations do not.
static_assert(is_causal<Signal<Conv<causal>, BatchNorm, ReLU, Conv1x1<4>, Sigmoid>>);
static_assert(!is_causal<Signal<Conv<causal>, Conv<>>> && lookahead<Signal<Conv<causal>, Conv<>>> == 1);
static_assert(!is_causal<Signal<Conv<causal>, GAP>> && !is_causal<Signal<Conv<causal>, Dense<2>>>);
static_assert(is_causal<Network<Input<4, 1>, Dense<2>>>);
static_assert(lookahead<Signal<Conv<ker<7>, dil<3>>>> == 9 && lookahead<Signal<Conv<ker<7>, dil<3>, causal>>> == 0);
static_assert(lookahead<Signal<Conv<stride<4>>, Conv<ker<5>>>> == 1 + 2 * 4);
// In 2-D the larger of rows and columns.
static_assert(lookahead<Image<Conv<ker<3, 7>>>> == 3 && lookahead<Image<Conv<ker<9, 7>>>> == 4);
static_assert(is_causal<Image<Conv<causal>>> && !is_causal<Image<Conv<ker<1, 3>>>> &&
    !is_causal<Image<Conv<ker<3, 1>>>>);

static_assert(total_stride<Image<Conv<>>> == 1 && total_stride<Image<Conv<stride<2>>>> == 2);
static_assert(total_stride<Image<Conv<stride<2>>, MaxPool<stride<1, 3>>>> == Extent{2, 6});
static_assert(total_stride<Image<Conv<stride<2>>, GAP, Conv1x1<4, stride<1>>>> == 2);

// Just as large as the input is enough; one less is not.
static_assert(sees_whole_input<Network<Input<1, 9, 9>, Conv<ker<9>>>>);
static_assert(!sees_whole_input<Network<Input<1, 9, 10>, Conv<ker<9>>>>);
static_assert(!sees_whole_input<Network<Input<1, 10, 9>, Conv<ker<9>>>>);
static_assert(sees_whole_input<Network<Input<1, 9>, Conv<ker<9>>>> &&
    !sees_whole_input<Network<Input<1, 10>, Conv<ker<9>>>>);

// The field is that of the last map of positions: GAP and Dense leave it, and what comes behind does not widen it.
using Head = Image<Conv<dil<2>>, GAP, Conv<ker<3>>, Conv1x1<10>, Softmax>;
static_assert(receptive_field<Head> == 5 && receptive_field_at<Head, 0> == 5 && receptive_field_at<Head, 2> == 5);
static_assert(receptive_field<Image<Conv<dil<2>>, Dense<10>>> == 5);
static_assert(receptive_field<Image<ReLU>> == 1 && receptive_field<Image<MaxPool<ker<5>>>> == 5);

// receptive_field_at and layers<> agree; a container answers with its last brick.
using Nested = Image<Conv<>, Repeat<2, Conv<dil<2>>, ReLU>, Sequential<Conv<>, Sequential<AvgPool<ker<5>>>>, GAP>;
static_assert(receptive_field_at<Nested, 0> == 3 && receptive_field_at<Nested, 1> == 11);
static_assert(receptive_field_at<Nested, 2> == 17 && receptive_field<Nested> == 17);
static_assert(layers<Nested>[1].receptive_field == 7 && layers<Nested>[4].receptive_field == 11);
static_assert(layers<Nested>[5].receptive_field == 13 && layers<Nested>[6].receptive_field == 17);

// --- behind resampling ----------------------------------------------------------------------------------------------
// What all phases see, each from its own position, by following taps.

template <class Net, std::size_t Before, std::size_t After, std::size_t Size = Before + After + 1>
constexpr bool sees = receptive_field<Net>.width.before == Before && receptive_field<Net>.width.after == After &&
                      lookahead<Net> == After && receptive_field<Net> == Size && support<Net>.width == Size &&
                      support<Net>.left == -static_cast<std::int64_t>(Before);
template <int N>
using Halve = MaxPool<ker<N>, stride<N>>;
template <int N>
using Smooth = Upsample<N, bilinear>;
template <class... Bricks>
using Wave = Network<Input<1, 240>, Bricks...>;

// Down and up by the same factors: unit u stands at u, whatever the factors and the ways.
static_assert(sees<Wave<Halve<2>, Smooth<2>>, 2, 2> && sees<Wave<Halve<2>, Upsample<2>>, 1, 1>);
static_assert(sees<Wave<Halve<3>, Smooth<3>>, 3, 3> && sees<Wave<Halve<3>, Upsample<3>>, 2, 2>);
static_assert(sees<Wave<Halve<4>, Smooth<4>>, 5, 5> && sees<Wave<Halve<4>, Upsample<4>>, 3, 3>);
static_assert(sees<Wave<Halve<2>, Halve<2>, Smooth<2>, Smooth<2>>, 6, 6>);
static_assert(sees<Wave<Halve<2>, Halve<2>, Smooth<4>>, 5, 5> && sees<Wave<Halve<4>, Smooth<2>, Smooth<2>>, 6, 6>);
static_assert(sees<Wave<Halve<2>, Deconv<ker<4>, stride<2>, pad<1>>>, 2, 2>);
static_assert(sees<Wave<Halve<2>, Deconv<ker<2>, stride<2>>>, 1, 1>);
static_assert(sees<Wave<Halve<2>, Conv<>, Smooth<2>, Conv<>>, 5, 5>);
static_assert(sees<Wave<Halve<2>, Conv<>, Upsample<2>, Conv<>>, 4, 4>);
static_assert(sees<Wave<Conv<stride<2>, pad<1>>, Deconv<stride<2>, pad<1>, output_pad<1>>>, 2, 2>);
static_assert(support<Wave<Halve<2>, Smooth<2>>>.contains(0, -2) && !support<Wave<Halve<2>, Smooth<2>>>.contains(0, 3));
static_assert(directionality<Wave<Halve<2>, Smooth<2>>>.column == 0);
// An even window of stride 1 still counts its odd tap as `after`: unit u needs u + 4.
static_assert(sees<Wave<Halve<2>, Conv<ker<2>>, Smooth<2>>, 2, 4>);
// Units at u - 1/2 and u + 1/2: one more than the size, on either side enough.
static_assert(sees<Wave<Conv<stride<2>, pad<1>>, Smooth<2>>, 3, 3, 6>);
static_assert(sees<Wave<Conv<stride<2>>, Smooth<2>>, 3, 3, 6>);
static_assert(sees<Wave<Conv<stride<2>, pad<1>>, Upsample<2>>, 2, 2, 4>);
static_assert(directionality<Wave<Conv<stride<2>>, Smooth<2>>>.column == 0);
// A join stands between positions as soon as one of its paths was resampled.
static_assert(sees<Wave<Halve<2>, Parallel<Sum, Identity, Sequential<Halve<2>, Smooth<2>>>>, 5, 5, 10>);
// Finer than the input: 3/4 of a position on either side, two of them.
static_assert(receptive_field<Wave<Smooth<2>>> == 2 && sees<Wave<Smooth<2>>, 1, 1, 2>);
static_assert(receptive_field<Wave<Conv<>, Upsample<2>>> == 3 && receptive_field<Wave<Deconv<ker<4>, stride<2>>>> == 2);
// Held values are not ahead of themselves.
static_assert(is_causal<Wave<Conv<causal, stride<2>>, Upsample<2>>> && is_causal<Wave<Upsample<2>, Conv<causal>>>);
static_assert(!is_causal<Wave<Conv<causal, stride<2>>, Smooth<2>>>);
// Without resampling a unit stands at a tap, of an even window at the one before the middle.
static_assert(sees<Wave<Conv<ker<2>>, Conv<ker<2>>>, 0, 2> && sees<Wave<Halve<2>, Halve<2>>, 0, 3>);

// Centres are compared exactly.
template <class... Bricks>
constexpr bool in_place = is_aligned<Wave<Tap<"x">, Bricks..., AddFrom<"x">>>;
static_assert(in_place<Halve<2>, Smooth<2>> && in_place<Halve<2>, Upsample<2>> && in_place<Halve<3>, Upsample<3>>);
static_assert(in_place<Halve<4>, Smooth<2>, Upsample<2>> && in_place<Halve<2>, Deconv<ker<4>, stride<2>, pad<1>>>);
static_assert(in_place<Conv<stride<2>, pad<1>>, Deconv<stride<2>, pad<1>, output_pad<1>>>);
static_assert(!in_place<Conv<stride<2>, pad<1>>, Smooth<2>> && !in_place<Conv<stride<2>, pad<1>>, Upsample<2>>);
static_assert(in_place<Conv<causal, stride<2>>, Upsample<2>>);
static_assert(!in_place<Conv<ker<2>>> && in_place<Conv<ker<2>>, Deconv<ker<2>>> && in_place<Conv<ker<2>, causal>>);

}  // namespace
