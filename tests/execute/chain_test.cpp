// SPDX-License-Identifier: BSD-3-Clause
// Do steps that run as one give what each alone gives?
#include "../catch.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "compare_engines.hpp"

using namespace fovea;
using test::compare_engines;

namespace {

// Depthwise layers that run channel by channel: three, then (behind a map that is read twice) two.
using Depthwise = Network<Input<5, 19, 37>, DepthwiseConv<dil<2>>, BatchNorm, PReLU, DepthwiseConv<ker<5, 3>>, SiLU,
                          DepthwiseConv<ker<1, 4>>, LeakyReLU,
                          Residual<Sequential<DepthwiseConv<>, ReLU, DepthwiseConv<dil<3>, no_bias>>>>;

// Maps of more than 256 KB, that a convolution and the layers behind it make a few rows at a time: two, then (over the
// map that its first layer reads) three and a sum, then two whose last window leaves rows over.
using Rows = Network<Input<12, 70, 90>, DepthwiseConv<dil<2>>, BatchNorm, ReLU, Conv1x1<10>, PReLU,
                     Residual<Sequential<DepthwiseConv<ker<5>>, ReLU, Conv1x1<20>, LeakyReLU, Conv1x1<10>>>, Tanh,
                     Conv<out<11>, taps<cross>>, ReLU, AvgPool<ker<2>, stride<3>, valid>>;

// Chains that begin with a padded, a grouped, a strided and a mixed convolution, and end in a slice of a Concat, in a
// tap that is read again, and in heads; a pool in the middle.
using Ends = Network<
    Input<12, 70, 90>, Conv<out<12>, reflect>, Conv1x1<10>, Tap<"a">,
    Parallel<Concat, Sequential<DepthwiseConv<>, Conv1x1<6>>, Sequential<Conv<out<12>, groups<2>>, SiLU, Conv1x1<6>>>,
    ConcatFrom<"a">, Conv<out<12>, taps<cross, ends<diagonal>>>, Conv1x1<10>,
    Heads<Sequential<DepthwiseConv<ker<5>>, MaxPool<ker<2>, stride<2>, valid>, Conv1x1<3>>,
          Sequential<Conv<out<60>, stride<2>>, ReLU, Conv1x1<4>>>>;

#if !defined(__SANITIZE_ADDRESS__)
/// An engine whose convolutions go some by direct sums and some in Winograd's domain, against the exact one.
template <class Net, class... Options>
void compare_with_exact() {
    const auto w = test::random_weights<Net>(5);
    const auto x = test::random_inputs<Net>(1, 6);
    std::vector<float> expected(output_shape<Net>.size()), one(expected.size()), two(expected.size());
    Engine<Net>(w).run(x.data(), expected.data());
    Engine<Net, Options...>(w).run(x.data(), one.data());
    Engine<Net, Options..., threads<2>>(w).run(x.data(), two.data());
    double largest = 0, error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(double{expected[i]}));
        const double difference = std::abs(double{expected[i]} - double{one[i]});
        error = std::isnan(error) || difference <= error ? error : difference;  // a NaN stays
    }
    CHECK(error < 2e-5 * largest);
    CHECK(error > 0);
    CHECK(one == two);
}

#endif

/// Runs A, B and C one after the other, and All, their layers in one network.
template <class A, class B, class C, class All>
void compare_with_parts() {
    const auto all = test::random_weights<All>(3);
    Weights<A> first;
    Weights<B> second;
    Weights<C> third;
    std::size_t at = 0;
    for (const auto part : {first.parameters(), second.parameters(), third.parameters()}) {
        std::copy_n(all.parameters().begin() + static_cast<std::ptrdiff_t>(at), part.size(), part.begin());
        at += part.size();
    }
    REQUIRE(at == all.parameters().size());
    const auto x = test::random_inputs<All>(1, 9);
    std::vector<float> a(output_shape<A>.size()), b(output_shape<B>.size()), expected(output_shape<C>.size());
    std::vector<float> got(expected.size()), shared(expected.size());
    Engine<A>(first).run(x.data(), a.data());
    Engine<B>(second).run(a.data(), b.data());
    Engine<C>(third).run(b.data(), expected.data());
    Engine<All>(all).run(x.data(), got.data());
    Engine<All, threads<3>>(all).run(x.data(), shared.data());
    CHECK(got == expected);
    CHECK(shared == expected);
}

}  // namespace

