// SPDX-License-Identifier: BSD-3-Clause
// Is the table of layers right to the character? A line of every brick with every option, and the columns of all lines.
#include <seed_networks.hpp>

using namespace fovea;

namespace {

using Image = Network<Input<4, 50, 60>, Conv<out<8>>, BatchNorm, ReLU, Conv<ker<2, 3>, dil<4, 1>, causal>,
                      DepthwiseConv<out<16>, stride<2, 1>>, Repeat<2, Conv1x1<8, groups<2>>, PReLU>,
                      Sequential<Conv<groups<4>, pad<3, 0>, no_bias>, Sequential<LeakyReLU>>, Conv1x1<10, stride<2>>,
                      MaxPool<ker<2>, stride<2>, valid>, AvgPool<dil<2>>, Dropout<20>, Dense<7, no_bias>, Softmax>;
static_assert(summary<Image> ==
              " layer  brick                             output       field     params           MACs\n"
              "        Input                            4x50x60\n"
              " 0      Conv 3x3                         8x50x60         3x3        296        864,000\n"
              " 1      BatchNorm                        8x50x60         3x3         16              0\n"
              " 2      ReLU                             8x50x60         3x3          0              0\n"
              " 3      Conv 2x3 dil 4x1 causal          8x50x60         7x5        392      1,152,000\n"
              " 4      DepthwiseConv 3x3 stride 2x1    16x25x60         9x7        160        216,000\n"
              " 5.0.0  Conv1x1 groups 2                 8x25x60         9x7         72         96,000\n"
              " 5.0.1  PReLU                            8x25x60         9x7          8              0\n"
              " 5.1.0  Conv1x1 groups 2                 8x25x60         9x7         40         48,000\n"
              " 5.1.1  PReLU                            8x25x60         9x7          8              0\n"
              " 6.0    Conv 3x3 pad 3x0 groups 4 no_bias 8x29x58       13x9        144        242,208\n"
              " 6.1.0  LeakyReLU                        8x29x58        13x9          0              0\n"
              " 7      Conv1x1 stride 2                10x15x29        13x9         90         34,800\n"
              " 8      MaxPool 2x2 stride 2 valid       10x7x14       17x11          0              0\n"
              " 9      AvgPool 3x3 dil 2                10x7x14       49x27          0              0\n"
              " 10     Dropout 20%                      10x7x14       49x27          0              0\n"
              " 11     Dense no_bias                      7x1x1       49x27      6,860          6,860\n"
              " 12     Softmax                            7x1x1       49x27          0              0\n"
              " total                                                 49x27      8,086      2,659,868\n");

// 1-D: one extent.
using Time = Network<Input<1, 500>, Conv<out<2>, ker<3>, dil<4>, causal>, Sigmoid, Tanh, SiLU, MaxPool<stride<2>>,
    Identity, GAP>;
static_assert(summary<Time> ==
              " layer  brick                             output       field     params           MACs\n"
              "        Input                              1x500\n"
              " 0      Conv 3 dil 4 causal                2x500           9          8          3,000\n"
              " 1      Sigmoid                            2x500           9          0              0\n"
              " 2      Tanh                               2x500           9          0              0\n"
              " 3      SiLU                               2x500           9          0              0\n"
              " 4      MaxPool 3 stride 2                 2x250          11          0              0\n"
              " 5      Identity                           2x250          11          0              0\n"
              " 6      GAP                                  2x1          11          0              0\n"
              " total                                                    11          8          3,000\n");

/// A line for the head, the input, each layer and the sum; no tabs, no trailing blanks; every line but the input's ends
/// in the MACs' column.
template <class Net>
constexpr bool well_formed() {
    std::size_t lines = 0, start = 0;
    const std::string_view text = summary<Net>;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\t') {
            return false;
        }
        if (text[i] == '\n') {
            const bool input = lines == 1;
            if (i == start || text[i - 1] == ' ' || (!input && i - start != detail::columns::macs)) {
                return false;
            }
            ++lines;
            start = i + 1;
        }
    }
    return lines == layer_count<Net> + 3 && start == text.size();
}
static_assert(well_formed<seed::Dilated4>() && well_formed<seed::LargeKernel4>() && well_formed<seed::Strided4>());
static_assert(well_formed<seed::Cascade10>() && well_formed<seed::Depthwise10>() && well_formed<seed::Wide4>());
static_assert(well_formed<seed::Segment>() && well_formed<Image>() && well_formed<Time>());
static_assert(describe<Image>() == summary<Image> && describe<Image>() != describe<Time>());

// Longer than one part of the table (200 lines), and not a multiple of it.
using Deep = Network<Input<1, 8, 8>, Repeat<201, Conv<>, ReLU>>;
static_assert(summary<Deep>.size() > 405 * 80 && layer_count<Deep> == 402);
static_assert(summary<Deep>.ends_with(" 0.200.1 ReLU                              1x8x8     403x403          0              0\n"
                                      " total                                               403x403      2,010        115,776\n"));

}  // namespace
