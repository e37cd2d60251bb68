// SPDX-License-Identifier: BSD-3-Clause
// docs/concepts.md: weights and engines.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <vector>

#include <fovea/fovea.hpp>

using namespace fovea;

using Net = Network<Input<3, 8, 8>, Conv<out<4>>, BatchNorm, ReLU, Conv1x1<2>, Softmax>;

int main() {
    // [weights]
    Weights<Net> weights;                                    // convolutions 0, BatchNorm the identity, PReLU 0.25
    weights.tensor("0.weight").fill(0.1F);                   // an xtensor view, O x I x KH x KW; writes go to the weights
    weights.tensor("3.bias")(1) = 1.0F;
    for (float& w : weights.parameters()) { w *= 0.5F; }     // all trainable values as one span
    save(weights, "net.safetensors");
    Weights<Net> same = load<Net>("net.safetensors");
    // [weights]

    const std::vector<float> numbers(weights.values().begin(), weights.values().end());
    // [embed]
    Weights<Net> embedded;
    std::copy(std::begin(numbers), std::end(numbers), embedded.values().begin());   // all trained values, then all statistics
    // [embed]

    // [engines]
    xt::xtensor<float, 3> x({3, 8, 8}, 1.0F);
    Engine<Net> engine(weights);
    auto&& y = engine(x);                                    // 2 x 8 x 8; valid until the next call

    xt::xtensor<float, 4> many({32, 3, 8, 8}, 1.0F);
    Engine<Net, batch<32>, threads<2>> batched(weights);
    auto&& z = batched(many);                                // 32 x 2 x 8 x 8

    std::vector<float> out(output_shape<Net>.size());
    engine.run(x.data(), out.data());                        // the same on plain memory, row-major
    // [engines]

    // [npy]
    npy::save("answer.npy", y);
    const xt::xarray<float> again = npy::load<float>("answer.npy");   // another type of number, or a broken file, is a FileError
    // [npy]

    // [errors]
    try {
        load<Net>("absent.safetensors");
    } catch (const FileError& e) {
        std::cerr << e.what() << '\n';                       // and e.file, e.field, e.expected, e.got, e.remedy
    }
    // [errors]

    const bool equal = same == weights && embedded == weights && again(1, 7, 7) == y(1, 7, 7) && z(31, 1, 7, 7) == y(1, 7, 7) && out.back() == y(1, 7, 7);
    return equal && std::abs(y(0, 0, 0) + y(1, 0, 0) - 1) < 1e-6F ? 0 : 1;
}
