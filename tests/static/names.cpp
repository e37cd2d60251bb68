// SPDX-License-Identifier: BSD-3-Clause
// Are tensors called as in PyTorch's state_dict of the equal nn.Sequential, in its order, and laid out without gaps?
#include <algorithm>

#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

struct wanted {
    std::string_view name;
    std::size_t rank;
    std::array<std::size_t, 4> extents;
    bool trainable = true;
};

template <class Net, std::size_t N>
constexpr bool holds(const wanted (&list)[N]) {
    if (tensors<Net>.size() != N) {
        return false;
    }
    for (std::size_t i = 0; i < N; ++i) {
        const tensor_info& t = tensors<Net>[i];
        if (t.name != list[i].name || t.rank != list[i].rank || t.trainable != list[i].trainable) {
            return false;
        }
        for (std::size_t d = 0; d < 4; ++d) {
            if (t.extents[d] != (d < t.rank ? list[i].extents[d] : 1)) {
                return false;
            }
        }
        const layer_info& l = layers<Net>[t.layer];
        if (!t.name.view().starts_with(l.path) || t.name.view()[l.path.size()] != '.') {
            return false;
        }
    }
    return true;
}

/// Every element of the storage belongs to exactly one tensor: trainable ones in front, in order, then the buffers.
template <class Net>
constexpr bool fills_storage() {
    std::size_t trainable = 0, buffer = parameter_count<Net>;
    for (const tensor_info& t : tensors<Net>) {
        std::size_t& next = t.trainable ? trainable : buffer;
        if (t.offset != next) {
            return false;
        }
        next += t.size();
    }
    return trainable == parameter_count<Net> && buffer == parameter_count<Net> + buffer_count<Net>;
}

// nn.Sequential(Conv2d, BatchNorm2d, PReLU, Conv2d(groups=8), Sequential(Sequential(Conv2d(bias=False), ReLU),
// Sequential(...)),
//               AdaptiveAvgPool2d, Flatten + Linear as one entry, Softmax)
using Image = Network<Input<3, 10, 12>, Conv<out<8>, ker<3, 5>>, BatchNorm, PReLU, DepthwiseConv<>,
                      Repeat<2, Conv<out<4>, no_bias>, BatchNormOf<std::ratio<1, 1000>>>, MaxPool<>, Dense<10>,
                          Softmax>;
static_assert(holds<Image>({
    {"0.weight", 4, {8, 3, 3, 5}},
    {"0.bias", 1, {8}},
    {"1.weight", 1, {8}},
    {"1.bias", 1, {8}},
    {"1.running_mean", 1, {8}, false},
    {"1.running_var", 1, {8}, false},
    {"2.weight", 1, {8}},
    {"3.weight", 4, {8, 1, 3, 3}},
    {"3.bias", 1, {8}},
    {"4.0.0.weight", 4, {4, 8, 3, 3}},
    {"4.0.1.weight", 1, {4}},
    {"4.0.1.bias", 1, {4}},
    {"4.0.1.running_mean", 1, {4}, false},
    {"4.0.1.running_var", 1, {4}, false},
    {"4.1.0.weight", 4, {4, 4, 3, 3}},
    {"4.1.1.weight", 1, {4}},
    {"4.1.1.bias", 1, {4}},
    {"4.1.1.running_mean", 1, {4}, false},
    {"4.1.1.running_var", 1, {4}, false},
    {"6.weight", 2, {10, 480}},
    {"6.bias", 1, {10}},
}));
static_assert(fills_storage<Image>());

// Conv1d has rank 3: O, I / groups, K.
using Time = Network<Input<4, 100>, Conv<out<6>, ker<7>, groups<2>>, Repeat<3, Conv1x1<6>>, GAP, Dense<2, no_bias>>;
static_assert(holds<Time>({
    {"0.weight", 3, {6, 2, 7}},
    {"0.bias", 1, {6}},
    {"1.0.weight", 3, {6, 6, 1}},
    {"1.0.bias", 1, {6}},
    {"1.1.weight", 3, {6, 6, 1}},
    {"1.1.bias", 1, {6}},
    {"1.2.weight", 3, {6, 6, 1}},
    {"1.2.bias", 1, {6}},
    {"3.weight", 2, {2, 6}},
}));
static_assert(fills_storage<Time>());
// The nearest false ones: another rank, another name, one tensor less.
static_assert(!holds<Network<Input<1, 9>, Conv1x1<2>>>({{"0.weight", 4, {2, 1, 1, 1}}, {"0.bias", 1, {2}}}));
static_assert(!holds<Network<Input<1, 9>, Conv1x1<2>>>({{"1.weight", 3, {2, 1, 1}}, {"0.bias", 1, {2}}}));
static_assert(!holds<Network<Input<1, 9>, Conv1x1<2>>>({{"0.weight", 3, {2, 1, 1}}}));

