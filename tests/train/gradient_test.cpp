// SPDX-License-Identifier: BSD-3-Clause
// Is the gradient of every brick and of both losses right, and the same whatever the number of threads?
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/detail/finite.hpp>

#include "gradients.hpp"

using namespace fovea;
using train_test::check_gradients;

namespace {

using Convs = Network<Input<2, 7, 9>, Conv<out<3>>, Conv<out<4>, ker<3, 5>, dil<2, 1>>, Conv<out<3>, ker<2>, no_bias>>;
using Wide = Network<Input<2, 5, 37>, Conv<out<9>>, Conv<out<14>, ker<1, 7>>, Conv1x1<3>>;
using Strides = Network<Input<2, 9, 11>, Conv<out<4>, stride<2>>, Conv<out<3>, ker<3>, stride<2, 3>, pad<2>>,
                        Conv<out<5>, ker<2>, dil<2>, stride<1, 2>, valid>>;
using Groups = Network<Input<4, 6, 7>, Conv<out<6>, groups<2>>, DepthwiseConv<dil<2>>,
                       DepthwiseConv<out<12>, stride<2>>, Conv1x1<4, groups<4>>>;
using Norms = Network<Input<2, 5, 6>, BatchNorm, Conv<out<4>, no_bias>, BatchNorm, ReLU, Conv<out<3>>,
                      BatchNormOf<std::ratio<1, 100>>, Identity, BatchNorm>;
using Curves = Network<Input<2, 4, 18>, Conv<out<3>>, ReLU, Conv<>, LeakyReLU, Conv<>, PReLU, Conv<>, Sigmoid, Conv<>,
                       Tanh, Conv<>, SiLU, PReLU>;
using Pools = Network<Input<2, 9, 10>, Conv<out<3>>, MaxPool<>, Conv<>, AvgPool<>, Conv<>, MaxPool<ker<2>, stride<2>>,
                      AvgPool<ker<3, 2>, stride<2, 1>, pad<1>>, MaxPool<ker<2>, dil<2>>>;
using Head = Network<Input<2, 5, 6>, Conv<out<4>>, GAP, Conv<out<5>>, Tanh, Dense<6>, Dropout<40>, Conv1x1<3>, Softmax>;
using Flat = Network<Input<2, 3, 4>, Conv<out<3>>, Tanh, Dense<7>, BatchNorm, ReLU, Dense<4, no_bias>, Softmax>;
using Wave = Network<Input<2, 30>, Conv<out<4>, ker<2>, causal>, Tanh, Conv<ker<3>, dil<4>, causal>, Sigmoid,
                     Conv<ker<3>, stride<2>>, BatchNorm, ReLU, Conv1x1<3>, Softmax>;
/// The gradient of the second map takes the place of the last one's, whose rows of 16 have no gap.
using Gaps = Network<Input<2, 3, 16>, Conv<out<3>>, Conv<out<4>>, Conv1x1<5>, Conv1x1<3>>;
/// Layers that `fast` takes to Winograd's domain, forward and back: groups, dilations, sizes off the tiles, a line,
/// joins.
using Tiles = Network<Input<3, 13, 18>, Conv<out<17>>, Tanh, Conv<out<34>, groups<1>, dil<2>>, BatchNorm, ReLU,
                      Residual<Conv<groups<2>>>, Conv<out<20>, ker<3>, valid, no_bias>, Tanh, Conv<dil<3>>, Softmax>;
using Line = Network<Input<12, 70>, Conv<out<24>, ker<3>, dil<2>, causal>, Tanh, Conv<out<16>>, GAP, Conv1x1<3>>;
using Dropped = Network<Input<2, 6, 6>, Conv<out<4>>, Dropout<25>, ReLU, Conv<out<3>>, Softmax>;

}  // namespace

TEST_CASE("gradients agree with central differences") {
    check_gradients<Convs>("Convs");
    check_gradients<Wide>("Wide");
    check_gradients<Strides>("Strides");
    check_gradients<Groups>("Groups");
    check_gradients<Norms>("Norms");
    check_gradients<Curves>("Curves");
    check_gradients<Pools>("Pools");
    check_gradients<Head>("Head");
    check_gradients<Flat>("Flat");
    check_gradients<Wave>("Wave");
    check_gradients<Gaps>("Gaps");
    check_gradients<Dropped>("Dropped");
}

