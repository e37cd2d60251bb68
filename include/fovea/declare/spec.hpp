// SPDX-License-Identifier: BSD-3-Clause
// What does a brick say of itself, as a plain value? Every brick type becomes one brick_spec; the stages behind never
// look at the types again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string_view>
#include <type_traits>

#include <fovea/declare/kinds.hpp>

namespace fovea {

/// How a window meets the border: see the options of the same names.
enum class padding_rule : unsigned char { same, valid, causal, fixed };

/// What stands in the padding: PyTorch's padding_mode. Reflect does not repeat the edge.
enum class padding_mode : unsigned char { zeros, reflect, replicate, circular };

namespace detail {

/// A pair of values for the two spatial axes, as written: `count` is 1 where one value stands for both.
struct axis_values {
    int height = 1;
    int width = 1;
    int count = 0;
    constexpr bool operator==(const axis_values&) const = default;
};

template <int... Values>
constexpr axis_values axes_of() {
    constexpr int given[] = {Values..., 0};
    constexpr int count = sizeof...(Values);
    axis_values a{.height = given[0], .width = count == 2 ? given[1] : given[0], .count = count};
    return a;
}

/// Which options a brick takes; each option owns one bit.
enum option_bit : unsigned {
    takes_nothing = 0,
    takes_out = 1,
    takes_kernel = 2,
    takes_dilation = 4,
    takes_stride = 8,
    takes_padding = 16,
    takes_groups = 32,
    takes_bias = 64,
    takes_mode = 128,
    takes_taps = 256,
    takes_output_pad = 512,
    takes_all = 1023,
};

enum class option_fault : unsigned char { none, foreign, repeated, bad_value, too_many_values, misspelt };

/// A ratio as a value (std::ratio at the surface: clang before 18 has no floating-point template parameters).
struct fraction {
    long long numerator = 0;
    long long denominator = 1;
    constexpr double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
    constexpr bool operator==(const fraction&) const = default;
};

/// std::ratio<1, 0> may be named, but must not be asked for its members: the standard library has errors of its own for
/// that.
template <class T>
inline constexpr bool is_broken_ratio = false;
template <std::intmax_t N, std::intmax_t D>
inline constexpr bool is_broken_ratio<std::ratio<N, D>> = D == 0 || N < -INTMAX_MAX || D < -INTMAX_MAX;

/// Members of the objects, as in struct { int num, den; }: where a constant belongs g++ has an error of its own for them.
template <class T>
inline constexpr bool has_object_ratio = requires {
    requires std::is_member_pointer_v<decltype(&T::num)> || std::is_member_pointer_v<decltype(&T::den)>;
};

/// What a type says as a ratio, if it is one: with constants num and den, as std::ratio.
template <class T>
struct ratio_traits {
    static constexpr bool is_ratio = false;
    static constexpr fraction value{};
};
template <class T>
    requires(!is_broken_ratio<T>) && (!has_object_ratio<T>) && requires {
        typename std::integral_constant<long long, T::num>;
        typename std::integral_constant<long long, T::den>;
    }
struct ratio_traits<T> {
    static constexpr bool is_ratio = T::den > 0;
    static constexpr fraction value{static_cast<long long>(T::num), is_ratio ? static_cast<long long>(T::den) : 1};
};

template <class T>
inline constexpr bool is_ratio = ratio_traits<std::remove_cv_t<T>>::is_ratio;
template <class T>
inline constexpr fraction fraction_of = ratio_traits<std::remove_cv_t<T>>::value;

/// Which taps of a kernel there are: a named pattern, or rows of '0' and '1'.
struct tap_pattern {
    enum shape_name : unsigned char { full, cross, diagonal, antidiagonal, horizontal, vertical, mask };
    shape_name shape = full;
    bool ends = false;        ///< only the outermost two taps of a line
    std::string_view rows{};  ///< mask: rows from top to bottom, separated by blanks
};

struct tap_patterns {
    const tap_pattern* list = nullptr;
    std::size_t count = 0;
};

/// What an activation's type says of its function, in the order in which the function reads it.
struct constant_list {
    const fraction* list = nullptr;
    std::size_t count = 0;
};

/// Weight (kernel, row, column) of a convolution that is not trained.
using fixed_weight = double(int, int, int);

struct brick_spec {
    brick_kind kind = brick_kind::identity;
    std::string_view name = "Identity";
    activation act = activation::none;  ///< of the kind `activation`
    int out = 0;                        ///< 0: as many as the input has
    axis_values kernel{3, 3, 1};
    axis_values dilation{1, 1, 1};
    axis_values stride{1, 1, 1};
    axis_values pad{0, 0, 1};
    padding_rule padding = padding_rule::same;
    axis_values output_pad{0, 0, 1};  ///< Deconv: rows and columns more than the window gives
    padding_mode mode = padding_mode::zeros;
    int groups = 1;  ///< 0: one per input channel (depthwise)
    bool bias = true;
    bool bilinear = false;     ///< Upsample; its factors are the strides
    std::string_view label{};  ///< Tap, AddFrom, ConcatFrom, From
    bool goes_back = false;    ///< From: reads the map at the Tap instead of the current one
    tap_patterns patterns{};   ///< of the output channels in turn; none: every tap
    bool is_fixed = false;      ///< FixedConv. The pointer is no constant for g++ with -fsanitize=undefined
    fixed_weight* fixed = nullptr;  ///< weight (kernel, row, column); `out` is then a multiple of the input's
    constant_list constants{};  ///< of an activation
    fraction epsilon{};         ///< BatchNorm
    fraction momentum{};        ///< BatchNorm: weight of the new value, as in PyTorch
    int percent = 0;            ///< Dropout
    unsigned taken = takes_nothing;  ///< the options that it takes, as bits
    option_fault fault = option_fault::none;
    int fault_option = 0;  ///< which option, from 0
};

constexpr brick_facts facts_of(const brick_spec& s) { return facts_of(s.kind); }

/// One specialisation per option: its bit, whether its values make sense, and what it does to a spec.
/// The primary template is the foreign option.
template <class Option>
struct option_traits {
    static constexpr unsigned bit = takes_nothing;
    static constexpr option_fault fault = option_fault::foreign;
    static constexpr void apply(brick_spec&) {}
};

struct option_record {
    unsigned bit;
    option_fault fault;
    void (*apply)(brick_spec&);
};

/// Applies the options in any order; the first fault is kept with its place. `first` are taken, too, but written by the
/// brick from an argument of its own, as out by Dense<N>.
template <class... Options>
constexpr brick_spec with_options(brick_spec spec, unsigned taken, unsigned first = takes_nothing) {
    spec.taken = taken;
    taken |= first;
    constexpr option_record records[] = {{option_traits<Options>::bit, option_traits<Options>::fault,
                                          &option_traits<Options>::apply}...,
                                         {0, option_fault::none, nullptr}};
    unsigned seen = 0;
    for (int i = 0; i < static_cast<int>(sizeof...(Options)); ++i) {
        const option_record& r = records[i];
        option_fault fault = r.fault;
        if ((r.bit & taken) == 0) {
            fault = fault == option_fault::misspelt ? fault : option_fault::foreign;
        } else if ((r.bit & seen) != 0) {
            fault = option_fault::repeated;
        }
        if (fault != option_fault::none) {
            spec.fault = fault;
            spec.fault_option = i;
            return spec;
        }
        seen |= r.bit;
        r.apply(spec);
    }
    return spec;
}

/// One specialisation per leaf brick, with `static constexpr brick_spec spec` and `options`, a type_pack of what was
/// written between its angle brackets (for messages).
template <class Brick>
struct brick_traits;

template <class... Types>
struct type_pack {};

}  // namespace detail

/// A brick that computes something: what `Network` is made of, containers aside. It lacks: a specialisation of
/// detail::brick_traits with its spec (see docs/adding-a-brick.md).
template <class T>
concept leaf_brick = requires {
    detail::brick_traits<T>::spec;
};

}  // namespace fovea
