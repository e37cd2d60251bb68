// SPDX-License-Identifier: BSD-3-Clause
// Does an Engine compute what the network says, at every batch and thread count, without allocating?
#include "../catch.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "allocations.hpp"
#include "child.hpp"
#include "compare_engines.hpp"
#include "seed_networks.hpp"

using namespace fovea;
using test::compare_engines;
using test::random_weights;

namespace {

// Every brick and option that an Engine runs, in small networks.
using Plain = Network<Input<3, 9, 11>, Conv<out<5>>, ReLU, Conv<out<7>, ker<3, 5>, dil<2, 1>>, Sigmoid, Conv1x1<4>>;
using Activations = Network<Input<2, 6, 20>, Conv<out<4>>, LeakyReLU, Conv<out<4>>, PReLU, Conv<out<4>>, Tanh,
                            Conv<out<4>>, SiLU, SiLU, Sigmoid, Tanh, PReLU, LeakyReLU, ReLU>;
using Norms = Network<Input<3, 8, 8>, BatchNorm, Conv<out<6>, no_bias>, BatchNorm, BatchNorm, Identity, ReLU,
                      Dropout<30>, BatchNormOf<std::ratio<1, 1000>>, Conv<>, ReLU, BatchNorm>;
using Strides = Network<Input<3, 17, 19>, Conv<out<8>, stride<2>>, ReLU, Conv<out<8>, ker<5>, stride<3, 2>, valid>,
                        Conv<ker<2>, stride<1, 2>, pad<1>>, Sigmoid>;
using Pools = Network<Input<4, 15, 18>, MaxPool<>, AvgPool<>, MaxPool<ker<2>, stride<2>, valid>,
                      AvgPool<ker<3>, stride<2>, pad<1>>, MaxPool<ker<2>, dil<2>>>;
using Groups = Network<Input<6, 10, 33>, Conv<out<12>, groups<3>>, ReLU, DepthwiseConv<dil<2>>, DepthwiseConv<out<24>>,
                       Conv1x1<8, groups<2>>, Conv<groups<8>>>;
using Head = Network<Input<3, 5, 7>, Conv<out<6>>, GAP, Conv<out<9>>, ReLU, Conv1x1<5>, Tanh, Dense<4>, GAP, Softmax>;
using Flat =
    Network<Input<2, 6, 5>, Conv<out<3>>, ReLU, Dense<20>, SiLU, Dense<7, no_bias>, BatchNorm, ReLU, Dense<3>, Softmax>;
using Wave = Network<Input<2, 100>, Conv<out<8>, ker<2>, causal>, Tanh, Conv<ker<2>, dil<2>, causal>, Sigmoid,
                     Conv<ker<3>, dil<16>>, BatchNorm, PReLU, Conv<ker<4>, stride<3>, valid>, AvgPool<stride<2>>,
                     Conv1x1<3>, Softmax>;
using Nested =
    Network<Input<3, 8, 8>, Repeat<2, Conv<out<6>>, BatchNorm, ReLU>, Sequential<Repeat<2, Conv<>>, Sequential<ReLU>>>;
using Nothing = Network<Input<3, 4, 5>, Identity, Dropout<50>>;
using Sample = Network<Input<3, 12, 20>, Conv<out<8>, dil<2>>, BatchNorm, ReLU, GAP, Conv1x1<10>, Softmax>;

// Layers that `fast` computes in Winograd's domain.
using Filtered =
    Network<Input<8, 20, 36>, Conv<out<12>, dil<2>>, BatchNorm, ReLU, Residual<Conv<dil<4>>>, LeakyReLU,
            Conv<out<16>, ker<5>>, PReLU, Conv<out<16>, ker<7>, no_bias>, Tanh, Conv<ker<3, 1>>, Conv1x1<3>>;
using FilteredLine = Network<Input<16, 300>, Conv<out<24>, causal>, ReLU, Conv<dil<4>, causal>>;

/// Engines of `fast` and `Options`, of one thread and of two, within the promised bound of the exact one.
template <class Net, class... Options>
void compare_fast(const char* name) {
    INFO(name);
    const auto w = random_weights<Net>(17);
    const auto x = test::random_inputs<Net>(3, 5);
    constexpr std::size_t in = input_shape<Net>.size(), out = output_shape<Net>.size();
    Engine<Net> exact_engine(w);
    Engine<Net, fast, Options...> one(w);
    Engine<Net, threads<2>, fast, Options...> two(w);
    Engine<Net, fast, batch<3>, threads<2>, Options...> many(w);
    std::vector<float> expected(out), y(out), z(out), all(3 * out);
    many.run(x.data(), all.data());
    double largest = 0, error = 0;
    for (std::size_t n = 0; n < 3; ++n) {
        exact_engine.run(x.data() + n * in, expected.data());
        one.run(x.data() + n * in, y.data());
        two.run(x.data() + n * in, z.data());
        CHECK(y == z);
        CHECK(std::equal(y.begin(), y.end(), all.begin() + static_cast<std::ptrdiff_t>(n * out)));
        for (std::size_t k = 0; k < out; ++k) {
            largest = std::max(largest, std::abs(double{expected[k]}));
            const double difference = std::abs(double{expected[k]} - double{y[k]});
            error = std::isnan(error) || difference <= error ? error : difference;  // a NaN stays
        }
    }
    INFO("largest output " << largest << ", largest error " << error);
    CHECK(error < 2e-5 * largest);
    CHECK(error > 0);  // other arithmetic was used
}

}  // namespace

