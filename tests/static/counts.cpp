// SPDX-License-Identifier: BSD-3-Clause
// Are parameters, buffers, MACs and bytes right? Against loops that count one weight, one product, one value at a time.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

struct counted {
    std::size_t parameters = 0, macs = 0, executed = 0;
};

/// A convolution done without numbers: for every output value and every weight that it uses, is the input there?
constexpr counted convolve(int in, int out, int groups, int kernel_h, int kernel_w, int dil_h, int dil_w, int stride_h,
                           int stride_w, int top, int left, int height, int width, int out_h, int out_w, bool bias) {
    counted c;
    for (int o = 0; o < out; ++o) {
        const int group = o / (out / groups);
        for (int i = 0; i < in; ++i) {
            c.parameters += i / (in / groups) == group ? static_cast<std::size_t>(kernel_h * kernel_w) : 0;
        }
        c.parameters += bias ? 1 : 0;
    }
    // Positions and taps are the same for every pair of channels; pairs are counted, not multiplied out.
    std::size_t pairs = 0;
    for (int o = 0; o < out; ++o) {
        for (int i = 0; i < in; ++i) {
            pairs += i / (in / groups) == o / (out / groups);
        }
    }
    for (int y = 0; y < out_h; ++y) {
        for (int ky = 0; ky < kernel_h; ++ky) {
            const int row = y * stride_h - top + ky * dil_h;
            const bool row_inside = row >= 0 && row < height;
            for (int x = 0; x < out_w; ++x) {
                for (int kx = 0; kx < kernel_w; ++kx) {
                    const int column = x * stride_w - left + kx * dil_w;
                    c.macs += pairs;
                    c.executed += row_inside && column >= 0 && column < width ? pairs : 0;
                }
            }
        }
    }
    return c;
}

template <int I>
using padding_of = std::conditional_t<I == 0, same, std::conditional_t<I == 1, valid, std::conditional_t<I == 2,
    causal, pad<2, 1>>>>;
template <int I>
using bias_of = std::conditional_t<I == 0, no_bias, same>;

/// Network number S: channels, groups, kernel, dilation, stride and padding from the digits of S; 7 x 9 input.
template <int S>
struct sample {
    static constexpr int g = 1 + S % 2, in = g * (1 + S / 2 % 3), outputs = g * (1 + S / 3 % 4);
    static constexpr int kh = 1 + S / 5 % 3, kw = 1 + S / 7 % 4, dh = 1 + S / 11 % 2, dw = 1 + S / 13 % 2;
    static constexpr int sh = 1 + S / 17 % 2, sw = 1 + S / 19 % 3, rule = S / 2 % 4;
    using net = Network<Input<in, 7, 9>, Conv<out<outputs>, ker<kh, kw>, dil<dh, dw>, stride<sh, sw>, groups<g>,
        padding_of<rule>>>;
    static constexpr bool agrees() {
        const Shape to = output_shape<net>;
        const layer_info& l = layers<net>[0];  // whose windows tests/static/shapes.cpp has looked at
        const counted c = convolve(in, outputs, g, kh, kw, dh, dw, sh, sw, static_cast<int>(l.rows.pad_before),
                                   static_cast<int>(l.columns.pad_before), 7, 9, static_cast<int>(to.height),
                                   static_cast<int>(to.width), true);
        return parameter_count<net> == c.parameters && mac_count<net> == c.macs &&
            executed_mac_count<net> == c.executed &&
               l.parameters == c.parameters && l.macs == c.macs;
    }
};
template <class Indices>
constexpr bool all_agree = false;
template <int... S>
constexpr bool all_agree<std::integer_sequence<int, S...>> = (sample<S * 37 + 1>::agrees() && ...);
static_assert(all_agree<std::make_integer_sequence<int, 120>>);

// --- one brick at a time --------------------------------------------------------------------------------------------

template <class... Bricks>
using Map = Network<Input<6, 10, 12>, Bricks...>;
template <class... Bricks>
constexpr std::size_t parameters = parameter_count<Map<Bricks...>>;
template <class... Bricks>
constexpr std::size_t macs = mac_count<Map<Bricks...>>;

