// SPDX-License-Identifier: BSD-3-Clause
// Does every exact kernel add up in the order that plan/sum_order.hpp writes down? Plain float sums in that order
// against engines, bit by bit: every family of kernels, maps of many extents, threads, batches, strips, chains of
// steps.
#include "../catch.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/plan/sum_order.hpp>

#include "compare_engines.hpp"

using namespace fovea;
using kernels::conv_family;

namespace {

using map_values = std::vector<float>;

float multiply_add(float a, float b, float c) {
    if constexpr (kernels::fused_multiply_add) {
        return std::fma(a, b, c);
    } else {
        const volatile float product = a * b;  // rounded
        return product + c;
    }
}

float value_at(const map_values& x, const Shape& s, std::size_t c, std::ptrdiff_t row, std::ptrdiff_t column) {
    const bool inside = row >= 0 && column >= 0 && row < static_cast<std::ptrdiff_t>(s.height) &&
                        column < static_cast<std::ptrdiff_t>(s.width);
    return inside ? x[(c * s.height + static_cast<std::size_t>(row)) * s.width + static_cast<std::size_t>(column)]
                  : 0.0F;
}

/// Where a kernel row or column of a Deconv finds the value that it brings to `at`; -1: nowhere.
std::ptrdiff_t brought_from(std::ptrdiff_t at, const axis_window& w, std::size_t k) {
    const std::ptrdiff_t from =
        at + static_cast<std::ptrdiff_t>(w.pad_before) - static_cast<std::ptrdiff_t>(k * w.dilation);
    const auto stride = static_cast<std::ptrdiff_t>(w.stride);
    return from >= 0 && from % stride == 0 ? from / stride : -1;
}
std::ptrdiff_t read_from(std::ptrdiff_t at, const axis_window& w, std::size_t k) {
    return at * static_cast<std::ptrdiff_t>(w.stride) + static_cast<std::ptrdiff_t>(k * w.dilation) -
           static_cast<std::ptrdiff_t>(w.pad_before);
}

/// Of output channel o: in the order of its products, where the weight lies in the layer's tensor.
std::vector<std::size_t> weights_of(const layer_info& l, std::size_t o, std::size_t& first) {
    std::vector<sum_term> terms;
    each_term(l, o, [&](const sum_term& t) { terms.push_back(t); });
    std::vector<std::size_t> at;
    const std::size_t kernel = l.rows.kernel * l.columns.kernel, outputs = l.output.channels / l.groups;
    for (const sum_term& t : terms) {
        if (l.kind == brick_kind::deconv) {  // I, O / groups, taps
            at.push_back((t.channel * outputs + o % outputs) * kernel + t.row * l.columns.kernel + t.column);
        } else {  // O, I / groups, present taps: as many before it as come before it by channel, row and column
            const auto before = [&](const sum_term& a) {
                return a.channel != t.channel ? a.channel < t.channel
                       : a.row != t.row       ? a.row < t.row
                                              : a.column < t.column;
            };
            at.push_back(first + static_cast<std::size_t>(std::count_if(terms.begin(), terms.end(), before)));
        }
    }
    first += terms.size();
    return at;
}

/// added: a map whose values come after the bias, or empty.
map_values in_order(const layer_info& l, const map_values& x, const float* weights, const float* bias,
                    const map_values& added) {
    constexpr sum_order one_chain{};
    const sum_order order = sum_order_of(l);
    map_values y(l.output.size());
    std::size_t first = 0;
    for (std::size_t o = 0; o < l.output.channels; ++o) {
        const std::vector<std::size_t> weight = weights_of(l, o, first);
        for (std::size_t p = 0; p < l.output.positions(); ++p) {
            const auto row = static_cast<std::ptrdiff_t>(p / l.output.width);
            const auto column = static_cast<std::ptrdiff_t>(p % l.output.width);
            const float b = bias != nullptr ? bias[o] : 0.0F;
            std::vector<float> sums(order.chains, 0.0F);
            sums[0] = order.bias_first ? b : 0.0F;
            if (!added.empty()) {
                REQUIRE(order == one_chain);
                sums[0] += added[o * l.output.positions() + p];
            }
            std::size_t n = 0;
            each_term(l, o, [&](const sum_term& t) {
                float v = 0;
                if (l.kind == brick_kind::dense) {
                    v = value_at(x, l.input, t.channel, static_cast<std::ptrdiff_t>(t.row),
                                 static_cast<std::ptrdiff_t>(t.column));
                } else if (l.kind == brick_kind::deconv) {
                    v = value_at(x, l.input, t.channel, brought_from(row, l.rows, t.row),
                                 brought_from(column, l.columns, t.column));
                } else {
                    v = value_at(x, l.input, t.channel, read_from(row, l.rows, t.row),
                                 read_from(column, l.columns, t.column));
                }
                sums[n % order.chains] = multiply_add(weights[weight[n]], v, sums[n % order.chains]);
                ++n;
            });
            for (std::size_t c = 1; c < order.chains; ++c) {
                sums[0] += sums[c];
            }
            y[o * l.output.positions() + p] = order.bias_first ? sums[0] : sums[0] + b;
        }
    }
    return y;
}

/// A list of layers, each on the output of the one before it; one of an input and its sum where there is an Add.
template <class Net>
map_values in_order(const Weights<Net>& w, const map_values& input) {
    map_values x = input;
    const auto& all = layers<Net>;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const layer_info& l = all[i];
        if (l.act == activation::relu) {
            for (float& v : x) {
                v = v < 0 ? 0 : v;
            }
            continue;
        }
        const auto tensor = [&](std::string_view name) -> const float* {
            for (const tensor_info& t : tensors<Net>) {
                if (t.layer == i && t.name == std::string(l.path) + "." + std::string(name)) {
                    return w[t].data();
                }
            }
            return nullptr;
        };
        const bool sums = i + 1 < all.size() && all[i + 1].kind == brick_kind::add;
        x = in_order(l, x, tensor("weight"), tensor("bias"), sums ? input : map_values{});
        i += sums ? 1 : 0;
    }
    return x;
}

