// SPDX-License-Identifier: BSD-3-Clause
// Do engines run networks that fork and join, and every brick of such networks?
#include "../catch.hpp"

#include <sstream>
#include <string>

#include "arena_bound.hpp"
#include "compare_engines.hpp"

using namespace fovea;
using test::arena_lower_bound, test::compare_engines;

namespace {

// Maps are 9 x 11 with few channel counts, so that networks share kernels: this file is compiled often.
using In = Input<4, 9, 11>;
using C = Conv<out<4>>;

using Residuals = Network<In, Residual<Sequential<C, BatchNorm, ReLU, C, BatchNorm>>, ReLU, Residual<C>,
                          Residual<Sequential<C, ReLU>, Conv1x1<4>>, Residual<Identity>, Residual<C, Sequential<C, ReLU>>>;
// Sums that a convolution makes: of a map that is read again, of one that is not, of its own input, behind a
// projection.
using Sums = Network<In, C, Residual<Sequential<C, ReLU, Conv<taps<cross, ends<diagonal>>>>>, PReLU, Tap<"a">,
                     Residual<Sequential<C, DepthwiseConv<dil<2>>, BatchNorm>>, SiLU,
                     Residual<Sequential<C, ReLU, C>, Conv1x1<4>>, LeakyReLU, AddFrom<"a">, Residual<C>, ReLU,
                     Conv<stride<2>>, Residual<Sequential<ReLU, Conv<reflect>>>, Sigmoid, Parallel<Sum, C, Identity>>;
using Branches = Network<In, Parallel<Concat, C, Sequential<C, ReLU>, Identity>, Conv1x1<4>, Parallel<Sum, C, C, Identity>,
                         ReLU, Parallel<Concat, Parallel<Concat, C, C>, Sequential<C, Parallel<Concat, C, Sigmoid>>>,
                         Conv1x1<4>, Parallel<Sum, ReLU, ReLU, Tanh>, Parallel<Concat, Identity, Identity>, Conv1x1<4>>;
using Taps = Network<In, C, Tap<"a">, ReLU, C, Tap<"b">, C, ReLU, AddFrom<"a">, C, ConcatFrom<"b">, Conv1x1<4>,
                     Sequential<Tap<"a">, Residual<Sequential<C, AddFrom<"a">>>>, AddFrom<"b">>;
using Gates = Network<Input<3, 60>, Conv<out<8>, ker<2>, causal>, Gated<Conv<out<16>, ker<2>, causal>>,
                      Residual<Sequential<Gated<Parallel<Concat, C, C>>, Conv1x1<8>>>, Gated<BatchNorm>, Conv1x1<3>>;
using Shared =
    Network<In, Parallel<Sum, SharedWeights<Sequential<C, BatchNorm>, Sequential<Conv<out<4>, dil<2>>, BatchNorm>>, C>, ReLU,
            Heads<SharedWeights<Sequential<GAP, Dense<3>, Softmax>, Sequential<GAP, Dense<3>, Softmax>>, Identity>>;
using Transposed =
    Network<In, Deconv<out<6>, stride<2>>, BatchNorm, ReLU, MaxPool<ker<2>, stride<2>, valid>, Deconv<out<4>, valid>, PReLU,
            Deconv<out<8>, ker<4>, stride<2>, pad<1>, groups<2>>, AvgPool<ker<2>, stride<2>, valid>,
            Deconv<ker<2>, stride<3>, pad<1>, output_pad<1>, dil<2>>, Deconv<out<3>, causal, no_bias>, Sigmoid>;
using Resampled = Network<In, Upsample<2>, MaxPool<stride<2>>, C, Upsample<3, bilinear>, AvgPool<ker<3>, stride<3>, valid>,
                          MedianPool<>, MedianPool<ker<2>, dil<2>>, MedianPool<stride<2>>, Upsample<1>,
                          Parallel<Sum, Sequential<GAP, Upsample<1>>, Sequential<GAP, Identity>>>;
using Borders = Network<In, Conv<out<4>, reflect>, ReLU, Conv<replicate, ker<5>>, Conv<circular, dil<2>>, MaxPool<reflect>,
                        AvgPool<circular, ker<2>>, MedianPool<replicate>, DepthwiseConv<reflect, stride<2>>, Conv<causal, circular>>;
using Patterns =
    Network<In, Conv<out<4>, taps<cross>>, BatchNorm, ReLU, Conv<out<6>, taps<diagonal, ends<antidiagonal>, mask<"010 000 111">>>,
            BatchNorm, PReLU, DepthwiseConv<taps<horizontal, vertical>, dil<2>>, Conv<out<4>, groups<2>, taps<ends<vertical>, full>>,
            Conv<taps<mask<"111 110 000">>, stride<2>>, Conv<reflect, taps<ends<horizontal>>>>;

// Deep inside one another, and an output that is also read: the first head is the map that the second one goes on from.
using Nest = Network<
    In, Residual<Sequential<C, Parallel<Sum, Residual<Sequential<C, Parallel<Concat, Conv1x1<2>, Sequential<C, Conv1x1<2>>>>>, C>>>,
    Heads<Identity, Sequential<ReLU, Conv1x1<2>>, Softmax>>;

/// No arena can be smaller than the largest sum of maps that are alive at once.
template <class Net>
constexpr double arena_ratio = static_cast<double>(engine_plan<Net>::arena_size) /
                               static_cast<double>(arena_lower_bound(engine_plan<Net>::lives, engine_plan<Net>::map_count));

static_assert(arena_ratio<Residuals> == 1 && arena_ratio<Gates> == 1 && arena_ratio<Shared> == 1);
static_assert(arena_ratio<Transposed> == 1 && arena_ratio<Nest> == 1);
static_assert(arena_ratio<Taps> >= 1 && arena_ratio<Taps> < 1.06);

}  // namespace

