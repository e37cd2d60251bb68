// SPDX-License-Identifier: BSD-3-Clause
// README: declare, check, run.
// [program]
#include <iostream>
#include <fovea/train.hpp>
using namespace fovea;

using Dilated4 = Network<Input<3, 32, 32>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;

static_assert(claim<receptive_field<Dilated4>, 31>);  // of 32 pixels, with four 3x3 layers and no downsampling
static_assert(claim<parameter_count<Dilated4>, 25'474>);
FOVEA_PRINT_NETWORK(Dilated4)                       // the compiler prints the table below

int main() {
    auto weights = he_normal<Dilated4>(1);          // or load<Dilated4>("dilated4.safetensors")
    Engine<Dilated4> engine(weights);               // folds BatchNorm, packs weights; allocates here and never again
    xt::xtensor<float, 3> image({3, 32, 32}, 0.5F);
    auto&& answer = engine(image);                  // 10 x 1 x 1, owned by the engine
    std::cout << report<Dilated4> << "class 0: " << answer(0, 0, 0) << '\n';
}
// [program]
