// SPDX-License-Identifier: BSD-3-Clause
// Strips know windows of stride 1 only.
// expect: not_local<layer<1>, strides<2, 1>>
// expect: let the network end before this layer
#include <fovea/execute/tiled.hpp>

using namespace fovea;

#ifndef CORRECTED
using Net = Network<Input<3, 16, 16>, Conv<out<8>>, Conv<stride<2, 1>>>;
#else
using Net = Network<Input<3, 16, 16>, Conv<out<8>>, Conv<>>;
#endif
bool run(const Weights<Net>& weights) {
    Tiled<Net> tiled(weights);
    return tiled.run(100, 100, [](const image_area&, float*) {}, [](const image_area&, const float*) {});
}
