// SPDX-License-Identifier: BSD-3-Clause
// Does an Engine compute what the network says, at every batch and thread count, without allocating?
#include "../catch.hpp"

#include <vector>

#include <fovea/detail/random.hpp>
#include <fovea/fovea.hpp>

#include "allocations.hpp"
#include "reference_network.hpp"
#include "seed_networks.hpp"

using namespace fovea;
using detail::random_stream;

namespace {

/// Weights of every kind away from their neutral values, and such that values stay near 1 through the layers.
template <class Net>
Weights<Net> random_weights(std::uint64_t seed) {
    random_stream random(seed);
    Weights<Net> w;
    for (const tensor_info& t : tensors<Net>) {
        const std::string_view name = t.name;
        const layer_info& l = layers<Net>[t.layer];
        const double fan_in = static_cast<double>(t.size() / t.extents[0]);
        for (float& v : w[t]) {
            if (name.ends_with("running_var")) {
                v = static_cast<float>(0.5 + random.uniform());
            } else if (l.kind == brick_kind::batch_norm && name.ends_with("weight")) {
                v = static_cast<float>(0.5 + random.uniform());
            } else if (t.rank > 1) {
                v = static_cast<float>(random.normal() * std::sqrt(2.0 / fan_in));
            } else {
                v = static_cast<float>(0.2 * random.normal());
            }
        }
    }
    return w;
}

template <class Net>
std::vector<float> random_inputs(std::size_t n, std::uint64_t seed) {
    random_stream random(seed, 1);
    std::vector<float> x(n * input_shape<Net>.size());
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    return x;
}

template <class Net, std::size_t N>
void compare(const char* name) {
    INFO(name);
    constexpr std::size_t in = input_shape<Net>.size(), out = output_shape<Net>.size();
    const auto w = random_weights<Net>(7);
    const auto x = random_inputs<Net>(N, 11);
    Engine<Net> one(w);
    Engine<Net, threads<2>> rows(w);
    Engine<Net, batch<N>, threads<2>> many(w);
    std::vector<float> y(N * out), z(out), all(N * out);
    many.run(x.data(), all.data());
    double worst = 0, largest = 0;
    for (std::size_t n = 0; n < N; ++n) {
        one.run(x.data() + n * in, y.data() + n * out);
        rows.run(x.data() + n * in, z.data());
        CHECK(std::equal(z.begin(), z.end(), y.begin() + static_cast<std::ptrdiff_t>(n * out)));
        const test::values expected =
            test::reference_forward(w, test::values(x.begin() + static_cast<std::ptrdiff_t>(n * in),
                                                    x.begin() + static_cast<std::ptrdiff_t>((n + 1) * in)));
        for (std::size_t k = 0; k < out; ++k) {
            largest = std::max(largest, std::abs(expected[k]));
            worst = std::max(worst, std::abs(expected[k] - double{y[n * out + k]}));
        }
    }
    CHECK(all == y);
    INFO("largest output " << largest << ", largest error " << worst);
    CHECK(worst < 2e-5 * largest);
    CHECK(largest > 1e-3);
}

}  // namespace

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

}  // namespace

TEST_CASE("engines agree with the plain network, threads and batches with one another") {
    compare<Plain, 3>("Plain");
    compare<Activations, 2>("Activations");
    compare<Norms, 2>("Norms");
    compare<Strides, 3>("Strides");
    compare<Pools, 2>("Pools");
    compare<Groups, 2>("Groups");
    compare<Head, 5>("Head");
    compare<Flat, 2>("Flat");
    compare<Wave, 2>("Wave");
    compare<Nested, 2>("Nested");
    compare<Nothing, 2>("Nothing");
#if !defined(__SANITIZE_ADDRESS__)  // a minute to compile under sanitizers, and no brick that is not above
    compare<seed::Dilated4, 3>("Dilated4");
    compare<seed::Strided4, 3>("Strided4");
    compare<seed::Segment, 2>("Segment");
#endif
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
    random_stream random(3);
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
