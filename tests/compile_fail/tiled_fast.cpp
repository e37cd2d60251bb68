// SPDX-License-Identifier: BSD-3-Clause
// Winograd in strips: its tiles would lie differently in each.
// expect: Tiled takes threads<N>, memory_limit<bytes>, strip_columns<N> and exact
#include <fovea/execute/tiled.hpp>

using namespace fovea;

using Net = Network<Input<3, 16, 16>, Conv<out<8>, dil<16>>, Conv<out<8>, dil<16>>>;
#ifndef CORRECTED
using tiled_type = Tiled<Net, fast>;
#else
using tiled_type = Tiled<Net, memory_limit<1'000'000>>;
#endif
bool run(const Weights<Net>& weights) {
    tiled_type tiled(weights);
    return tiled.run(100, 100, [](const image_area&, float*) {}, [](const image_area&, const float*) {});
}
