// SPDX-License-Identifier: BSD-3-Clause
// The mean of the whole map, within containers: no strip has it.
// expect: not_local<path<layer<1>, branch<0>, layer<0>>, sees_the_whole_map>
// expect: let the network end before this layer
#include <fovea/execute/tiled.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 16, 16>, Conv<out<8>>, Parallel<Concat, Sequential<GAP>, GAP>>;
#else
using Net = Network<Input<3, 16, 16>, Conv<out<8>>, Parallel<Concat, Identity, Sequential<AvgPool<>>>>;
#endif
bool run(const Weights<Net>& weights) {
    Tiled<Net> tiled(weights);
    return tiled.run(100, 100, [](const image_area&, float*) {}, [](const image_area&, const float*) {});
}
