// SPDX-License-Identifier: BSD-3-Clause
// Is an image in strips the same, to the bit, as the whole image at once? Networks of every kind that Tiled takes, sizes
// around the strips, memory limits, threads; callbacks that stop or fail.
#include "../catch.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <fovea/detail/finite.hpp>
#include <fovea/fovea.hpp>

#include "allocations.hpp"
#include "child.hpp"
#include "compare_engines.hpp"

using namespace fovea;

namespace {

// The same network for any size. Fields of 23 and of 37 positions, no symmetric one in the second.
template <int H, int W>
using Chain = Network<Input<3, H, W>, Conv<out<5>>, BatchNorm, ReLU, Conv<out<9>, dil<3>>, PReLU, BatchNorm, Sigmoid,
                      Conv<out<6>, ker<3, 5>, dil<4, 2>, groups<3>>, ReLU, Conv<ker<2>, causal>, Tanh, Conv1x1<4>, Softmax>;
template <int H, int W>
using Graph = Network<Input<2, H, W>, Conv<out<6>>, LeakyReLU, Tap<"early">, Residual<Sequential<Conv<dil<5>>, ReLU, Conv<>>>,
                      ReLU, MaxPool<>, Parallel<Concat, Conv<out<4>, dil<2>>, AvgPool<ker<5, 3>>, Sequential<Identity>>,
                      DepthwiseConv<ker<5>>, Conv<out<6>, taps<ends<diagonal>, cross>, dil<2>>, AddFrom<"early">, SiLU,
                      MaxPool<ker<2>, dil<3>>, Gated<Conv<out<8>>>, BatchNorm>;
template <int H, int W>
using Split = Network<Input<1, H, W>, Conv<out<4>>, ReLU, Tap<"t">, Conv<out<4>, dil<3>>,
                      Heads<Conv1x1<2>, Sequential<From<"t">, Conv<out<3>>, Softmax>>>;

// Narrow images have their channels along the lanes, strips never. A pool whose sums are of several runs.
template <int H, int W>
using Narrow = Network<Input<16, H, W>, Residual<Conv<>>, ReLU, AvgPool<ker<17, 19>>>;

template <class Net, class Other>
Weights<Net> same_weights(const Weights<Other>& from) {
    Weights<Net> w;
    std::copy(from.values().begin(), from.values().end(), w.values().begin());
    return w;
}

template <class Tensor>
bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// As same_bits, but any NaN is NaN.
template <class Tensor>
bool same_values(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(), [](float p, float q) {
               return p == q || (detail::is_nan(p) && detail::is_nan(q));
           });
}

xt::xtensor<float, 3> random_image(std::size_t channels, std::size_t height, std::size_t width) {
    detail::random_stream random(5, height * 1000 + width);
    auto x = xt::xtensor<float, 3>::from_shape({channels, height, width});
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    return x;
}

/// The engines of each size against one Tiled for all of them.
template <template <int, int> class Net, class... Options>
struct strips_of {
    using type = Net<40, 40>;
    Weights<type> weights = test::random_weights<type>(3);
    Tiled<type, Options...> one{weights};
    Tiled<type, threads<3>, strip_columns<96>> narrow{weights};

    template <int H, int W>
    void compare() {
        CAPTURE(H, W);
        using whole = Net<H, W>;
        Engine<whole> engine(same_weights<whole>(weights));
        const auto x = random_image(input_shape<type>.channels, H, W);
        auto special = x;
        constexpr float infinity = std::numeric_limits<float>::infinity();
        special(0, H / 2, W / 3) = std::numeric_limits<float>::quiet_NaN();
        special(0, H - 1, W - 1) = infinity;
        special(0, 0, W / 2) = -infinity;
        const auto& y = engine(special);
        CHECK(same_values(one(special), y));
        CHECK(same_values(narrow(special), y));
        engine(x);  // nothing of it is left behind
        CHECK(same_bits(one(x), y));
        CHECK(same_bits(narrow(x), y));
    }
};

}  // namespace

