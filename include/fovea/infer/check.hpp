// SPDX-License-Identifier: BSD-3-Clause
// What is said to a user who declared a network that cannot be? Every message of the declaring stage is here, and
// nowhere else: one error a network, with the place, the numbers and the remedy.
#pragma once

#include <utility>

#include <fovea/declare/activation.hpp>
#include <fovea/declare/conv.hpp>
#include <fovea/infer/harmless.hpp>
#include <fovea/infer/trace.hpp>

namespace fovea {

// The words of the messages: empty types that the compiler prints with their numbers.

/// Position in the network's list, then inside containers: layer<3>, layer<3, 0, 1>.
template <int... Position>
struct layer {};
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
struct order_mismatch {};
template <class... Facts>
struct too_large {};
template <class... Facts>
struct no_such_position {};
template <std::size_t N>
struct positions {};

namespace detail {

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

template <class Brick, int... Where>
struct brick_at {
    using type = Brick;
};
template <class Parts, class... Bricks, int I, int... Rest>
struct brick_at<Network<Parts, Bricks...>, I, Rest...> : brick_at<typename type_at<I, Bricks...>::type, Rest...> {};
template <class... Bricks, int I, int... Rest>
struct brick_at<Sequential<Bricks...>, I, Rest...> : brick_at<typename type_at<I, Bricks...>::type, Rest...> {};
template <int N, class... Bricks, int I, int... Rest>
struct brick_at<Repeat<N, Bricks...>, I, Rest...> : brick_at<Sequential<Bricks...>, Rest...> {};
template <int N, class Brick, int I, int... Rest>
struct brick_at<Repeat<N, Brick>, I, Rest...> : brick_at<Brick, Rest...> {};

template <class Brick, int I>
struct option_at {
    template <class... Options>
    static typename type_at<I, Options...>::type pick(type_pack<Options...>);
    using type = decltype(pick(typename brick_traits<Brick>::options{}));
};

template <class Net, mistake M, class = std::make_index_sequence<M.depth>>
struct place;
template <class Net, mistake M, std::size_t... D>
struct place<Net, M, std::index_sequence<D...>> {
    using layer_type = layer<M.where[D]...>;
    using brick = typename brick_at<Net, M.where[D]...>::type;
};

template <class Net, mistake M>
using where = typename place<Net, M>::layer_type;
template <class Net, mistake M>
using culprit = typename place<Net, M>::brick;
template <class Net, mistake M>
using bad_option = typename option_at<culprit<Net, M>, static_cast<int>(M.numbers[0])>::type;

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
    requires(M.what == refusal::foreign_option)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this brick does not take this option; remove it, or see the brick's documentation for those "
                  "it takes");
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
    requires(M.what == refusal::option_value)
constexpr auto refuse() {
    static_assert(stands<wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>>>,
                  "fovea: this option's value is too small: out, ker, dil, stride and groups start at 1, pad at 0");
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
    requires(M.what == refusal::brick_value)
constexpr auto refuse() {
    static_assert(
        stands<wrong_value<where<Net, M>, got_type<culprit<Net, M>>>>,
        "fovea: this brick's value is out of range: Dropout takes 0..99 percent, BatchNormOf an epsilon above 0 "
        "and a momentum in 0..1");
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
    requires(M.what == refusal::window_of_padding)
constexpr auto refuse() {
    static_assert(
        stands<window_mismatch<where<Net, M>, culprit<Net, M>, window<M.numbers[0], M.numbers[1]>,
                               padding<M.numbers[2], M.numbers[3]>, got<M.numbers[4], M.numbers[5]>>>,
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
    requires(M.what == refusal::too_large)
constexpr auto refuse() {
    static_assert(stands<too_large<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1], M.numbers[2]>>>,
                  "fovea: the MACs, or the bytes of maps and parameters, up to this layer exceed 2^63, the range of "
                  "std::ptrdiff_t; use fewer channels, a smaller kernel or a smaller input");
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
                  "fovea: at most seven containers stand within each other; write inner Sequentials out");
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

template <class Net, std::size_t I>
constexpr harmless refuse_position() {
    static_assert(stands<no_such_position<got<static_cast<long long>(I)>, positions<network_traits<Net>::positions>>>,
                  "fovea: the network's list is shorter than this position; positions count from 0 behind Input");
    return {};
}

}  // namespace detail
}  // namespace fovea
