// SPDX-License-Identifier: BSD-3-Clause
// What is said to a user who declared a network that cannot be? Every message of the declaring stage is here, and
// nowhere else: one error a network, with the place, the numbers and the remedy.
#pragma once

#include <fovea/infer/culprit.hpp>
#include <fovea/infer/harmless.hpp>

namespace fovea {

namespace detail {

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
    static_assert(
        stands<
            wrong_option<where<Net, M>, culprit<Net, M>, got_option<bad_option<Net, M>>, options_of<culprit<Net, M>>>>,
        "fovea: this brick does not take this option; remove it. Behind `takes` stand those that it does take");
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
    requires(M.what == refusal::user_member)
constexpr auto refuse() {
    static_assert(
        stands<brick_lacks<where<Net, M>, culprit<Net, M>,
                           decltype(name_of_member<static_cast<user_member>(M.numbers[0])>())>>,
        "fovea: a UserBrick has the members name, family, view, output, tensors, forward and backward, a "
        "UserActivation name, value and gradient; add the one named here, as docs/adding-a-brick.md shows it");
    return harmless{};
}

template <class Net, mistake M>
    requires(M.what == refusal::user_shape)
constexpr auto refuse() {
    static_assert(
        stands<view_mismatch<where<Net, M>, culprit<Net, M>, got<M.numbers[0], M.numbers[1], M.numbers[2]>,
                             gives<M.numbers[3], M.numbers[4], M.numbers[5]>>>,
        "fovea: what output() of this UserBrick gives does not fit its view: the input's extents for position, "
        "whole multiples for resampled, any for whole_map, and no extent 0; window and transposed are fovea's");
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
