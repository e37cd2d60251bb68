// SPDX-License-Identifier: BSD-3-Clause
// Every stage with the new brick: tables, an engine, training.
#include <fovea/fovea.hpp>
#include <fovea/train/learner.hpp>

using namespace fovea;

using Net = Network<Input<2, 5, 7>, Conv<out<3>>, FOVEA_NEW_BRICK, Conv<out<3>>, Softmax>;
static_assert(claim<output_shape<Net>, Shape{3, 5, 7}>);
static_assert(!describe<Net>().empty() && !tensors<Net>.empty());

int main(int argc, char**) {
    Weights<Net> weights;
    Engine<Net> engine(weights);
    std::array<float, 70> x{};
    std::array<float, 105> y{};
    if (argc > 1) {
        engine.run(x.data(), y.data());
    }
    learner<Net> model(weights);
    std::array<std::uint8_t, 35> labels{};
    return model.evaluate(x.data(), labels.data(), 1).loss > 0 ? 0 : 1;
}
