// SPDX-License-Identifier: BSD-3-Clause
// What was wrong with a declaration, as a plain value? The messages are in check.hpp.
#pragma once

#include <cstddef>

namespace fovea::detail {

enum class refusal : unsigned char {
    none,
    no_input,
    input_count,
    input_extent,
    input_inside,
    no_bricks,
    not_a_brick,
    empty_container,
    repeat_count,
    foreign_option,
    repeated_option,
    option_value,
    option_value_count,
    misspelt_option,
    brick_value,
    two_axes_in_one_dimension,
    window_exceeds_input,
    padding_crops_all,
    window_of_padding,
    groups_of_input,
    groups_of_output,
    depthwise_output,
    softmax_not_last,
    heads_not_last,
    shape_mismatch,
    concat_mismatch,
    stride_mismatch,
    unknown_tap,
    unread,
    branch_count,
    join_kind,
    stray_shared,
    shared_structure,
    gate_channels,
    output_padding,
    reflected_padding,
    circular_padding,
    taps_size,
    taps_characters,
    taps_none,
    taps_too_many,
    no_dilations,
    too_large,
    too_many_layers,
    too_deep,
};

/// What a container calls a child; the weight names say the same.
enum class role : unsigned char { item, body, shortcut, branch, head };

/// One step of the way from the network to a brick: item 3, branch 1.
struct place {
    int index = 0;
    role as = role::item;
    constexpr bool operator==(const place&) const = default;
};

/// Steps of the longest way: containers within containers, and the brick in the innermost.
inline constexpr std::size_t deepest_path = 16;
/// Both compilers manage as many within their own limits (clang: 1,048,576 operations in one constant).
inline constexpr std::size_t most_layers = 3'000;

/// Where: from the outermost container inwards. What: up to eight numbers whose meaning depends on `what`.
struct mistake {
    refusal what = refusal::none;
    std::size_t depth = 0;
    place where[deepest_path] = {};
    long long numbers[8] = {};

    constexpr explicit operator bool() const { return what != refusal::none; }
};

}  // namespace fovea::detail
