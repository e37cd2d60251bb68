// SPDX-License-Identifier: BSD-3-Clause
// What was wrong with a declaration, as a plain value? The messages are in check.hpp.
#pragma once

#include <cstddef>
#include <string_view>

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
/// Both compilers manage as many within their own limits (clang: 1,048,576 steps in one constant).
inline constexpr std::size_t most_layers = 3'000;

/// Where: from the outermost container inwards. What: up to eight numbers whose meaning depends on `what`.
struct mistake {
    refusal what = refusal::none;
    std::size_t depth = 0;
    place where[deepest_path] = {};
    long long numbers[8] = {};

    constexpr explicit operator bool() const { return what != refusal::none; }
};

/// A layer's path as the place of a mistake: "3.body.0" is item 3, body, item 0.
constexpr mistake place_of_path(std::string_view path) {
    mistake m{};
    role as = role::item;
    while (!path.empty()) {
        const std::string_view word = path.substr(0, path.find('.'));
        path.remove_prefix(word.size() < path.size() ? word.size() + 1 : word.size());
        if (word == "body" || word == "shortcut") {
            m.where[m.depth++] = {0, word == "body" ? role::body : role::shortcut};
        } else if (word == "branches" || word == "heads") {
            as = word == "branches" ? role::branch : role::head;
        } else {
            int n = 0;
            for (const char c : word) {
                n = 10 * n + (c - '0');
            }
            m.where[m.depth++] = {n, as};
            as = role::item;
        }
    }
    return m;
}

}  // namespace fovea::detail
