// SPDX-License-Identifier: BSD-3-Clause
// The narrowest strip takes more memory than is given.
// expect: too_little_memory<needs_bytes<
// expect: got_bytes<100000>>
// expect: give it needs_bytes or more
#include <fovea/execute/tiled.hpp>

using namespace fovea;

using Net = Network<Input<3, 16, 16>, Conv<out<8>, dil<16>>, Conv<out<8>, dil<16>>>;
#ifndef CORRECTED
using tiled_type = Tiled<Net, memory_limit<100'000>>;
#else
using tiled_type = Tiled<Net, memory_limit<1'000'000>>;
#endif
bool run(const Weights<Net>& weights) {
    tiled_type tiled(weights);
    return tiled.run(100, 100, [](const image_area&, float*) {}, [](const image_area&, const float*) {});
}
