// SPDX-License-Identifier: BSD-3-Clause
// How near to the machine's peak do the convolutions of the seed networks run? Forward, gradient of the input, gradient
// of the weights; batch 1, one core. Shares above 1 are possible: nominal products include those with padding rows,
// which are skipped.
// usage: bench_conv [--layer text] [--rounds n]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;

struct options {
    std::string layer;
    int rounds = 11;
};

void print(const result& r) {
    std::printf(" | %8.1f us %6.1f %5.2f", median(r.seconds) * 1e6, 2 * r.macs / median(r.seconds) * 1e-9, median(r.share));
    std::fflush(stdout);
}

template <conv_geometry G>
void layer(const char* name, const options& o) {
    if (!o.layer.empty() && std::strstr(name, o.layer.c_str()) == nullptr) {
        return;
    }
    using forward = kernels::conv_forward<float, G, activation::relu>;
    using backward = kernels::conv_backward_data<float, G>;
    using gradient = kernels::conv_backward_weights<float, G>;
    map_buffer in(G.in, 1);
    map_buffer out(G.out, 2);
    map_buffer dout(G.out, 4);
    map_buffer din(G.in, 5);
    const auto size = [](std::ptrdiff_t n) { return static_cast<std::size_t>(n); };
    detail::random_stream random(3);
    std::vector<float> weights(size(G.weight_count()));
    std::vector<float> dweights(size(G.weight_count()));
    std::vector<float> bias(size(G.out.channels));
    for (float& w : weights) {
        w = static_cast<float>(random.symmetric(0.1));
    }
    detail::aligned_array<float> packed(size(forward::packed_size));
    detail::aligned_array<float> packed_back(size(backward::packed_size));
    detail::aligned_array<float> scratch(
        size(std::max({forward::scratch_size, backward::scratch_size, gradient::scratch_size}) + 1));
    forward::pack(weights.data(), packed.data());
    backward::pack(weights.data(), packed_back.data());
    result f;
    f.macs = static_cast<double>(G.weight_count()) * static_cast<double>(G.out.height * G.out.width);
    result b = f;
    result w = f;
    measure(
        f,
        [&] {
            forward::run(in.first, packed.data(), bias.data(), nullptr, out.first, scratch.data(), 0, G.out.height);
        },
        o.rounds);
    measure(
        b, [&] { backward::run(dout.first, packed_back.data(), din.first, scratch.data(), 0, G.in.height); }, o.rounds);
    measure(
        w, [&] { gradient::run(in.first, dout.first, dweights.data(), bias.data(), scratch.data()); }, o.rounds);
    std::printf("%-24s", name);
    print(f);
    print(b);
    print(w);
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--layer") == 0) {
            o.layer = argv[i + 1];
        } else if (std::strcmp(argv[i], "--rounds") == 0) {
            o.rounds = std::atoi(argv[i + 1]);
        } else {
            std::fprintf(stderr, "usage: bench_conv [--layer text] [--rounds n]\n");
            return 64;
        }
    }
    std::vector<double> peaks;
    for (int i = 0; i < 20; ++i) {
        peaks.push_back(peak<float>::measure());
    }
    std::printf("FMA peak: median %.1f, best %.1f GFLOP/s; %d lanes\n", median(peaks),
                *std::max_element(peaks.begin(), peaks.end()), static_cast<int>(kernels::lanes<float>));
    std::printf("%-24s | %-25s | %-25s | %s\n", "nominal GFLOP/s, share", "forward", "gradient of input",
                "gradient of weights");
    // Dilated4
    layer<same(3, 16, 32, 32, 3, 1)>("3->16 d1 32x32", o);
    layer<same(16, 24, 32, 32, 3, 2)>("16->24 d2 32x32", o);
    layer<same(24, 32, 32, 32, 3, 4)>("24->32 d4 32x32", o);
    layer<same(32, 48, 32, 32, 3, 8)>("32->48 d8 32x32", o);
    // LargeKernel4
    layer<same(16, 24, 32, 32, 5, 1)>("16->24 5x5 32x32", o);
    layer<same(24, 32, 32, 32, 7, 1)>("24->32 7x7 32x32", o);
    layer<same(32, 48, 32, 32, 9, 1)>("32->48 9x9 32x32", o);
    // Strided4
    layer<same(16, 24, 32, 32, 3, 1, 2)>("16->24 s2 32x32", o);
    layer<same(24, 32, 16, 16, 3, 1, 2)>("24->32 s2 16x16", o);
    layer<same(32, 48, 8, 8, 3, 1, 2)>("32->48 s2 8x8", o);
    // Cascade10
    layer<same(20, 24, 32, 32, 3, 1)>("20->24 d1 32x32", o);
    layer<same(28, 30, 32, 32, 3, 1)>("28->30 d1 32x32", o);
    layer<same(36, 38, 32, 32, 3, 1)>("36->38 d1 32x32", o);
    layer<same(42, 48, 32, 32, 3, 1)>("42->48 d1 32x32", o);
    // Depthwise10
    layer<same(16, 16, 32, 32, 3, 1, 1, 16)>("dw 16 d1 32x32", o);
    layer<same(32, 32, 32, 32, 3, 1, 1, 32)>("dw 32 d1 32x32", o);
    // ResNetDilated
    layer<same(16, 16, 32, 32, 3, 1)>("16->16 d1 32x32", o);
    layer<same(64, 64, 32, 32, 3, 4)>("64->64 d4 32x32", o);
    // Segment
    layer<same(1, 16, 64, 84, 3, 1)>("1->16 d1 64x84", o);
    layer<same(16, 24, 64, 84, 3, 2)>("16->24 d2 64x84", o);
    layer<same(48, 48, 64, 84, 3, 1)>("48->48 d1 64x84", o);
    layer<same(48, 48, 64, 84, 3, 16)>("48->48 d16 64x84", o);
    layer<same(48, 48, 64, 84, 3, 32)>("48->48 d32 64x84", o);
    layer<same(48, 11, 64, 84, 1, 1)>("48->11 1x1 64x84", o);
    // Wide4
    layer<same(256, 512, 32, 32, 3, 8)>("256->512 d8 32x32", o);
    // VGG-16
    layer<same(256, 256, 56, 56, 3, 1)>("256->256 d1 56x56", o);
    // narrow
    layer<same(64, 64, 16, 16, 3, 1)>("64->64 d1 16x16", o);
    layer<same(64, 64, 8, 8, 3, 1)>("64->64 d1 8x8", o);
}
