// SPDX-License-Identifier: BSD-3-Clause
// What is said to a user who declared a network that cannot be? Every message of the declaring stage is here, and
// nowhere else: one error a network, with the place, the numbers and the remedy.
#pragma once

#include <ratio>
#include <type_traits>
#include <utility>

#include <fovea/declare/activation.hpp>
#include <fovea/declare/conv.hpp>
#include <fovea/declare/fixed_conv.hpp>
#include <fovea/declare/pool.hpp>
#include <fovea/infer/harmless.hpp>
#include <fovea/infer/trace.hpp>

namespace fovea {

/// The words of the messages: empty types that the compiler prints with their numbers. In a namespace of their own,
/// because `layer`, `head` or `path` are also what users call their types.
namespace why {

// Where: layer<3> is the position in the network's list; inside containers a path<layer<7>, branch<1>, layer<2>>.
template <int Position>
struct layer {};
template <int Position>
struct branch {};
template <int Position>
struct head {};
struct body {};
struct shortcut {};
/// The map that an AddFrom or ConcatFrom stands behind.
struct layer_input {};
template <class... Steps>
struct path {};
/// A Tap's name, letter by letter: both compilers print that alike.
template <char... Name>
struct tap_name {};
template <class... Values>
struct got_option {};
template <class... Values>
struct got_type {};
template <long long... Values>
struct got {};
template <long long... Values>
struct expected {};
template <long long... Values>
struct needs {};
template <long long... Values>
struct window {};
template <long long... Values>
struct padding {};
template <long long... Values>
struct strides {};
template <class... Types>
struct expected_type {};
struct rows {};
struct columns {};
/// A number that is not whole: clang before 18 has no floating-point template parameters.
template <long long Value>
struct millionths {};

template <class... Facts>
struct network_without_input {};
template <class... Facts>
struct wrong_input {};
template <class... Facts>
struct no_such_brick {};
template <class... Facts>
struct wrong_option {};
template <class... Facts>
struct wrong_value {};
template <class... Facts>
struct wrong_container {};
template <class... Facts>
struct window_mismatch {};
template <class... Facts>
struct channel_mismatch {};
template <class... Facts>
struct shape_mismatch {};
template <class... Facts>
struct stride_mismatch {};
template <class... Facts>
struct weights_mismatch {};
template <class... Facts>
struct pattern_mismatch {};
template <class... Facts>
struct unknown_tap {};
template <class... Facts>
struct output_unread {};
template <class... Facts>
struct order_mismatch {};
template <class... Facts>
struct field_out_of_reach {};
template <class... Facts>
struct too_large {};
template <class... Facts>
struct no_such_position {};
template <std::size_t N>
struct positions {};
template <class... Facts>
struct no_such_output {};
template <std::size_t N>
struct has_outputs {};

}  // namespace why

namespace detail {

using namespace why;

/// False for every set of facts; a static_assert on it shows them in its text.
template <class Facts>
inline constexpr bool stands = false;

// Finding the offending type again: only ever instantiated for a mistake.

template <int I, class... Types>
struct type_at {
    using type = void;
};
template <class First, class... Rest>
struct type_at<0, First, Rest...> {
    using type = First;
};
template <int I, class First, class... Rest>
    requires(I > 0)
struct type_at<I, First, Rest...> : type_at<I - 1, Rest...> {};

/// For type_at: which of them is not good?
template <std::size_t N>
constexpr int first_false(const bool (&good)[N]) {
    int i = 0;
    while (good[i]) {
        ++i;
    }
    return i;
}

/// Branches as they are counted: SharedWeights gives several.
template <class... Bricks>
struct branch_list {};
template <class Done, class... Branches>
struct opened;
template <class... Done>
struct opened<branch_list<Done...>> {
    using type = branch_list<Done...>;
};
template <class... Done, class Branch, class... Rest>
struct opened<branch_list<Done...>, Branch, Rest...> : opened<branch_list<Done..., Branch>, Rest...> {};
template <class... Done, class... Branches, class... Rest>
struct opened<branch_list<Done...>, SharedWeights<Branches...>, Rest...>
    : opened<branch_list<Done...>, Branches..., Rest...> {};

template <class Brick, place... Where>
struct brick_at {
    using type = Brick;
};
template <class Parts, class... Bricks, place P, place... Rest>
struct brick_at<Network<Parts, Bricks...>, P, Rest...> : brick_at<typename type_at<P.index, Bricks...>::type, Rest...> {
};
template <class... Bricks, place P, place... Rest>
struct brick_at<Sequential<Bricks...>, P, Rest...> : brick_at<typename type_at<P.index, Bricks...>::type, Rest...> {};
template <class... Bricks, place P, place... Rest>
struct brick_at<Gated<Bricks...>, P, Rest...> : brick_at<typename type_at<P.index, Bricks...>::type, Rest...> {};
template <class... Bricks, place P, place... Rest>
struct brick_at<branch_list<Bricks...>, P, Rest...> : brick_at<typename type_at<P.index, Bricks...>::type, Rest...> {};
template <int N, class... Bricks, place P, place... Rest>
struct brick_at<Repeat<N, Bricks...>, P, Rest...> : brick_at<Sequential<Bricks...>, Rest...> {};
template <int N, class Brick, place P, place... Rest>
struct brick_at<Repeat<N, Brick>, P, Rest...> : brick_at<Brick, Rest...> {};
template <class Body, class Shortcut, place P, place... Rest>
struct brick_at<Residual<Body, Shortcut>, P, Rest...>
    : brick_at<typename type_at<P.as == role::body ? 0 : 1, Body, Shortcut>::type, Rest...> {};
template <class Join, class... Branches, place P, place... Rest>
struct brick_at<Parallel<Join, Branches...>, P, Rest...>
    : brick_at<typename opened<branch_list<>, Branches...>::type, P, Rest...> {};
template <class... Branches, place P, place... Rest>
struct brick_at<Heads<Branches...>, P, Rest...>
    : brick_at<typename opened<branch_list<>, Branches...>::type, P, Rest...> {};

template <class Brick, int I>
struct option_at {
    template <class... Options>
    static typename type_at<I, Options...>::type pick(type_pack<Options...>);
    using type = decltype(pick(typename brick_traits<Brick>::options{}));
};

template <place P>
constexpr auto step_type() {
    if constexpr (P.as == role::body) {
        return body{};
    } else if constexpr (P.as == role::shortcut) {
        return shortcut{};
    } else if constexpr (P.as == role::branch) {
        return branch<P.index>{};
    } else if constexpr (P.as == role::head) {
        return head<P.index>{};
    } else {
        return layer<P.index>{};
    }
}
template <class Step, class... Inner>
struct path_of {
    using type = path<Step, Inner...>;
};
template <class Step>
struct path_of<Step> {
    using type = Step;
};

template <class Net, mistake M, class = std::make_index_sequence<M.depth>>
struct place_of;
template <class Net, mistake M, std::size_t... D>
struct place_of<Net, M, std::index_sequence<D...>> {
    using layer_type = typename path_of<decltype(step_type<M.where[D]>())...>::type;
    using brick = typename brick_at<Net, M.where[D]...>::type;
};

template <class Net, mistake M>
using where = typename place_of<Net, M>::layer_type;
template <class Net, mistake M>
using culprit = typename place_of<Net, M>::brick;
template <class Net, mistake M>
using bad_option = typename option_at<culprit<Net, M>, static_cast<int>(M.numbers[0])>::type;

template <class Brick, class Characters>
struct characters_of;
template <class Brick, std::size_t... I>
struct characters_of<Brick, std::index_sequence<I...>> {
    using type = tap_name<brick_traits<Brick>::spec.label[I]...>;
};
template <class Brick>
using tap_of = typename characters_of<Brick, std::make_index_sequence<brick_traits<Brick>::spec.label.size()>>::type;

/// What the two maps are called that do not fit at a join: `other` disagrees with `first`. A Residual's body disagrees
/// with its shortcut, whichever runs first.
template <class Brick, int N>
struct operands {
    using other = tap_of<Brick>;
    using first = layer_input;
    static constexpr bool swapped = false;
};
template <class Join, class... Branches, int N>
struct operands<Parallel<Join, Branches...>, N> {
    using other = branch<N>;
    using first = branch<0>;
    static constexpr bool swapped = false;
};
template <class Body, class Shortcut, int N>
struct operands<Residual<Body, Shortcut>, N> {
    using other = body;
    using first = shortcut;
    static constexpr bool swapped = true;
};

/// Place, then either map with its shape.
template <class Net, mistake M, class Names = operands<culprit<Net, M>, static_cast<int>(M.numbers[6])>>
struct shape_facts {
    static constexpr const long long* other = M.numbers + (Names::swapped ? 3 : 0);
    static constexpr const long long* first = M.numbers + (Names::swapped ? 0 : 3);
    using type = shape_mismatch<where<Net, M>, typename Names::other, got<other[0], other[1], other[2]>,
                                typename Names::first, expected<first[0], first[1], first[2]>>;
};

template <long long Numerator, long long Denominator>
struct stride_of {
    using type = stride<static_cast<int>(Numerator)>;
};
template <long long Numerator, long long Denominator>
    requires(Denominator != 1)
struct stride_of<Numerator, Denominator> {
    using type = std::ratio<Numerator, Denominator>;
};
/// The same with the strides of the first axis that disagrees.
template <class Net, mistake M, class Names = operands<culprit<Net, M>, static_cast<int>(M.numbers[5])>>
struct stride_facts {
    static constexpr const long long* other = M.numbers + (Names::swapped ? 2 : 0);
    static constexpr const long long* first = M.numbers + (Names::swapped ? 0 : 2);
    using type = stride_mismatch<where<Net, M>, std::conditional_t<M.numbers[4] == 0, rows, columns>,
                                 typename Names::other, got_type<typename stride_of<other[0], other[1]>::type>,
                                 typename Names::first, expected_type<typename stride_of<first[0], first[1]>::type>>;
};

template <class Brick>
struct got_percent;
template <percentage P>
struct got_percent<Dropout<P>> {
    using type = std::conditional_t<P.in_millionths, got_type<millionths<P.value>>, got<P.value>>;
};

template <class Net, mistake M>
inline constexpr bool is_refused_gaussian = std::is_base_of_v<refused_gaussian, bad_option<Net, M>>;

template <class T>
inline constexpr bool is_taps = false;
template <class... Patterns>
inline constexpr bool is_taps<taps<Patterns...>> = true;

/// A brick whose message is its own: one name for those that take the same options or values.
template <class Net, mistake M>
constexpr std::string_view family() {
    const brick_spec& s = brick_traits<culprit<Net, M>>::spec;
    return is_pool(s) ? "pool"
           : !s.label.empty() || s.kind == brick_kind::tap || s.kind == brick_kind::add || s.kind == brick_kind::concat
               ? "Tap"
           : s.kind == brick_kind::conv && s.name != "FixedConv" ? "Conv"
                                                                 : s.name;
}

// One function a mistake. Functions, not classes: clang treats a class with a failed static_assert as invalid and
// would report every later use of it as well.

template <class Net, mistake M>
    requires(M.what == refusal::no_input)
constexpr auto refuse() {
    static_assert(stands<network_without_input<got_type<Net>>>,
                  "fovea: a network is Network<Input<C, H, W>, bricks...> or Network<Input<C, T>, bricks...>; "
                  "put the Input first");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::input_count)
constexpr auto refuse() {
    static_assert(stands<wrong_input<got<M.numbers[0]>, expected<2, 3>>>,
                  "fovea: Input takes two extents (channels, time) or three (channels, rows, columns)");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::input_extent)
constexpr auto refuse() {
    static_assert(stands<wrong_input<got<M.numbers[0], M.numbers[1], M.numbers[2]>>>,
                  "fovea: every extent of Input must be at least 1");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::input_inside)
constexpr auto refuse() {
    static_assert(stands<wrong_input<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: Input stands once, as the first entry of the Network; remove this one");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::no_bricks)
constexpr auto refuse() {
    static_assert(stands<wrong_container<got_type<Net>>>,
                  "fovea: the network has an Input but no brick; add one, or Identity");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::not_a_brick)
constexpr auto refuse() {
    static_assert(stands<no_such_brick<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: this entry of the network is not a brick; use Conv<...>, BatchNorm, ReLU, ... "
                  "(options such as out<16> belong inside a brick)");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::empty_container)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: this container holds no brick; put one in, or use Identity");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::repeat_count)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: Repeat<N, bricks...> needs N of at least 1; to leave the bricks out, remove the Repeat");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::foreign_option && family<Net, M>() == "Conv")
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it. Conv takes out, ker, dil, stride, same | "
                  "valid | causal | "
                  "pad, reflect | replicate | circular, groups, taps, no_bias; DepthwiseConv the same but groups; "
                  "Conv1x1 stride, "
                  "groups, no_bias");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::foreign_option && family<Net, M>() == "Dense")
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it. Dense takes no_bias");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::foreign_option && family<Net, M>() == "Deconv")
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it. Deconv takes out, ker, dil, stride, same | "
                  "valid | causal | "
                  "pad, output_pad, groups, no_bias");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::foreign_option && family<Net, M>() == "pool")
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it. Pools take ker, dil, stride, same | valid | "
                  "causal | pad, "
                  "reflect | replicate | circular");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::foreign_option && family<Net, M>() == "FixedConv")
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it. FixedConv takes kernels, then dil, stride, "
                  "same | valid | causal | pad, reflect | replicate | circular");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::repeated_option)