static_assert(parameters<Conv<out<4>>> == 4 * 6 * 9 + 4 && macs<Conv<out<4>>> == 4 * 6 * 9 * 120);
static_assert(parameters<Conv<out<4>, no_bias>> == 4 * 6 * 9 && macs<Conv<out<4>, no_bias>> == macs<Conv<out<4>>>);
static_assert(parameters<Conv<>> == 6 * 6 * 9 + 6);  // as many outputs as inputs
static_assert(parameters<Conv<groups<3>>> == 6 * 2 * 9 + 6 && macs<Conv<groups<3>>> == 6 * 2 * 9 * 120);
static_assert(parameters<DepthwiseConv<>> == 6 * 9 + 6 && macs<DepthwiseConv<>> == 6 * 9 * 120);
static_assert(parameters<DepthwiseConv<>> == parameters<Conv<groups<6>>>);
static_assert(parameters<DepthwiseConv<out<12>>> == 12 * 9 + 12);
static_assert(parameters<Conv1x1<5>> == 5 * 6 + 5 && macs<Conv1x1<5>> == 5 * 6 * 120);
static_assert(parameters<Conv1x1<5>> == parameters<Conv<out<5>, ker<1>>>);
static_assert(parameters<Conv1x1<4, groups<2>>> == 4 * 3 + 4);
static_assert(parameters<Dense<5>> == 5 * 720 + 5 && macs<Dense<5>> == 5 * 720);
static_assert(parameters<GAP, Dense<5>> == parameters<GAP, Conv1x1<5>> && macs<GAP, Dense<5>> == 30);
static_assert(parameters<Dense<5, no_bias>> == 5 * 720);
static_assert(parameters<BatchNorm> == 12 && macs<BatchNorm> == 0 && parameters<PReLU> == 6);
static_assert(parameters<ReLU, LeakyReLU, Sigmoid, Tanh, SiLU, Dropout<50>, Identity, MaxPool<>, AvgPool<>, GAP,
    Softmax> == 0);
static_assert(macs<ReLU, MaxPool<>, AvgPool<>, GAP, Softmax> == 0);
static_assert(parameters<Conv<stride<2>>> == parameters<Conv<>> && macs<Conv<stride<2>>> * 4 == macs<Conv<>>);
static_assert(parameters<Repeat<3, Conv<>, BatchNorm>> == 3 * (parameters<Conv<>> + parameters<BatchNorm>));

static_assert(buffer_count<Map<BatchNorm>> == 12 && buffer_count<Map<Conv<>, PReLU>> == 0);
static_assert(buffer_count<Map<Conv<out<8>>, BatchNorm, Repeat<2, BatchNorm>>> == 3 * 16);

// A kernel of ones has no padding to skip; a dilation as large as the map leaves the middle tap alone.
static_assert(executed_mac_count<Map<Conv1x1<5>>> == mac_count<Map<Conv1x1<5>>>);
static_assert(executed_mac_count<Map<Conv<valid>>> == mac_count<Map<Conv<valid>>>);
static_assert(executed_mac_count<Map<Conv<dil<12>>>> == 6 * 6 * 120 &&
    mac_count<Map<Conv<dil<12>>>> == 9 * 6 * 6 * 120);
static_assert(executed_mac_count<Map<Conv<dil<9>>>> > 6 * 6 * 120);  // tap 9 rows away: the outermost row sees it
static_assert(executed_mac_count<Map<Dense<5>>> == mac_count<Map<Dense<5>>>);
// 1-D, kernel 3: of 100 outputs one misses its left and one its right neighbour.
static_assert(executed_mac_count<Network<Input<1, 100>, Conv<>>> == 298 &&
    mac_count<Network<Input<1, 100>, Conv<>>> == 300);
static_assert(executed_mac_count<Network<Input<1, 100>, Conv<causal>>> == 297);

// float32 of the input and of every output.
static_assert(activation_bytes<Map<Conv<out<4>>, ReLU, GAP>> == 4 * (6 * 120 + 4 * 120 + 4 * 120 + 4));
static_assert(activation_bytes<Map<Conv<out<4>, stride<2>>>> == 4 * (6 * 120 + 4 * 30));

// Just countable and just not: 2^63 bytes or MACs.
static_assert(mac_count<Network<Input<300'000, 7'746, 7'746>,
    Conv1x1<300'000>>> == 300'000ULL * 300'000 * 7'746 * 7'746);
static_assert(!detail::sound<Network<Input<300'000, 7'746, 7'746>, Conv1x1<300'000>, Conv1x1<300'000>>>);
static_assert(!detail::sound<Network<Input<2'000'000'000, 2'000'000'000, 2'000'000'000>, ReLU>>);
static_assert(detail::sound<Network<Input<1, 1'000'000'000, 1'000'000'000>, ReLU>>);
static_assert(!detail::sound<Network<Input<3, 1'000'000'000, 1'000'000'000>, ReLU>>);

}  // namespace
