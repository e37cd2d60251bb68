// SPDX-License-Identifier: BSD-3-Clause
// Is the gradient right where a network is no chain: joins, taps, shared weights, several outputs?
#include <algorithm>
#include <cmath>
#include <vector>

#include "gradients.hpp"

using namespace fovea;
using train_test::check_gradients;

namespace {

using Skips =
    Network<Input<2, 5, 7>, Conv<out<3>>, Residual<Conv<>>, Residual<Sequential<Conv<out<4>>, Tanh>, Conv1x1<4>>, SiLU,
            Parallel<Concat, Conv<out<2>>, Identity, Sequential<Conv<out<3>, dil<2>>, ReLU>>,
            Parallel<Sum, Conv<out<3>>, Sequential<Conv<out<3>, ker<1>>, Tanh>, Conv<out<3>, dil<2>>>, Softmax>;
using Nested =
    Network<Input<2, 4, 5>, Conv<out<3>>,
            Residual<Sequential<Parallel<Concat, Residual<Sequential<Conv<>, BatchNorm, ReLU>>,
                                         Sequential<BatchNorm, Parallel<Sum, Identity, ReLU, Identity>, Conv<out<2>>>>,
                                Conv<out<3>>, BatchNorm>>,
            ReLU, Residual<Sequential<BatchNorm, ReLU, Conv<>>>, BatchNorm>;
using Gates = Network<Input<2, 20>, Conv<out<3>, ker<2>, causal>,
                      Residual<Sequential<Gated<Conv<out<6>, ker<2>, dil<2>, causal>>, Tap<"skip">, Conv1x1<3>>>,
                      Residual<Gated<Parallel<Concat, Conv<out<3>, ker<3>, dil<4>, causal>, Conv1x1<3>>>>,
                      AddFrom<"skip">, ReLU, Conv1x1<3>>;
/// Sums of taps across containers; a tap's map may be the network's input.
using Taps = Network<Input<3, 5, 6>, Tap<"x">, Conv<>, Tap<"a">, BatchNorm, ReLU,
                     Residual<Sequential<Conv<>, AddFrom<"a">, Tanh, Tap<"b">, Dropout<20>>>, ConcatFrom<"b">,
                     Conv<out<3>>, AddFrom<"x">, ConcatFrom<"a">>;
/// Nothing to train before the first join, and a norm that reads the input.
using Fronts = Network<Input<3, 6, 6>, Residual<AvgPool<>>,
                       Parallel<Concat, MaxPool<>, BatchNorm, Sequential<Tanh, Conv<>>>, Conv1x1<3>>;
using Shared = Network<Input<2, 5, 9>, Conv<out<3>>,
                       Parallel<Sum,
                                SharedWeights<Sequential<Conv<out<4>>, BatchNorm, PReLU, Conv1x1<3>>,
                                              Sequential<Conv<out<4>, dil<2>>, BatchNorm, PReLU, Conv1x1<3>>,
                                              Sequential<Conv<out<4>, dil<3>>, BatchNorm, PReLU, Conv1x1<3>>>,
                                Identity>,
                       GAP, Dense<3>>;
using Deep = Network<Input<2, 6, 6>, Conv<out<4>>, BatchNorm, ReLU,
                     Heads<Sequential<Conv<stride<2>>, GAP, Dense<3>, Softmax>, Sequential<GAP, Conv1x1<3>, Softmax>>>;
using Tasks = Network<Input<2, 4, 4>, Conv<out<4>>, Tanh,
                      Heads<Sequential<Conv1x1<3>, Softmax>, Sequential<GAP, Dense<5>>,
                            SharedWeights<Conv<out<3>>, Conv<out<3>, dil<2>>>, Identity, Softmax>>;

/// Maps that no image keeps, and gradients that a thread holds: of a norm in a chain, the two convolutions around it;
/// not where a shortcut, another norm or a head reads on.
template <class Net>
constexpr std::size_t made_again = static_cast<std::size_t>(std::count(train_plan<Net>::made_again.begin(),
                                                                       train_plan<Net>::made_again.end(), true));
template <class Net>
constexpr std::size_t passing = static_cast<std::size_t>(std::count(train_plan<Net>::gradients.passing.begin(),
                                                                    train_plan<Net>::gradients.passing.end(), true));
using Front = Sequential<Conv<out<3>>, BatchNorm, ReLU>;
static_assert(made_again<Network<Input<2, 4, 4>, Front, Conv<out<3>>>> == 1 &&
              passing<Network<Input<2, 4, 4>, Front, Conv<out<3>>>> == 1);
static_assert(made_again<Network<Input<2, 4, 4>, Front, Front, GAP, Dense<3>>> == 2);
static_assert(passing<Network<Input<2, 4, 4>, Front, Front, GAP, Dense<3>>> == 3);
static_assert(made_again<Network<Input<2, 4, 4>, Front>> == 0);
static_assert(made_again<Network<Input<2, 4, 4>, Front, BatchNorm, Conv1x1<3>>> == 1);
static_assert(made_again<Network<Input<2, 4, 4>, Front, Residual<Conv<>>>> == 1);
static_assert(made_again<Network<Input<2, 4, 4>, Front, Residual<Sequential<Conv<>, BatchNorm>>>> == 0);
static_assert(made_again<Network<Input<2, 4, 4>, Front, Heads<Conv1x1<3>, Identity>>> == 0);

/// Deep networks are planned in a time that grows with their depth.
static_assert(made_again<Network<Input<2, 4, 4>, Repeat<300, Front>, Conv1x1<3>>> == 300);

/// A ReLU writes over what nothing else asks for: of a convolution or a sum, not of a tanh, nor where a shortcut reads
/// on.
template <class... Bricks>
constexpr std::size_t map_count = train_plan<Network<Input<3, 4, 4>, Bricks...>>::map_count;
static_assert(map_count<Conv<>, ReLU, Conv<>> == 3 && map_count<Conv<>, Tanh, ReLU, Conv<>> == 5);
static_assert(map_count<Conv<>, Residual<Conv<>>, ReLU> == 3 &&
              map_count<Conv<>, Residual<Sequential<ReLU, Conv<>>>> == 4);
static_assert(map_count<Parallel<Sum, Sequential<Conv<>, ReLU>, Conv<>>, ReLU> == 3);

/// Gradient and running statistics of one step.
template <class Net>
std::vector<float> one_step(std::size_t threads) {
    constexpr std::size_t n = 11;
    detail::random_stream random(5);
    Weights<Net> w;
    for (float& p : w.parameters()) {
        p = static_cast<float>(random.normal());
    }
    std::vector<float> images(n * input_shape<Net>.size());
    for (float& x : images) {
        x = static_cast<float>(random.normal());
    }
    learner<Net> m(w, thread_count{threads});
    const std::vector<std::uint8_t> labels(n * m.labels_per_image, 1);
    m.train_step(images.data(), labels.data(), n, 3);
    std::vector<float> all(m.gradient().begin(), m.gradient().end());
    all.insert(all.end(), w.buffers().begin(), w.buffers().end());
    return all;
}

}  // namespace