constexpr auto refuse() {
    static_assert(
        stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
        "fovea: this option is given twice, or contradicts an earlier one (same, valid, causal and pad are one "
        "choice); keep one");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::option_value && !is_taps<bad_option<Net, M>>)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this option's value is too small: out, ker, dil, stride and groups start at 1, pad and "
                  "output_pad at 0");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::option_value && is_taps<bad_option<Net, M>>)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: taps<> takes at least one pattern: full, cross, diagonal, antidiagonal, horizontal, "
                  "vertical, ends<> of a "
                  "line, or mask<\"010 111 010\">");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::option_value_count)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this option takes one value for both axes, or two: rows, columns");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::misspelt_option)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: options have short names: out<16> channels, ker<3> (kernel), dil<2> (dilation), stride<2>, "
                  "pad<1>, same, valid or causal (padding)");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "Dropout")
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, typename got_percent<culprit<Net, M>>::type>>,
                  "fovea: Dropout takes 0..99 percent: Dropout<50> zeroes half of the values");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "BatchNorm")
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: BatchNormOf takes an epsilon above 0 and a momentum in 0..1, each a std::ratio: "
                  "BatchNormOf<std::ratio<1, 1000>, std::ratio<1, 100>>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "LeakyReLU")
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: LeakyReLUOf takes its slope as a std::ratio: LeakyReLUOf<std::ratio<1, 5>>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "Upsample")
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: Upsample takes a factor of at least 1, and nearest or bilinear");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "Tap")
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: a Tap has a name, and From, AddFrom and ConcatFrom say it: Tap<\"skip\">, AddFrom<\"skip\">");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "FixedConv" && !is_refused_gaussian<Net, M>)
constexpr auto refuse() {
    static_assert(
        stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
        "fovea: FixedConv takes first at least one kernel, a type with constants height, width and at(row, column), "
        "all of one extent");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::brick_value && family<Net, M>() == "FixedConv" && is_refused_gaussian<Net, M>)
