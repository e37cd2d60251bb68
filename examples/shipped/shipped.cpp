// SPDX-License-Identifier: BSD-3-Clause
// fovea_shipped: a program as it is given to others, compiled for any x86-64 processor; the network inside uses what
// the one at hand has.
//
//     fovea_shipped dilated4.safetensors
//     FOVEA_LEVEL=x86-64-v2 fovea_shipped
#include <chrono>
#include <cstdio>
#include <exception>
#include <vector>

#include <models/dilated4.hpp>

#include "../networks/seed_networks.hpp"

namespace {

models::dilated4 open(int argc, char** argv) {
    if (argc > 1) {
        return models::dilated4(argv[1]);
    }
    // Something to multiply with, where no trained network is at hand.
    const std::vector<float> weights(fovea::parameter_count<seed::Dilated4> + fovea::buffer_count<seed::Dilated4>,
                                     0.01F);
    return models::dilated4(weights);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        // [run]
        models::dilated4 net = open(argc, argv);  // from a file, or from Weights<Net>::values()
        const std::vector<float> image(net.input().size(), 0.5F);
        std::vector<float> answer(net.output_size());
        net.run(image.data(), answer.data());  // allocates nothing, throws nothing
        std::printf("level %s, class 0: %g\n", net.level().data(), static_cast<double>(answer[0]));
        // [run]

        constexpr int runs = 500;
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < runs; ++i) {
            net.run(image.data(), answer.data());
        }
        const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - began;
        std::printf("%.0f us an image\n", time.count() / runs);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "fovea_shipped: %s\n", e.what());
        return 1;
    }
}
