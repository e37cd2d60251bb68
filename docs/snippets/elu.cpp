// SPDX-License-Identifier: BSD-3-Clause
// docs/adding-a-brick.md: compiled against a copy of the headers with the page's edits.
#include <cmath>
#include <cstdio>

#include <fovea/fovea.hpp>
#include <fovea/train/gradient_check.hpp>

using namespace fovea;

// [test]
using Net = Network<Input<2, 5, 7>, Conv<out<3>>, ELU, Conv<out<3>>, BatchNorm, ELU, Softmax>;
static_assert(claim<output_shape<Net>, Shape{3, 5, 7}>);
static_assert(layers<Net>[1].name == "ELU" && layers<Net>[1].parameters == 0);

bool gradient_is_right() { return check_gradient<Net>().worst < 1e-5; }
// [test]

using Alone = Network<Input<1, 1, 3>, ELU>;

int main() {
    Weights<Alone> none;
    Engine<Alone> engine(none);
    const float x[3] = {-1.0F, 0.0F, 2.0F};
    float y[3];
    engine.run(x, y);
    std::printf("%g %g %g\n", static_cast<double>(y[0]), static_cast<double>(y[1]), static_cast<double>(y[2]));
    const bool values = std::abs(y[0] - std::expm1(-1.0F)) < 1e-6F && y[1] == 0.0F && y[2] == 2.0F;
    return values && gradient_is_right() ? 0 : 1;
}