constexpr auto refuse() {
    static_assert(stands<wrong_value<where<Net, M>, got_type<bad_option<Net, M>>>>,
                  "fovea: gaussian and gaussian_line take sigma as a std::ratio of 1/4 to 100 and orders of 0 to 4: "
                  "gaussian<std::ratio<3, 2>, 0, 1>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::two_axes_in_one_dimension)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1]>>>,
                  "fovea: a network with Input<C, T> has one axis, time; give ker, dil, stride and pad one value");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::window_exceeds_input)
constexpr auto refuse() {
    static_assert(
        stands<window_mismatch<where<Net, M>, culprit<Net, M>, needs<M.numbers[0], M.numbers[1]>,
                               got<M.numbers[2], M.numbers[3]>>>,
        "fovea: the window, (kernel - 1) * dilation + 1, is larger than the padded input, so the map would be "
        "empty; use a smaller kernel or dilation, more padding, or `same`");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::padding_crops_all)
constexpr auto refuse() {
    static_assert(stands<window_mismatch<where<Net, M>, culprit<Net, M>, why::padding<M.numbers[0], M.numbers[1]>,
                                         got<M.numbers[2], M.numbers[3]>>>,
                  "fovea: a Deconv's pad<> is cut off its output on both sides, and nothing is left of (input - 1) * "
                  "stride + (kernel - 1) * dilation + 1; use a smaller pad<>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::window_of_padding)
constexpr auto refuse() {
    static_assert(
        stands<window_mismatch<where<Net, M>, culprit<Net, M>, window<M.numbers[0], M.numbers[1]>,
                               why::padding<M.numbers[2], M.numbers[3]>, got<M.numbers[4], M.numbers[5]>>>,
        "fovea: some windows of this pool hold nothing but padding; use a smaller pad<> or dilation, or an odd "
        "kernel with `same`");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::groups_of_input)
constexpr auto refuse() {
    static_assert(stands<channel_mismatch<where<Net, M>, culprit<Net, M>, groups<static_cast<int>(M.numbers[0])>,
                                          got<M.numbers[1]>>>,
                  "fovea: the groups do not divide the input's channels; change groups<> or the channels before");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::groups_of_output)
constexpr auto refuse() {
    static_assert(stands<channel_mismatch<where<Net, M>, culprit<Net, M>, groups<static_cast<int>(M.numbers[0])>,
                                          out<static_cast<int>(M.numbers[1])>>>,
                  "fovea: the groups do not divide the output channels; change groups<> or out<>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::depthwise_output)
constexpr auto refuse() {
    static_assert(
        stands<channel_mismatch<where<Net, M>, culprit<Net, M>, got<M.numbers[1]>, expected<M.numbers[0]>>>,
        "fovea: a DepthwiseConv gives a multiple of its input's channels; leave out<> away, or follow it by a "
        "Conv1x1");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::softmax_not_last)
constexpr auto refuse() {
    static_assert(
        stands<order_mismatch<where<Net, M>, Softmax, got<M.numbers[0]>>>,
        "fovea: Softmax must be the last brick (training fuses it with the loss); remove the bricks behind it, "
        "or use Sigmoid inside a network");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::heads_not_last)
constexpr auto refuse() {
    static_assert(stands<order_mismatch<where<Net, M>, got<M.numbers[0]>>>,
                  "fovea: Heads must be the last brick of the network: its outputs are the network's; move the bricks "
                  "behind them "
                  "into the heads, or use Parallel");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::shape_mismatch)
constexpr auto refuse() {
    static_assert(
        stands<typename shape_facts<Net, M>::type>,
        "fovea: maps that are added must have one shape: channels, rows, columns. Give the branch or the shortcut a "
        "Conv1x1<channels>, and all of them the same strides and padding");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::concat_mismatch)
constexpr auto refuse() {
    static_assert(stands<typename shape_facts<Net, M>::type>,
                  "fovea: maps whose channels are put together must have equal rows and columns; use the same strides "
                  "and padding "
                  "on all of them, or Upsample, or Deconv");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::stride_mismatch)
constexpr auto refuse() {
    static_assert(
        stands<typename stride_facts<Net, M>::type>,
        "fovea: the maps that meet here have equal shapes but different strides over the input, so their units do not "
        "belong together; give all of them the same total stride");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::unknown_tap)
constexpr auto refuse() {
    static_assert(stands<unknown_tap<where<Net, M>, tap_of<culprit<Net, M>>>>,
                  "fovea: no Tap of this name stands before; put Tap<\"name\"> where the map is that you mean");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::unread)
constexpr auto refuse() {
    static_assert(stands<output_unread<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: no brick reads the output of this one, because a From<\"name\"> behind it goes on from "
                  "another map; put a Tap behind it for the brick that needs it, or leave it out");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::branch_count)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: Parallel and SharedWeights need at least two branches, Heads at least one; use a Sequential "
                  "for one");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::join_kind)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: Parallel's first argument says how the branches meet: Parallel<Sum, ...> or "
                  "Parallel<Concat, ...>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::stray_shared)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: SharedWeights stands among the branches of a Parallel or the heads of Heads, nowhere else");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::shared_structure)
