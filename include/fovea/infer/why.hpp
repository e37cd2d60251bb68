// SPDX-License-Identifier: BSD-3-Clause
// In which words does a message show its numbers and types? Other stages' messages have words
// of their own beside these.
#pragma once

#include <cstddef>

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
/// The options of a brick, each with some value.
template <class... Options>
struct takes {};
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
struct brick_lacks {};
namespace member {
struct name {};
struct family {};
struct view {};
struct output {};
struct tensors {};
struct forward {};
struct backward {};
struct value {};
struct gradient {};
}  // namespace member
template <class... Facts>
struct view_mismatch {};
template <long long... Extents>
struct gives {};
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

}  // namespace detail
}  // namespace fovea