bool equal_values(const map_values& a, const float* b) { return std::equal(a.begin(), a.end(), b); }

template <class Net>
void check(const char* name) {
    CAPTURE(name, layers<Net>[0].input.height, layers<Net>[0].input.width);
    const auto w = test::random_weights<Net>(3);
    const auto x = test::random_inputs<Net>(3, 5);
    constexpr std::size_t in = input_shape<Net>.size(), out = output_shape<Net>.size();
    Engine<Net> one(w);
    Engine<Net, threads<2>> rows(w);
    Engine<Net, batch<3>, threads<2>> many(w);
    std::vector<float> y(out), all(3 * out);
    many.run(x.data(), all.data());
    for (std::size_t n = 0; n < 3; ++n) {
        const float* from = x.data() + n * in;
        const map_values expected = in_order(w, map_values(from, from + in));
        one.run(from, y.data());
        CHECK(equal_values(expected, y.data()));
        rows.run(from, y.data());
        CHECK(equal_values(expected, y.data()));
        CHECK(equal_values(expected, all.data() + n * out));
    }
}

/// The same in strips of few columns; Declared: the network with other extents, which are but an example.
template <class Net, class Declared = Net>
void check_strips(const char* name) {
    CAPTURE(name, layers<Net>[0].input.height, layers<Net>[0].input.width);
    const auto w = test::random_weights<Net>(3);
    const auto x = test::random_inputs<Net>(1, 5);
    Weights<Declared> same;
    std::copy(w.values().begin(), w.values().end(), same.values().begin());
    Tiled<Declared, threads<2>, strip_columns<64>> tiled(same);
    const Shape s = input_shape<Net>;
    auto image = xt::xtensor<float, 3>::from_shape({s.channels, s.height, s.width});
    std::copy(x.begin(), x.end(), image.begin());
    const auto y = tiled(image);
    CHECK(equal_values(in_order(w, x), y.data()));
}

/// Which kernel takes the network's first layer.
template <class Net>
constexpr conv_family family_of = kernels::choose_conv_family<float>(kernels::trimmed(engine_plan<Net>::geometry(0)));