constexpr auto refuse() {
    static_assert(stands<weights_mismatch<where<Net, M>, got_type<culprit<Net, M>>>>,
                  "fovea: branches in SharedWeights have the same bricks in the same order with weights of the same "
                  "shape; they may differ in dilation and padding only");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::gate_channels)
constexpr auto refuse() {
    static_assert(stands<channel_mismatch<where<Net, M>, got<M.numbers[0]>>>,
                  "fovea: Gated multiplies the tanh of the first half of the channels by the sigmoid of the second; "
                  "what stands inside must give an even number of channels");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::output_padding)
constexpr auto refuse() {
    static_assert(stands<window_mismatch<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1]>,
                                         why::strides<M.numbers[2], M.numbers[3]>>>,
                  "fovea: output_pad<> goes with pad<> or valid, and must be smaller than the stride or the dilation");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::reflected_padding || M.what == refusal::circular_padding)
constexpr auto refuse() {
    static_assert(stands<window_mismatch<where<Net, M>, culprit<Net, M>, why::padding<M.numbers[0], M.numbers[1]>,
                                         got<M.numbers[2], M.numbers[3]>>>,
                  "fovea: the map is too small for this padding: reflect needs more rows and columns than are padded, "
                  "circular at least as many; use replicate, zeros, or a smaller kernel or dilation");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::taps_size)