TEST_CASE("fast engines stay within the bound, threads and batches agree to the bit") {
    compare_fast<Filtered>("Filtered");
    compare_fast<FilteredLine, use<"0", winograd<4>>>("FilteredLine");
    compare_fast<Sample, tuned<use<"0", winograd<2, 4>>>>("Sample");
    using step = detail::execute::step<Sample, 0, detail::execute::algorithm_of<Sample, 0, fast, use<"0", direct>>>;
    static_assert(std::is_same_v<step::kernel, detail::execute::step<Sample, 0>::kernel>);
}

TEST_CASE("a plan says which way each convolution goes and what memory it takes") {
    constexpr auto& exact_plan = plan<Filtered>;
    constexpr auto& fast_plan = plan<Filtered, fast, use<"0", direct>, use<"7", winograd<3>>>;
    static_assert(exact_plan.at("3.body").algorithm == conv_algorithm{});
    static_assert(fast_plan.at("0").algorithm == conv_algorithm{});
    static_assert(fast_plan.at("5").algorithm.method == conv_method::winograd);
    static_assert(fast_plan.at("7").algorithm.tile.rows.blocks == 3);
    static_assert(exact_plan.arena_bytes == arena_bytes<Filtered> && fast_plan.weight_bytes > exact_plan.weight_bytes);
    std::ostringstream text;
    text << fast_plan;
    CHECK(text.str().find("Winograd F(3x3, 3x3) in 3x3 blocks") != std::string::npos);
}

TEST_CASE("engines agree with the plain network, threads and batches with one another") {
    compare_engines<Plain, 3>("Plain");
    compare_engines<Activations, 2>("Activations");
    compare_engines<Norms, 2>("Norms");
    compare_engines<Strides, 3>("Strides");
    compare_engines<Pools, 2>("Pools");
    compare_engines<Groups, 2>("Groups");
    compare_engines<Head, 5>("Head");
    compare_engines<Flat, 2>("Flat");
    compare_engines<Wave, 2>("Wave");
    compare_engines<Nested, 2>("Nested");
    compare_engines<Nothing, 2>("Nothing");
#if !defined(__SANITIZE_ADDRESS__)  // a minute to compile under sanitizers, and no brick that is not above
    compare_engines<seed::Dilated4, 3>("Dilated4");
    compare_engines<seed::Strided4, 3>("Strided4");
    compare_engines<seed::Segment, 2>("Segment");
#endif
}