static_assert(tensors<Network<Input<1, 9, 9>, ReLU, GAP>>.empty());

// --- paths: positions from the outermost container inwards
// -------------------------------------------------------------

template <class Net, std::size_t N>
constexpr bool paths(const std::string_view (&list)[N]) {
    if (layers<Net>.size() != N || layer_count<Net> != N) {
        return false;
    }
    for (std::size_t i = 0; i < N; ++i) {
        if (layers<Net>[i].path != list[i]) {
            return false;
        }
    }
    return true;
}

// Repeat of one brick adds one level, of several two (each copy is a Sequential).
using Nested = Network<Input<1, 9, 9>, ReLU, Repeat<2, Conv<>>, Repeat<2, Conv<>, ReLU>,
                       Sequential<Sequential<Conv<>>, Repeat<2, Sequential<Tanh, SiLU>>>, 
                       Repeat<1, Repeat<1, Repeat<1, ReLU>>>>;
static_assert(paths<Nested>({"0", "1.0", "1.1", "2.0.0", "2.0.1", "2.1.0", "2.1.1", "3.0.0", "3.1.0.0", "3.1.0.1",
                             "3.1.1.0", "3.1.1.1", "4.0.0.0"}));
static_assert(layers<Nested>[0].name == "ReLU" && layers<Nested>[9].name == "SiLU" &&
              layers<Nested>[9].act == activation::silu);
// The longest path that there can be still has room, and with it the longest tensor name.
template <int Depth>
struct nest {
    using type = Parallel<Sum, Identity, typename nest<Depth - 1>::type>;
};
template <>
struct nest<0> {
    using type = Conv<>;
};
using Deepest = Network<Input<1, 9, 9>, Repeat<101, Tanh>, nest<15>::type>;
constexpr std::string_view deepest = "1.branches.1.branches.1.branches.1.branches.1.branches.1.branches.1.branches.1."
                                     "branches.1.branches.1.branches.1.branches.1.branches.1.branches.1.branches.1."
                                     "branches.1";
static_assert(std::ranges::any_of(layers<Deepest>, [](const layer_info& l) { return l.path == deepest; }));
static_assert(tensors<Deepest>[0].name.view().starts_with(deepest) && tensors<Deepest>[0].name.view().ends_with(".weight"));
static_assert(!detail::sound<Network<Input<1, 9, 9>, nest<16>::type>>);

// Every record: shapes chain, names are the bricks', options are kept as values.
template <class Net>
constexpr bool chained() {
    Shape at = input_shape<Net>;
    for (const layer_info& l : layers<Net>) {
        if (l.input != at) {
            return false;
        }
        at = l.output;
    }
    return at == output_shape<Net>;
}
static_assert(chained<Image>() && chained<Time>() && chained<Nested>());

using Values = Network<Input<4, 9, 9>, Conv<groups<2>, no_bias, dil<1, 2>, causal>, BatchNorm,
                       BatchNormOf<std::ratio<1, 1000>, std::ratio<1, 100>>, LeakyReLU, LeakyReLUOf<std::ratio<1,
                           5>>, Dropout<30>>;
constexpr const auto& v = layers<Values>;
static_assert(v[0].groups == 2 && !v[0].bias && v[0].padding == padding_rule::causal);
static_assert(v[0].rows == axis_window{.kernel = 3, .dilation = 1, .stride = 1, .pad_before = 2, .pad_after = 0});
static_assert(v[0].columns == axis_window{.kernel = 3, .dilation = 2, .stride = 1, .pad_before = 4, .pad_after = 0});
static_assert(v[1].epsilon == detail::fraction{1, 100'000} && v[1].momentum == detail::fraction{1, 10});
static_assert(v[2].epsilon == detail::fraction{1, 1000} && v[2].momentum == detail::fraction{1, 100});
static_assert(v[3].constants.list[0] == detail::fraction{1, 100} && v[4].constants.list[0] == detail::fraction{1, 5} &&
              v[5].percent == 30);
static_assert(v[3].name == "LeakyReLU" && v[4].name == "LeakyReLU" && v[1].name == "BatchNorm" &&
    v[2].name == "BatchNorm");

}  // namespace