constexpr auto refuse() {
    static_assert(stands<pattern_mismatch<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1]>,
                                          expected<M.numbers[2], M.numbers[3]>>>,
                  "fovea: a mask<> has the kernel's rows and columns, rows separated by blanks: mask<\"010 111 010\"> "
                  "for ker<3>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::taps_characters)
constexpr auto refuse() {
    static_assert(stands<pattern_mismatch<where<Net, M>, culprit<Net, M>>>,
                  "fovea: a mask<> consists of rows of 0 and 1, of one length, separated by blanks: "
                  "mask<\"010 111 010\">");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::taps_none)
constexpr auto refuse() {
    static_assert(stands<pattern_mismatch<where<Net, M>, culprit<Net, M>>>,
                  "fovea: a mask<> without a 1 leaves no tap; put one in");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::taps_too_many)
constexpr auto refuse() {
    static_assert(stands<pattern_mismatch<where<Net, M>, culprit<Net, M>, got<M.numbers[0]>, expected<M.numbers[1]>>>,
                  "fovea: patterns are for kernels of at most 256 taps; use a smaller ker<>");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::no_dilations)
constexpr auto refuse() {
    using stack = culprit<Net, M>;
    static_assert(
        stands<field_out_of_reach<where<Net, M>, stack, expected<stack::target>, got<stack::largest>>>,
        "fovea: no dilations of so few layers reach this receptive field without holes: the largest is kernel "
        "to the power of layers; take more layers or a larger kernel");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::too_large)
constexpr auto refuse() {
    static_assert(stands<too_large<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1], M.numbers[2]>>>,
                  "fovea: the MACs, or the bytes of maps and parameters, up to this layer exceed 2^63 (2^31 on 32-bit "
                  "processors), the range of std::ptrdiff_t; use fewer channels, a smaller kernel or a smaller input");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::too_many_layers)
