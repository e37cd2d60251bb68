// SPDX-License-Identifier: BSD-3-Clause
// Of which types does a mistake speak? Finds its brick, option and place again; only ever instantiated for a message.
#pragma once

#include <ratio>
#include <type_traits>
#include <utility>

#include <fovea/declare/activation.hpp>
#include <fovea/declare/conv.hpp>
#include <fovea/declare/fixed_conv.hpp>
#include <fovea/declare/pool.hpp>
#include <fovea/infer/trace.hpp>
#include <fovea/infer/why.hpp>

namespace fovea::detail {

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

/// A brick whose message on its own values is its own; one name for those that say a Tap's.
template <class Net, mistake M>
constexpr std::string_view family() {
    const brick_spec& s = brick_traits<culprit<Net, M>>::spec;
    const bool named =
        !s.label.empty() || s.kind == brick_kind::tap || s.kind == brick_kind::add || s.kind == brick_kind::concat;
    return named ? "Tap" : s.name;
}

/// The options of a brick with a value each, from the bits of its spec.
template <unsigned Taken, class Done, class... Options>
struct options_taken {
    using type = Done;
};
template <unsigned Taken, class... Done, class Option, class... Rest>
struct options_taken<Taken, takes<Done...>, Option, Rest...>
    : options_taken<
          Taken, std::conditional_t<(option_traits<Option>::bit & Taken) != 0, takes<Done..., Option>, takes<Done...>>,
          Rest...> {};

template <unsigned Taken, class... Options>
struct options_of_all : options_taken<Taken, takes<>, Options...> {
    static_assert((option_traits<Options>::bit | ...) == takes_all);
};
template <class Brick>
using options_of =
    typename options_of_all<brick_traits<Brick>::spec.taken, out<16>, ker<3>, dil<2>, stride<2>, same, valid, causal,
                            pad<1>, reflect, replicate, circular, groups<2>, taps<cross>, output_pad<1>, no_bias>::type;

}  // namespace fovea::detail
