// SPDX-License-Identifier: BSD-3-Clause
// Epsilons and momenta that are no ratios, or have none's value: five networks, one error each.
// errors: 5
// expect: got_type<BatchNormOf<int, std::ratio<1, 10>>>
// expect: got_type<BatchNormOf<std::ratio<1, 1000>, unknown>>
// expect: got_type<BatchNormOf<std::ratio<1, 0>, std::ratio<1, 10>>>
// expect: got_type<BatchNormOf<no_ratio, std::ratio<1, 10>>>
// expect: got_type<BatchNormOf<object, std::ratio<1, 10>>>
// expect: each a std::ratio
#include <fovea/dsl.hpp>

using namespace fovea;

struct unknown;
struct no_ratio {
    static constexpr int num = 1, den = 0;
};
struct object {
    int num = 1, den = 10;
};
struct tenth : std::ratio<1, 10> {};

template <class... Values>
using Net = Network<Input<3, 8, 8>, Conv<out<4>>, BatchNormOf<Values...>>;
template <class... Values>
inline constexpr bool asked = parameter_count<Net<Values...>> > 0 && receptive_field<Net<Values...>> == 3 &&
                              !summary<Net<Values...>>.empty();

#ifndef CORRECTED
static_assert(asked<int> && asked<std::ratio<1, 1000>, unknown> && asked<std::ratio<1, 0>> && asked<no_ratio> &&
              asked<object>);
#else
static_assert(asked<> && asked<std::ratio<1, 1000>, std::ratio<1>> && asked<const std::ratio<1, 1000>, tenth>);
#endif
