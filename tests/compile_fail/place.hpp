// SPDX-License-Identifier: BSD-3-Clause
// Where does the mistake stand? `Place<Input<...>, bricks...>` is a network of these bricks; with -DNESTED they stand
// within three containers, from path<layer<7>, branch<1>, layer<2>, body, layer<0>> on. What leads out of the
// containers fits every map: its mean. The corrected bricks must fit both places.
template <class... Bricks>
struct flat_and_nested;
template <int Channels, int... Extents, class... Bricks>
struct flat_and_nested<Input<Channels, Extents...>, Bricks...> {
    using flat = Network<Input<Channels, Extents...>, Bricks...>;
    using nested = Network<Input<Channels, Extents...>, Identity, Identity, Identity, Identity, Identity, Identity,
                           Identity, Parallel<Sum, GAP, Sequential<Identity, Identity,
                               Residual<Sequential<Bricks..., GAP, Conv1x1<Channels>>, GAP>>>>;
#ifdef CORRECTED
    static_assert(layer_count<nested> == layer_count<flat> + 7 + 1 + 2 + 4 + 1);
#endif
#ifdef NESTED
    using type = nested;
#else
    using type = flat;
#endif
};
template <class... Bricks>
using Place = typename flat_and_nested<Bricks...>::type;
