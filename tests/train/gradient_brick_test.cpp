// SPDX-License-Identifier: BSD-3-Clause
// Is the gradient right of the bricks that resample, pad with values, leave out taps or learn nothing?
#include <cmath>

#include <fovea/train/initialise.hpp>

#include "gradients.hpp"

using namespace fovea;
using train_test::check_gradients;

namespace {

struct ramp {
    static constexpr int height = 2;
    static constexpr int width = 3;
    static constexpr double at(int row, int column) { return 0.7 * row - 0.4 * column + 0.1; }
};
struct bump {
    static constexpr int height = 2;
    static constexpr int width = 3;
    static constexpr double at(int row, int column) { return row == 0 ? 0.5 : column - 0.8; }
};

using Deconvs = Network<Input<2, 3, 4>, Conv<out<4>>, Deconv<out<3>, stride<2>>, Tanh,
                        Deconv<out<4>, ker<4, 3>, stride<3, 1>, pad<1>, output_pad<2, 0>>, Deconv<groups<2>, dil<2>>,
                        Deconv<out<2>, ker<2>, stride<1, 2>, valid, no_bias>>;
using FirstDeconv = Network<Input<4, 9>, Deconv<out<4>, ker<4>, stride<2>, groups<2>>, Tanh, Deconv<ker<3>, causal>>;
using Sizes = Network<Input<2, 3, 4>, Conv<out<3>>, Upsample<2>, Conv<>, Upsample<3, bilinear>, Conv<>, Upsample<1>,
                      MaxPool<stride<2>>>;
using Medians = Network<Input<2, 6, 7>, Conv<out<3>>, MedianPool<>, Conv<>, MedianPool<ker<2>, stride<2, 1>>, Conv<>,
                        MedianPool<ker<2, 3>, dil<2>, pad<1>>>;
using Borders =
    Network<Input<2, 6, 7>, Conv<out<4>, reflect>, Conv<dil<2>, replicate>, DepthwiseConv<circular>, MaxPool<reflect>,
            Conv<out<3>, stride<2>, circular>, AvgPool<replicate>, MedianPool<circular, ker<2>>, Conv<ker<1>, reflect>>;
using Masks = Network<
    Input<2, 6, 9>, Conv<out<4>, taps<cross>>, Conv<out<5>, taps<ends<diagonal>, ends<antidiagonal>, horizontal>>,
    Conv<out<4>, taps<mask<"110 101 000">>, stride<2>>, Conv<out<6>, groups<2>, taps<diagonal, full>, dil<2>, reflect>,
    DepthwiseConv<taps<mask<"010 000 001">, cross>>>;
using Known =
    Network<Input<2, 6, 7>, FixedConv<ramp>, Conv<out<3>>, FixedConv<ramp, bump, dil<2>, replicate>, Conv1x1<3>>;
using KnownDot = Network<Input<2, 6, 7>, Conv<out<1>>, GAP, FixedConv<ramp, bump>>;

double mean_square(std::span<const float> values) {
    double sum = 0;
    for (float v : values) {
        sum += double{v} * double{v};
    }
    return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("gradients of resampling, padding, masked and fixed bricks agree with central differences") {
    check_gradients<Deconvs>("Deconvs");
    check_gradients<FirstDeconv>("FirstDeconv");
    check_gradients<Sizes>("Sizes");
    check_gradients<Medians>("Medians");
    check_gradients<Borders>("Borders");
    check_gradients<Masks>("Masks");
    check_gradients<Known>("Known");
    check_gradients<KnownDot>("KnownDot");
}

TEST_CASE("initial weights are scaled by the taps that are there, a Deconv's by its output channels") {
    using Net = Network<Input<32, 4, 4>, Conv<out<64>, taps<ends<diagonal>, full>>, Deconv<out<16>, ker<2>, stride<2>>>;
    const auto w = he_normal<Net>(1);
    const auto first = w[detail::tensor_of<Net>(0, "weight")];
    // Channels take turns: 32 * 2 values, then 32 * 9.
    double squares[2] = {};
    for (std::size_t c = 0; c < 64; ++c) {
        squares[c % 2] +=
            mean_square(c % 2 == 0 ? first.subspan(c / 2 * 32 * 11, 64) : first.subspan(c / 2 * 32 * 11 + 64, 288)) /
            32;
    }
    CHECK(squares[0] == Approx(2.0 / 64).epsilon(0.1));
    CHECK(squares[1] == Approx(2.0 / 288).epsilon(0.1));
    CHECK(mean_square(w[detail::tensor_of<Net>(1, "weight")]) == Approx(2.0 / (16 * 4)).epsilon(0.1));
    CHECK(mean_square(w[detail::tensor_of<Net>(0, "bias")]) == 0);
}
