// SPDX-License-Identifier: BSD-3-Clause
// How does a program add a brick of its own? A type of its own that derives from UserBrick or UserActivation and says
// everything that fovea's headers say of theirs. See docs/adding-a-brick.md.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <fovea/declare/spec.hpp>

namespace fovea {

/// A brick of one map in and one map out, with or without weights. It has
///
///     static constexpr std::string_view name;              in tables
///     static constexpr brick_family family;                how it is drawn
///     static constexpr brick_view view;                    position: its extents are the input's; resampled: whole
///                                                          multiples; whole_map: any
///     static constexpr Shape output(const Shape& input);   0 channels: this input cannot be
///     static constexpr std::array<user_tensor, N> tensors(const Shape& input);
///     static void forward(const auto& w, auto x, auto y, std::ptrdiff_t begin, std::ptrdiff_t end);
///     static void backward(const auto& w, auto x, auto y, auto dy, auto dx, const auto& dw);
///
/// forward makes rows [begin, end) of y; backward writes dx and adds to dw. Maps have channels(), height(), width() and
/// row(channel, y), which points at width() values, of float or double; w[i] and dw[i] point at tensor i. height() is
/// not that of the image in Tiled, which runs bricks that see their own position.
struct UserBrick {};

/// A function of every value alone. It has `name` as above, and on vectors of float or double
///
///     template <class V> static V value(V x);
///     template <class V> static V gradient(V dy, V x);     dy times the slope at x
struct UserActivation {};

/// A tensor that a UserBrick learns. The first extent that is 0 ends the list: {"weight", {C}, 1}.
struct user_tensor {
    std::string_view name{};
    std::array<std::size_t, 4> extents{};
    double first_value = 0;

    constexpr std::size_t rank() const {
        std::size_t n = 0;
        while (n < extents.size() && extents[n] > 0) {
            ++n;
        }
        return n;
    }
    constexpr std::size_t size() const {
        std::size_t n = 1;
        for (std::size_t i = 0; i < rank(); ++i) {
            n *= extents[i];
        }
        return n;
    }
};

/// Where the tensors of a UserBrick lie, in the order in which it lists them.
template <class T, std::size_t N>
using user_tensors = std::array<T*, N>;

template <class T>
concept user_activation = std::derived_from<T, UserActivation>;
template <class T>
concept user_brick = std::derived_from<T, UserBrick> || user_activation<T>;

namespace detail {

/// What later stages ask of a brick that is not fovea's.
struct user_rules {
    brick_facts facts;
    Shape (*output)(const Shape&);  ///< nullptr: as the input
    std::size_t tensor_count;
    user_tensor (*tensor)(const Shape& input, std::size_t i);
};

constexpr brick_facts facts_of(const brick_spec& s) {
    return s.kind == brick_kind::user ? s.user->facts : facts_of(s.kind);
}

enum class user_member : unsigned char {
    none,
    name,
    family,
    view,
    output,
    tensors,
    forward,
    backward,
    value,
    gradient
};

// Whether a type has a member of this name, be it a template: then the name is ambiguous in a type that has it twice.
#define FOVEA_MEMBER(NAME)                   \
    struct with_##NAME {                     \
        int NAME;                            \
    };                                       \
    template <class T>                       \
    struct twice_##NAME : T, with_##NAME {}; \
    template <class T>                       \
    concept has_member_##NAME = !requires {  \
        &twice_##NAME<T>::NAME;              \
    };
FOVEA_MEMBER(name)
FOVEA_MEMBER(family)
FOVEA_MEMBER(view)
FOVEA_MEMBER(output)
FOVEA_MEMBER(tensors)
FOVEA_MEMBER(forward)
FOVEA_MEMBER(backward)
FOVEA_MEMBER(value)
FOVEA_MEMBER(gradient)
#undef FOVEA_MEMBER

/// The first member that a user's brick lacks.
template <user_brick T>
constexpr user_member missing_member() {
    if constexpr (!has_member_name<T>) {
        return user_member::name;
    } else if constexpr (user_activation<T>) {
        return !has_member_value<T>      ? user_member::value
               : !has_member_gradient<T> ? user_member::gradient
                                         : user_member::none;
    } else {
        return !has_member_family<T>     ? user_member::family
               : !has_member_view<T>     ? user_member::view
               : !has_member_output<T>   ? user_member::output
               : !has_member_tensors<T>  ? user_member::tensors
               : !has_member_forward<T>  ? user_member::forward
               : !has_member_backward<T> ? user_member::backward
                                         : user_member::none;
    }
}

template <user_brick T>
constexpr user_rules rules_of() {
    if constexpr (user_activation<T>) {
        return {{T::name, brick_family::activation, brick_view::position, brick_weights::none}, nullptr, 0, nullptr};
    } else {
        constexpr std::size_t count =
            std::tuple_size_v<std::remove_cvref_t<decltype(T::tensors(std::declval<const Shape&>()))>>;
        return {{T::name, T::family, T::view, brick_weights::own},
                [](const Shape& input) { return T::output(input); },
                count,
                []([[maybe_unused]] const Shape& input, [[maybe_unused]] std::size_t i) {
                    if constexpr (count > 0) {
                        return T::tensors(input)[i];
                    } else {
                        return user_tensor{};
                    }
                }};
    }
}

template <user_brick T>
struct brick_traits<T> {
    using options = type_pack<>;
    static constexpr user_member missing = missing_member<T>();
    static constexpr user_rules rules = [] {
        if constexpr (missing == user_member::none) {
            return rules_of<T>();
        } else {
            return user_rules{};
        }
    }();
    static constexpr brick_spec spec = [] {
        brick_spec s{.name = "UserBrick",
                     .fault = option_fault::lacks_member,
                     .fault_option = static_cast<int>(missing)};
        if constexpr (missing == user_member::none) {
            s = {.kind = brick_kind::user, .name = T::name, .user = &rules};
        }
        return s;
    }();
};

}  // namespace detail
}  // namespace fovea