TEST_CASE("gradients of joins, taps, shared weights and heads agree with central differences") {
    check_gradients<Skips>("Skips");
    check_gradients<Nested>("Nested");
    check_gradients<Gates>("Gates");
    check_gradients<Taps>("Taps");
    check_gradients<Fronts>("Fronts");
    check_gradients<Shared>("Shared");
    check_gradients<Deep>("Deep");
    check_gradients<Tasks>("Tasks");
}

TEST_CASE("the gradient of a graph does not depend on the number of threads") {
    const std::vector<float> first = one_step<Nested>(1);
    CHECK(one_step<Nested>(2) == first);
    CHECK(one_step<Nested>(3) == first);
    CHECK(one_step<Nested>(7) == first);
}

TEST_CASE("a BatchNorm that branches share meets each branch's statistics in turn") {
    using Net = Network<Input<1, 2, 2>, Parallel<Concat, SharedWeights<BatchNorm, BatchNorm>>>;
    Weights<Net> w;
    learner<Net> m(w);
    const std::vector<float> images{1, 2, 3, 6};
    const std::vector<std::uint8_t> labels(m.labels_per_image, 0);
    m.train_step(images.data(), labels.data(), 1);
    CHECK(w.tensor("0.branches.0.running_mean")(0) == Approx(3 * 0.1 + 3 * 0.1 * 0.9));
    CHECK(w.tensor("0.branches.0.running_var")(0) == Approx(14.0 / 3 * (0.1 + 0.1 * 0.9) + 0.9 * 0.9));
}

TEST_CASE("heads of one shape share labels, others have their own; losses are added") {
    using One = Network<Input<2, 2, 2>, Identity>;
    using Twice = Network<Input<2, 2, 2>, Heads<Identity, Softmax>>;
    using Both = Network<Input<2, 2, 2>, Heads<Identity, GAP, Softmax>>;
    Weights<One> w1;
    Weights<Twice> w2;
    Weights<Both> w3;
    learner<One> one(w1);
    learner<Twice> twice(w2);
    learner<Both> both(w3);
    CHECK(one.labels_per_image == 4);
    CHECK(twice.labels_per_image == 4);
    CHECK(both.labels_per_image == 5);
    const std::vector<float> images{1, 2, 3, 4, 4, 3, 2, 0};
    std::vector<std::uint8_t> labels{0, 1, ignore_label, 0, 1};
    const step_result r = one.train_step(images.data(), labels.data(), 1);
    CHECK(r.counted == 3);
    CHECK(learner<One>::figures(r.sums) == std::vector<double>{r.loss, 2.0 / 3});
    const step_result s = twice.evaluate(images.data(), labels.data(), 1);
    CHECK(s.loss == Approx(2 * r.loss));
    CHECK(s.counted == 3);
    CHECK(learner<Twice>::figures(s.sums) == std::vector<double>{s.loss, r.loss, 2.0 / 3, r.loss, 2.0 / 3});
    // GAP gives 2.5 and 2.25.
    const step_result t = both.evaluate(images.data(), labels.data(), 1);
    CHECK(t.loss == Approx(2 * r.loss + std::log1p(std::exp(0.25))));
    CHECK(t.counted == 3);
    labels[4] = 2;
    CHECK_THROWS_AS(both.evaluate(images.data(), labels.data(), 1), Error);
}