// The same layers on maps of any size: one position, narrower than a vector, whole vectors, with ends of rows.
template <int H, int W>
using Plain = Network<Input<9, H, W>, Conv<out<11>, ker<3, 2>, dil<2, 1>>>;
template <int H, int W>
using Many = Network<Input<24, H, W>, Conv<out<32>>>;
template <int H, int W>
using Added = Network<Input<12, H, W>, Residual<Conv<groups<2>>>, ReLU>;
template <int H, int W>
using Grouped = Network<Input<8, H, W>, Conv<out<36>, groups<2>, ker<5>>>;
template <int H, int W>
using Depth = Network<Input<5, H, W>, DepthwiseConv<ker<5, 3>, dil<1, 4>>>;
template <int H, int W>
using Dealt = Network<Input<6, H, W>, Conv<out<10>, taps<cross, ends<diagonal>, full>>>;
template <int H, int W>
using Masked = Network<Input<6, H, W>, Conv<out<20>, ker<5>, taps<mask<"00100 00000 10001 00000 00100">>>>;
template <int H, int W>
using Strided = Network<Input<9, H, W>, Conv<out<13>, stride<2, 3>, ker<4>>>;
template <int H, int W>
using Single = Network<Input<19, H, W>, Conv1x1<23>>;
template <int H, int W>
using Back = Network<Input<7, H, W>, Deconv<out<9>, ker<3>>>;
template <int H, int W>
using Up = Network<Input<7, H, W>, Deconv<out<9>, ker<4>, stride<2>>>;
template <int H, int W>
using Matrix = Network<Input<5, H, W>, Dense<21>>;

template <template <int, int> class Net>
void check_sizes(const char* name) {
    check<Net<1, 1>>(name);
    check<Net<6, 3>>(name);
    check<Net<7, 16>>(name);
    check<Net<5, 45>>(name);
}
template <template <int, int> class Net>
void check_all(const char* name) {
    check_sizes<Net>(name);
    check_strips<Net<5, 45>>(name);
    check_strips<Net<9, 150>, Net<1, 1>>(name);
}

}  // namespace

static_assert(family_of<Plain<5, 45>> == conv_family::along_x);
static_assert(family_of<Many<6, 3>> == conv_family::along_channels || kernels::lanes<float> < 8);
static_assert(family_of<Many<5, 45>> == conv_family::along_x);
static_assert(family_of<Grouped<6, 3>> == conv_family::along_channels || kernels::lanes<float> < 8);
static_assert(family_of<Depth<5, 45>> == conv_family::depthwise);

TEST_CASE("the order of a sum, written out") {
    using Net = Network<Input<2, 9, 9>, Conv<out<2>, ker<2>>>;
    std::vector<sum_term> terms;
    each_term(layers<Net>[0], 1, [&](const sum_term& t) { terms.push_back(t); });
    CHECK(
        terms ==
        std::vector<sum_term>{{0, 0, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 1, 0}, {1, 1, 1}});
}

TEST_CASE("convolutions add up in the layer's order, on maps of all sizes, with threads, in batches and in strips") {
    check_all<Plain>("plain");
    check_all<Many>("many channels");
    check_all<Added>("a residual, groups");
    check_all<Grouped>("groups");
    check_all<Depth>("depthwise");
    check_all<Dealt>("patterns");
    check_all<Masked>("one pattern");
    check_all<Single>("1x1");
}

TEST_CASE("strided and transposed convolutions and Dense add up in the layer's order") {
    check<Strided<6, 5>>("strided");
    check<Strided<9, 45>>("strided");
    check<Back<6, 3>>("transposed");
    check<Back<5, 45>>("transposed");
    check<Up<6, 3>>("transposed, strided");
    check<Up<5, 45>>("transposed, strided");
    check_sizes<Matrix>("Dense");
    check<Network<Input<3, 8, 8>, Dense<70>, ReLU, Dense<10>>>("Dense twice");
}

TEST_CASE("in time the order is the same") {
    check<Network<Input<9, 1>, Conv<out<11>, causal>>>("one time step");
    check<Network<Input<9, 5>, Conv<out<11>, causal>>>("five time steps");
    check<Network<Input<9, 200>, Conv<out<11>, causal>>>("many time steps");
}

TEST_CASE("steps that run as one add up in the layer's order") {
    using Bands = Network<Input<4, 64, 80>, Conv<out<16>>, ReLU, Conv1x1<8>>;
    static_assert(engine_plan<Bands>::chain(0).rows > 0);
    check<Bands>("bands of rows");
    using Channels = Network<Input<6, 20, 33>, DepthwiseConv<>, ReLU, DepthwiseConv<dil<3>>>;
    static_assert(engine_plan<Channels>::chain(0).length == 2 && engine_plan<Channels>::chain(0).rows == 0);
    check<Channels>("channel by channel");
}
