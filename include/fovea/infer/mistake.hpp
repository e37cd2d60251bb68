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
    brick_value,
    two_axes_in_one_dimension,
    window_exceeds_input,
    window_of_padding,
    groups_of_input,
    groups_of_output,
    depthwise_output,
    softmax_not_last,
    too_large,
    too_many_layers,
    too_deep,
};

/// Containers within containers.
inline constexpr std::size_t deepest_path = 8;
/// Both compilers manage as many within their own limits (clang: 1,048,576 steps in one constant).
inline constexpr std::size_t most_layers = 3'000;

/// Where: positions from the outermost container inwards. What: up to six numbers whose meaning depends on `what`.
struct mistake {
    refusal what = refusal::none;
    std::size_t depth = 0;
    int where[deepest_path] = {};
    long long numbers[6] = {};

    constexpr explicit operator bool() const { return what != refusal::none; }
};

}  // namespace fovea::detail