TEST_CASE("depthwise layers that run channel by channel give what each alone gives, to the bit, and take no maps") {
    using First = Network<Input<5, 19, 37>, DepthwiseConv<dil<2>>, PReLU>;
    using Second = Network<Input<5, 19, 37>, DepthwiseConv<ker<5, 3>>, SiLU>;
    using Third = Network<Input<5, 19, 37>, DepthwiseConv<ker<3>>, LeakyReLU>;
    using All = Network<Input<5, 19, 37>, DepthwiseConv<dil<2>>, PReLU, DepthwiseConv<ker<5, 3>>, SiLU, DepthwiseConv<>,
                        LeakyReLU>;
    static_assert(plan<All>.steps[0].chain_length == 3 && plan<All>.steps[1].chain_length == 0);
    static_assert(plan<First>.steps[0].chain_length == 1);
    static_assert(arena_bytes<All> == arena_bytes<Network<Input<5, 19, 37>, DepthwiseConv<dil<2>>, DepthwiseConv<>>>);
    static_assert(plan<Depthwise>.at("0").chain_length == 3 && plan<Depthwise>.at("7.body.0").chain_length == 2);
    std::ostringstream text;
    text << plan<All>;
    CHECK(text.str().find("channel by channel with the next 2") != std::string::npos);

    compare_with_parts<First, Second, Third, All>();
    compare_engines<Depthwise, 3>("Depthwise");
}

TEST_CASE("layers that run a few rows at a time give what each alone gives, to the bit, and take no maps") {
    using All =
        Network<Input<6, 70, 90>, Conv<out<12>, dil<3>>, PReLU, Conv1x1<10>, SiLU, MaxPool<ker<2>, stride<2>, valid>>;
    constexpr auto& steps = plan<All>.steps;
    static_assert(steps[0].chain_length == 3 && steps[1].chain_length == 0 && steps[0].chain_rows == 12);
    static_assert(plan<All>.arena_bytes ==
                  4 * (make_map_layout(6, 70, 90, 3).footprint() + make_map_layout(10, 35, 45, 0).footprint()));
    // In Winograd's domain rows are not made in order.
    static_assert(plan<All, use<"0", winograd<4>>>.steps[0].chain_length == 1);
    static_assert(plan<All, use<"0", winograd<4>>>.steps[1].chain_length == 2);
    // What fits into the second-level cache stays whole.
    static_assert(plan<Network<Input<12, 32, 32>, DepthwiseConv<>, Conv1x1<10>>>.steps[0].chain_length == 1);
    // Neither does a 1x1 layer that reads the row before, nor one of all taps in Winograd's domain.
    static_assert(
        plan<Network<Input<12, 70, 90>, DepthwiseConv<>, Conv<out<10>, ker<1>, pad<1>>>>.steps[0].chain_length == 1);
    static_assert(
        plan<Network<Input<12, 70, 90>, DepthwiseConv<>, Conv<out<10>, ker<1>, pad<0, 1>>>>.steps[0].chain_length == 1);
    static_assert(
        plan<Network<Input<16, 70, 90>, Conv<out<16>, taps<full>>, Conv1x1<10>>, use<"0", winograd<4>>>.steps[0].chain_length ==
        1);
    // The bound for all engines is the larger one.
    static_assert(arena_bytes<All> > plan<All, use<"0", winograd<4>>>.arena_bytes);
    static_assert(plan<All, use<"0", winograd<4>>>.arena_bytes > plan<All>.arena_bytes);
    // Many layers are looked through once.
    static_assert(engine_plan<Network<Input<2, 8, 8>, Repeat<1000, Conv<>>>>::chain(999).length == 1);
    std::ostringstream text;
    text << plan<All>;
    CHECK(text.str().find("12 rows at a time with the next 2") != std::string::npos);
#if !defined(__SANITIZE_ADDRESS__)  // minutes to compile under sanitizers; Rows and Ends touch the same memory
    using First = Network<Input<6, 70, 90>, Conv<out<12>, dil<3>>, PReLU>;
    using Second = Network<Input<12, 70, 90>, Conv1x1<10>, SiLU>;
    using Third = Network<Input<10, 70, 90>, MaxPool<ker<2>, stride<2>, valid>>;
    compare_with_parts<First, Second, Third, All>();
#endif

    constexpr auto& rows = plan<Rows>;
    static_assert(rows.at("0").chain_length == 2 && rows.at("5.body.0").chain_length == 3 && rows.at("5.body.4").adds);
    static_assert(rows.at("7").chain_length == 2);
    compare_engines<Rows, 2>("Rows");

    std::size_t chained = 0;
    for (const plan_row& s : plan<Ends>.steps) {
        chained += s.chain_length == 0 ? 1 : 0;
    }
    CHECK(chained == 6);
    compare_engines<Ends, 2>("Ends");

    using Mixed = Network<Input<12, 70, 90>, Conv<out<12>>, ReLU, Conv1x1<10>, DepthwiseConv<>, ReLU, Conv1x1<12>,
                          Conv<out<11>>, MaxPool<ker<2>, stride<2>, valid>>;
    constexpr auto& mixed = plan<Mixed, use<"0", winograd<4>>>;
    static_assert(mixed.at("0").chain_length == 1 && mixed.at("3").chain_length == 2 &&
                  mixed.at("6").chain_length == 2);
#if !defined(__SANITIZE_ADDRESS__)
    compare_with_exact<Mixed, use<"0", winograd<4>>>();
    compare_with_exact<Mixed, fast>();
#endif
}