constexpr auto refuse() {
    static_assert(stands<too_large<got<M.numbers[0]>, expected<static_cast<long long>(most_layers)>>>,
                  "fovea: the network has more layers than are supported; use a smaller Repeat");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::too_deep)
constexpr auto refuse() {
    static_assert(stands<wrong_container<where<Net, M>, expected<static_cast<long long>(deepest_path) - 1>>>,
                  "fovea: at most fifteen containers stand within each other; write inner Sequentials out");
    return harmless{};
}

/// Whether a network can be; says nothing.
template <class Net>
inline constexpr bool sound = !network_traits<Net>::trace.error;

/// Reports the mistake of a network that is not sound, once however often it is asked, and gives a harmless value.
template <class Net>
constexpr harmless refuse_network() {
    return refuse<Net, network_traits<Net>::trace.error>();
}

/// The support of a sound network that is more than a constant may take.
template <class Net>
constexpr harmless refuse_support() {
    static_assert(stands<too_large<got<static_cast<long long>(network_traits<Net>::trace.field.height.size),
                                       static_cast<long long>(network_traits<Net>::trace.field.width.size)>>>,
                  "fovea: the support of this network is too large for a constant: at most about 2,000 x 2,000 "
                  "positions, 250 windows, 64 phases behind upsampling, and some 300 x 300 where masks make its shape "
                  "irregular; ask receptive_field instead, or support_at of an earlier position");
    return {};
}

template <class Net, std::size_t O>
constexpr harmless refuse_output() {
    static_assert(
        stands<no_such_output<got<static_cast<long long>(O)>, has_outputs<network_traits<Net>::trace.output_count>>>,
        "fovea: the network has fewer outputs than this one: one, or as many as Heads; they count from 0");
    return {};
}

template <class Net, std::size_t I>
constexpr harmless refuse_position() {
    static_assert(stands<no_such_position<got<static_cast<long long>(I)>, positions<network_traits<Net>::positions>>>,
                  "fovea: the network's list is shorter than this position; positions count from 0 behind Input");
    return {};
}

}  // namespace detail
}  // namespace fovea