TEST_CASE("in a child made by fork() an engine with threads gives the same bits") {
    if (test::sanitized) {
        return;
    }
    const auto w = random_weights<Head>(17);
    const auto x = test::random_inputs<Head>(5, 5);
    Engine<Head, threads<2>> rows(w);
    Engine<Head, batch<5>, threads<2>> many(w);
    std::vector<float> one(4), all(20);
    rows.run(x.data(), one.data());
    many.run(x.data(), all.data());
    CHECK(test::true_in_child([&] {
        std::vector<float> again(4), all_again(20);
        for (int i = 0; i < 3; ++i) {
            rows.run(x.data(), again.data());
            many.run(x.data(), all_again.data());
        }
        const Engine<Head, threads<2>> another(w);
        return again == one && all_again == all;
    }));
}

TEST_CASE("engines that were moved give the same bits, and keep their threads") {
    using Net = Network<Input<3, 20, 20>, Conv<out<8>>, ReLU, DepthwiseConv<>, GAP, Conv1x1<5>, Softmax>;
    using engine = Engine<Net, threads<2>>;
    static_assert(std::is_nothrow_move_constructible_v<engine> && std::is_nothrow_move_assignable_v<engine>);
    static_assert(!std::is_copy_constructible_v<engine> && !std::is_copy_assignable_v<engine>);
    const auto w = test::random_weights<Net>(7);
    const auto other = test::random_weights<Net>(8);
    auto x = xt::xtensor<float, 3>::from_shape({3, 20, 20});
    std::ranges::copy(test::random_inputs<Net>(1, 11), x.begin());
    engine first(w);
    const xt::xtensor<float, 3> expected = first(x);
    const float* const memory = first(x).data();

    engine constructed(std::move(first));
    CHECK(constructed(x) == expected);
    CHECK(constructed(x).data() == memory);  // moved, not made again
    engine assigned(other);
    CHECK(assigned(x) != expected);
    assigned = std::move(constructed);
    CHECK(assigned(x) == expected);
    constructed = engine(other);  // one that was moved from can be used again
    CHECK(constructed(x) == Engine<Net>(other)(x));
    std::vector<engine> many;
    for (int i = 0; i < 3; ++i) {
        many.emplace_back(w);
    }
    for (engine& e : many) {
        CHECK(e(x) == expected);
    }

    using Two = Network<Input<3, 20, 20>, Conv<out<8>>, Heads<Conv1x1<2>, Conv1x1<3>>>;
    Engine<Two> heads(test::random_weights<Two>(7));
    const auto both = heads(x);
    Engine<Two> moved(std::move(heads));
    CHECK(moved(x) == both);
}

TEST_CASE("a call allocates nothing") {
    const auto w = random_weights<Sample>(1);
    Engine<Sample> one(w);
    Engine<Sample, batch<4>, threads<2>> many(w);
    xt::xtensor<float, 3> x = xt::ones<float>({3, 12, 20});
    xt::xtensor<float, 4> xs = xt::ones<float>({4, 3, 12, 20});
    const std::size_t before = test::allocations();
    float sum = 0;
    for (int i = 0; i < 100; ++i) {
        sum += one(x)(0, 0, 0) + many(xs)(3, 1, 0, 0);
    }
    CHECK(test::allocations() == before);
    CHECK(sum > 0);
#if !defined(__SANITIZE_ADDRESS__)
    void* p = ::operator new(1);  // the counter counts; a call, since clang leaves out a new-expression without effect
    CHECK(test::allocations() == before + 1);
    ::operator delete(p);
#endif
}

TEST_CASE("an engine takes any xtensor of its shape") {
    const auto w = random_weights<Sample>(2);
    Engine<Sample> engine(w);
    xt::xtensor<float, 4> xs({2, 3, 12, 20});
    detail::random_stream random(3);
    for (float& v : xs) {
        v = static_cast<float>(random.normal());
    }
    const xt::xarray<float> second = xt::view(xs, 1);
    const xt::xtensor<float, 3> expected = engine(second);
    CHECK(expected.shape()[0] == 10);
    const float sum = xt::sum(expected)();
    CHECK(sum == Approx(1.0F));
    CHECK(xt::all(xt::equal(engine(xt::view(xs, 1)), expected)));  // a view
    const xt::xtensor<float, 3, xt::layout_type::column_major> column = second;
    CHECK(xt::all(xt::equal(engine(column), expected)));
    CHECK(xt::all(xt::equal(engine(second + 0.0F), expected)));  // an expression
}
