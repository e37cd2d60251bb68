// SPDX-License-Identifier: BSD-3-Clause
// A network of 25,474 parameters and 25,215,456 MACs with less than that to spend; the third limit is kept.
// expect: over_budget<parameters<25000>, got<25474>, over<474>, macs<25000000>, got<25215456>, over<215456>>
// expect: exceeds its budget
#include <fovea/dsl.hpp>

using namespace fovea;

using Net = Network<Input<3, 32, 32>, Conv<out<16>, dil<1>>, BatchNorm, ReLU, Conv<out<24>, dil<2>>, BatchNorm, ReLU,
                    Conv<out<32>, dil<4>>, BatchNorm, ReLU, Conv<out<48>, dil<8>>, BatchNorm, ReLU, GAP, Conv1x1<10>,
                    Softmax>;

#ifndef CORRECTED
static_assert(within<Net, parameters<25'000>, activations<10'000'000>, macs<25'000'000>>);
#else
static_assert(within<Net, parameters<26'000>, activations<10'000'000>, macs<26'000'000>>);
#endif

// Asked again, and more of it: still one error.
constexpr bool again = within<Net, parameters<26'000>>;
static_assert(again && parameter_count<Net> == 25'474);