TEST_CASE("networks that fork and join") {
    compare_engines<Residuals, 2>("Residuals");
    compare_engines<Sums, 3>("Sums");
    compare_engines<Branches, 2>("Branches");
    compare_engines<Taps, 2>("Taps");
    compare_engines<Gates, 3>("Gates");
    compare_engines<Shared, 2>("Shared");
    compare_engines<Nest, 2>("Nest");
}

TEST_CASE("bricks that change the grid, the border or the taps") {
    compare_engines<Transposed, 2>("Transposed");
    compare_engines<Resampled, 2>("Resampled");
    compare_engines<Borders, 2>("Borders");
    compare_engines<Patterns, 2>("Patterns");
}

TEST_CASE("a convolution makes the sum behind it, with its activation") {
    constexpr auto& steps = plan<Sums>;
    static_assert(steps.at("1.body.2").adds && !steps.at("1.body.0").adds);
    static_assert(steps.at("4.body.1").adds);
    static_assert(steps.at("6.shortcut").adds && !steps.at("6.body.2").adds);
    static_assert(steps.at("9.body").adds);
    using whole = engine_plan<Sums>;
    std::size_t alone = 0, made = 0;
    for (std::size_t k = 0; k < whole::step_count; ++k) {
        alone += whole::step(k).kind == step_kind::add ? 1 : 0;
        made += whole::step(k).adds ? 1 : 0;
        // In place where nothing reads the other map afterwards, but never over the convolution's own input.
        CHECK((!whole::step(k).adds || whole::step(k).out_map != whole::step(k).in_map));
    }
    CHECK(made == 6);
    CHECK(alone == 1);  // AddFrom behind an activation
    using block = engine_plan<Network<In, C, Residual<Sequential<C, ReLU, C>>, ReLU>>;
    static_assert(block::step_count == 3 && block::step(2).act == activation::relu);
    static_assert(block::step(2).out_map == block::step(0).out_map);
    std::ostringstream text;
    text << steps;
    CHECK(text.str().find("adds the other map") != std::string::npos);
}

TEST_CASE("a concatenation's branches are written in place") {
    using plan = engine_plan<Branches>;
    std::size_t slices = 0;
    for (std::size_t m = 0; m < plan::map_count; ++m) {
        slices += plan::slices[m].whole != m ? 1 : 0;
    }
    CHECK(slices == 7);  // two of the first Concat, four of the nested ones, one concatenation within another
}

TEST_CASE("heads are an array of tensors") {
    const auto w = test::random_weights<Shared>(3);
    Engine<Shared> engine(w);
    xt::xtensor<float, 3> x = xt::ones<float>({4, 9, 11});
    auto&& [a, b, c] = engine(x);
    CHECK(a.shape()[0] == 3);
    CHECK(b.shape()[0] == 3);
    CHECK(c.shape()[1] == 9);
}
