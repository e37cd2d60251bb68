// SPDX-License-Identifier: BSD-3-Clause
// Sigmas and orders out of their ranges, and a ratio without a value: seven networks, one error each.
// errors: 7
// expect: got_type<gaussian<std::ratio<-1, 1>, 0, 0>>
// expect: got_type<gaussian<std::ratio<1, 5>, 0, 0>>
// expect: got_type<gaussian<std::ratio<101, 1>, 0, 0>>
// expect: got_type<gaussian<std::ratio<1, 2>, 5, 0>>
// expect: got_type<gaussian<std::ratio<1, 2>, 0, -1>>
// expect: got_type<gaussian<std::ratio<1, 0>, 0, 0>>
// expect: got_type<gaussian_line<std::ratio<1, 2>, 5>>
#include <fovea/dsl.hpp>

using namespace fovea;

template <class Kernel>
using Net = Network<Input<1, 32, 32>, FixedConv<Kernel>>;
template <class Kernel>
inline constexpr bool asked = parameter_count<Net<Kernel>> == 0 && receptive_field<Net<Kernel>> == 3 &&
                              !summary<Net<Kernel>>.empty() && within<Net<Kernel>, parameters<1>>;

#ifndef CORRECTED
static_assert(asked<gaussian<std::ratio<-1, 1>>> && asked<gaussian<std::ratio<1, 5>>>);
static_assert(asked<gaussian<std::ratio<101, 1>>> && asked<gaussian<std::ratio<1, 2>, 5>>);
static_assert(asked<gaussian<std::ratio<1, 2>, 0, -1>> && asked<gaussian<std::ratio<1, 0>>>);
static_assert(asked<gaussian_line<std::ratio<1, 2>, 5>>);
#else
static_assert(asked<gaussian<std::ratio<1, 4>>> && !asked<gaussian<std::ratio<1, 2>, 0, 4>>);  // 5x5
static_assert(!asked<gaussian_line<std::ratio<1, 2>, 4>> && parameter_count<Net<gaussian<std::ratio<100>>>> == 0);
#endif