TEST_CASE("an image in strips equals the whole image, to the bit") {
    strips_of<Chain, memory_limit<800'000>> chain;
    static_assert(decltype(chain.one)::memory_use() <= 800'000);
    strips_of<Narrow> sixteen;
    sixteen.compare<12, 10>();
    sixteen.compare<40, 20>();
    chain.compare<61, 97>();  // two strips that share all but one column
#if !defined(__SANITIZE_ADDRESS__)  // each of these is an engine, half a minute to compile under sanitizers
    chain.compare<8, 3>();       // as high as the highest window reaches
    chain.compare<40, 96>();     // one strip of just this width
    chain.compare<203, 509>();   // several in either
    strips_of<Graph> graph;
    graph.compare<10, 5>();
    graph.compare<77, 250>();
    graph.compare<150, 601>();
#endif
}

TEST_CASE("heads in strips come area by area") {
    using Net = Split<16, 16>;
    const auto weights = test::random_weights<Net>(9);
    constexpr std::size_t height = 45, width = 130;
    const auto x = random_image(1, height, width);
    Engine<Split<height, width>> engine(same_weights<Split<height, width>>(weights));
    const auto& [a, b] = engine(x);
    Tiled<Net, strip_columns<64>, threads<2>> tiled(weights);
    auto y = std::array{xt::xtensor<float, 3>(a.shape()), xt::xtensor<float, 3>(b.shape())};
    std::array<std::size_t, 2> written{};
    std::size_t read = 0;
    CHECK(tiled.run(
        height, width,
        [&](const image_area& r, float* to) {
            CHECK((r.rows <= tiled.strip_rows && r.columns <= tiled.strip_width));
            for (std::size_t row = r.row; row < r.row + r.rows; ++row, to += r.columns) {
                std::copy_n(&x(0, row, r.column), r.columns, to);
            }
            read += r.rows * r.columns;
        },
        [&](std::size_t head, const image_area& r, const float* from) {
            for (std::size_t c = 0; c < y[head].shape()[0]; ++c) {
                for (std::size_t row = r.row; row < r.row + r.rows; ++row, from += r.columns) {
                    std::copy_n(from, r.columns, &y[head](c, row, r.column));
                }
            }
            written[head] += r.rows * r.columns;
        }));
    CHECK(same_bits(y[0], a));
    CHECK(same_bits(y[1], b));
    CHECK(written == std::array{height * width, height * width});
    CHECK(read > height * width);
    CHECK(read < 2 * height * width);
}

#if !defined(__SANITIZE_ADDRESS__)  // which counts allocations itself
TEST_CASE("Tiled allocates what it says, and only in its constructor") {
    using Net = Chain<40, 40>;
    using tiled_type = Tiled<Net, memory_limit<3'000'000>, threads<2>>;
    const auto weights = test::random_weights<Net>(1);
    const std::size_t before = test::held_bytes();
    tiled_type tiled(weights);
    const std::size_t held = test::held_bytes() - before;
    CHECK(held >= tiled_type::memory_use());
    CHECK(held <= tiled_type::memory_use() + 8192);  // threads, and what the allocator rounds
    CHECK(tiled_type::memory_use() > 2'000'000);     // it uses what it is given
    const auto read = [](const image_area& a, float* to) { std::fill_n(to, 3 * a.rows * a.columns, 0.5F); };
    const auto write = [](const image_area&, const float*) {};
    const std::size_t calls = test::allocations();
    CHECK(tiled.run(300, 2000, read, write));
    CHECK(test::allocations() == calls);
}
#endif

TEST_CASE("callbacks may stop a run or throw, and the next run is right") {
    using Net = Chain<40, 40>;
    const auto weights = test::random_weights<Net>(4);
    const auto x = random_image(3, 90, 200);
    Tiled<Net, threads<3>, strip_columns<96>> tiled(weights);
    const auto expected = tiled(x);
    const auto nothing = [](const image_area&, auto) {};
    for (std::size_t fail_at = 0; fail_at < 8; fail_at += 3) {
        std::size_t calls = 0;
        const auto failing = [&](const image_area&, auto) {
            if (calls++ == fail_at) {
                throw std::runtime_error("disk");
            }
        };
        CHECK_THROWS_AS(tiled.run(90, 200, failing, nothing), std::runtime_error);
        calls = 0;
        CHECK_THROWS_AS(tiled.run(90, 200, nothing, failing), std::runtime_error);
        calls = 0;
        double last = -1;
        CHECK_FALSE(tiled.run(90, 200, nothing, nothing, [&](const tiled_progress& p) {
            CHECK((p.fraction() >= last && p.fraction() < 1));
            last = p.fraction();
            return calls++ < fail_at;
        }));
        CHECK(calls == fail_at + 1);
        CHECK(same_bits(tiled(x), expected));
    }
    double last = 0;
    CHECK(tiled.run(90, 200, nothing, nothing, [&](const tiled_progress& p) { last = p.fraction(); }));
    CHECK(last == 1);
    if (!test::sanitized) {
        CHECK(test::true_in_child([&] { return same_bits(tiled(x), expected); }));  // without the threads
        CHECK(same_bits(tiled(x), expected));
    }
}

TEST_CASE("images that cannot be run are refused") {
    using Net = Chain<40, 40>;
    Tiled<Net, threads<3>, strip_columns<96>> tiled(Weights<Net>{});
    static_assert(decltype(tiled)::least_height == 8);
    const auto nothing = [](const image_area&, auto) {};
    CHECK_THROWS_WITH(tiled.run(7, 200, nothing, nothing),
                      "fovea: Tiled: image extents: expected at least [8, 1], got [7, 200]; the highest window of the "
                      "network does not fit, use Engine with an Input of this size");
    CHECK_THROWS_AS(tiled.run(8, 0, nothing, nothing), Error);
    CHECK_THROWS_AS(tiled.run(std::size_t{1} << 24, 8, nothing, nothing), Error);
    CHECK_THROWS_AS(tiled(random_image(2, 30, 30)), Error);
}
