// SPDX-License-Identifier: BSD-3-Clause
// How are bricks put together? Containers compute nothing of their own but the joins at their ends: sums, concatenations
// and gates. They nest at will.
#pragma once

#include <cstddef>
#include <utility>

#include <fovea/declare/norm.hpp>
#include <fovea/detail/fixed_string.hpp>

namespace fovea {

/// Bricks in data-flow order; its own bricks count from 0, as in PyTorch's nn.Sequential.
template <class... Bricks>
struct Sequential {};

/// `Repeat<N, A>` is `Sequential<A, A, ...>`; `Repeat<N, A, B>` is `Sequential<Sequential<A, B>, ...>`: N times, each
/// with weights of its own.
template <int N, class... Bricks>
struct Repeat {};

/// Body(x) + Shortcut(x); without a Shortcut Body(x) + x. Both are one brick or a Sequential.
/// Weights: "3.body.0.weight", "3.shortcut.weight".
template <class Body, class Shortcut = Identity>
struct Residual {};

/// How the branches of a Parallel meet: their values are added, or their channels stand one after the other.
struct Sum {};
struct Concat {};

/// Branches that read the same map; each is one brick or a Sequential. Weights: "5.branches.2.0.weight".
template <class Join, class... Branches>
struct Parallel {};

/// tanh of the first half of the channels times sigmoid of the second (van den Oord et al. 2016, WaveNet, eq. 2): what
/// stands inside runs in order and gives twice the channels.
template <class... Bricks>
struct Gated {};

/// Gives its input a name, for AddFrom and ConcatFrom behind it. Of several equal names the last one before counts, so a
/// Tap may stand inside a Repeat.
template <detail::fixed_string Name>
struct Tap {};
/// The sum of its input and of the map at Tap<Name>.
template <detail::fixed_string Name>
struct AddFrom {};
/// The channels of its input, then those of the map at Tap<Name>.
template <detail::fixed_string Name>
struct ConcatFrom {};
/// Goes on from the map at Tap<Name> instead of its input: for networks that carry several maps along, as HRNet's
/// resolutions or WaveNet's sum of skips.
template <detail::fixed_string Name>
struct From {};

/// Several outputs; only as the last brick. Each head is one brick or a Sequential, and may end with a
/// Softmax. Weights: "9.heads.1.0.weight".
template <class... Branches>
struct Heads {};

/// Stands among the branches of a Parallel or the heads of Heads: branches that have one set of weights and differ in
/// dilation only (TridentNet, Li et al. 2019). The weights have the first branch's names; gradients are summed.
template <class... Branches>
struct SharedWeights {};

namespace detail {

template <template <int> class Block, class Indices>
struct repeat_with;
template <template <int> class Block, int... I>
struct repeat_with<Block, std::integer_sequence<int, I...>> {
    using type = Sequential<Block<I>...>;
};

template <brick_kind Kind>
constexpr brick_spec named_spec(std::string_view name, std::string_view label) {
    return {.kind = Kind,
            .name = name,
            .label = label,
            .fault = label.empty() ? option_fault::bad_value : option_fault::none};
}
template <fixed_string Name>
struct brick_traits<Tap<Name>> {
    using options = type_pack<>;
    static constexpr brick_spec spec = named_spec<brick_kind::tap>("Tap", Name.view());
};
template <fixed_string Name>
struct brick_traits<AddFrom<Name>> {
    using options = type_pack<>;
    static constexpr brick_spec spec = named_spec<brick_kind::add>("AddFrom", Name.view());
};
template <fixed_string Name>
struct brick_traits<ConcatFrom<Name>> {
    using options = type_pack<>;
    static constexpr brick_spec spec = named_spec<brick_kind::concat>("ConcatFrom", Name.view());
};
/// A tap of the tapped map: one name more for it, which is the same name.
template <fixed_string Name>
struct brick_traits<From<Name>> {
    using options = type_pack<>;
    static constexpr brick_spec spec = [] {
        brick_spec s = named_spec<brick_kind::tap>("From", Name.view());
        s.goes_back = true;
        return s;
    }();
};

}  // namespace detail

/// Repeat with a counter: `Sequential<Block<0>, ..., Block<N - 1>>`, where Block is an alias template over the
/// index, e.g. `template <int I> using Block = Sequential<Conv<dil<(1 << I)>>, ReLU>;`. N below 1 gives an empty
/// Sequential, which is refused.
template <int N, template <int> class Block>
using RepeatWith = typename detail::repeat_with<Block, std::make_integer_sequence<int, (N > 0 ? N : 0)>>::type;

}  // namespace fovea