TEST_CASE("gradients by Winograd's filtering agree with central differences") {
    using detail::train::operation_with;
    using first = operation_with<Tiles, double, 2, true>;
    constexpr bool chosen = kernels::lanes<double> < 4 || first::conv::learn.method == conv_method::winograd;
    static_assert(chosen, "the test must reach what it tests");
    check_gradients<Tiles, fast>("Tiles");
    check_gradients<Line, fast>("Line");
}

template <class Net, class Mode>
void check_threads() {
    detail::random_stream random(5);
    Weights<Net> start;
    for (float& w : start.parameters()) {
        w = static_cast<float>(random.normal());
    }
    constexpr std::size_t n = 19;
    std::vector<float> images(n * input_shape<Net>.size());
    for (float& x : images) {
        x = static_cast<float>(random.normal());
    }
    std::vector<std::uint8_t> labels(n * output_shape<Net>.positions(), 1);
    std::vector<float> first;
    Weights<Net> after;
    for (std::size_t threads : {1U, 2U, 3U, 5U}) {
        Weights<Net> w = start;
        learner<Net, float, Mode> m(w, thread_count{threads});
        const auto r = m.train_step(images.data(), labels.data(), n, 0);
        CHECK(r.counted == labels.size());
        std::vector<float> g(m.gradient().begin(), m.gradient().end());
        if (first.empty()) {
            first = g;
            after = w;
        }
        CHECK(g == first);
        CHECK(w == after);
        CHECK(m.evaluate(images.data(), labels.data(), n).loss > 0);
        CHECK(w == after);  // evaluation changes nothing
    }
}

TEST_CASE("gradients and statistics do not depend on the number of threads") {
    check_threads<Norms, exact>();
    check_threads<Tiles, fast>();
}

TEST_CASE("a label that is no class is refused, ignored labels count nothing") {
    Weights<Dropped> w;
    learner<Dropped> m(w);
    std::vector<float> image(input_shape<Dropped>.size(), 1.0F);
    std::vector<std::uint8_t> labels(36, ignore_label);
    CHECK(m.train_step(image.data(), labels.data(), 1).counted == 0);
    for (float g : m.gradient()) {
        CHECK(g == 0.0F);
    }
    labels[7] = 3;
    CHECK_THROWS_AS(m.train_step(image.data(), labels.data(), 1), Error);
}

TEST_CASE("a NaN reaches the loss, whatever dropout drops, and all gradients behind it") {
    Weights<Dropped> w;
    for (float& v : w.parameters()) {
        v = 0.5F;
    }
    w.tensor("0.weight")(0, 0, 1, 1) = std::numeric_limits<float>::quiet_NaN();  // one channel of four
    learner<Dropped> m(w);
    const std::vector<float> image(input_shape<Dropped>.size(), 1.0F);
    std::vector<std::uint8_t> labels(36, ignore_label);
    labels[0] = 1;  // the corner sees four positions of that channel: in one of 256 draws all of them are dropped
    std::size_t lost = 0;
    for (std::uint64_t noise = 0; noise < 1'000; ++noise) {
        lost += detail::is_nan(m.train_step(image.data(), labels.data(), 1, noise).loss) ? 0U : 1U;
    }
    CHECK(lost == 0);
}

TEST_CASE("cross-entropy of logits that are not numbers") {
    constexpr map_layout m = make_map_layout(3, 1, 1, 0);
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    const auto run = [&](float a, float b, float c, std::uint8_t label, std::array<float, 3>& gradient) {
        std::vector<float> p(3 * static_cast<std::size_t>(m.plane)), g(p.size());
        const auto plane = static_cast<std::size_t>(m.plane);
        p[0] = a, p[plane] = b, p[2 * plane] = c;
        const auto sums = cross_entropy{}.run<float, m>(p.data(), &label, g.data(), 1.0F);
        gradient = {g[0], g[plane], g[2 * plane]};
        return sums;
    };
    std::array<float, 3> g{};
    for (const float bad : {nan, infinity}) {  // as PyTorch: log_softmax is NaN
        const auto sums = run(1, bad, 2, 2, g);
        CHECK((detail::is_nan(sums[0]) && sums[1] == 0));
        CHECK((detail::is_nan(g[0]) && detail::is_nan(g[1]) && detail::is_nan(g[2])));
        CHECK(run(1, bad, 2, 1, g)[1] == 1);  // argmax is the NaN, or infinity
    }
    CHECK(run(1, -infinity, 2, 1, g)[0] == double{infinity});
    CHECK((g[1] == -1 && g[0] > 0 && g[2] > 0));
    CHECK(run(1, -infinity, 2, 2, g)[0] == Approx(std::log1p(std::exp(-1.0))));
}
