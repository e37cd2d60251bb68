// SPDX-License-Identifier: BSD-3-Clause
// Would training be faster with images instead of columns along the lanes? A vector's worth of images, one after the
// other as fovea does it, against one map whose columns are those of all of them, interleaved: shifts become aligned,
// no lane is lost to a row's end. The same kernels, forward and both gradients; without the time to interleave the
// images.
// usage: bench_batch_lanes [text in the name]
#include <cstdio>
#include <cstring>

#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;

const char* wanted = "";
constexpr std::ptrdiff_t images = kernels::lanes<float>;

/// Column x of image n becomes column x * images + n.
constexpr conv_geometry interleaved(conv_geometry g) {
    const std::ptrdiff_t reach = g.pad_left * images;
    g.in = make_map_layout(g.in.channels, g.in.height, g.in.width * images, reach);
    g.out = make_map_layout(g.out.channels, g.out.height, g.out.width * images, reach);
    g.dilation_width *= images;
    g.pad_left *= images;
    return g;
}

template <conv_geometry G>
struct layer_at_work {
    using forward = kernels::conv_forward<float, G, activation::relu>;
    using backward = kernels::conv_backward_data<float, G>;
    using gradient = kernels::conv_backward_weights<float, G>;
    static std::size_t size(std::ptrdiff_t n) { return static_cast<std::size_t>(n); }

    explicit layer_at_work(std::size_t count) {
        for (std::size_t n = 0; n < count; ++n) {
            in.emplace_back(G.in, 1 + n);
            out.emplace_back(G.out, 100 + n);
        }
    }
    /// Every image forward (0), the gradient of the input (1) or of the weights (2).
    void run(int pass) {
        for (std::size_t n = 0; n < in.size(); ++n) {
            if (pass == 0) {
                forward::run(in[n].first, packed.data(), bias.data(), nullptr, out[n].first, scratch.data(), 0,
                             G.out.height);
            } else if (pass == 1) {
                backward::run(out[n].first, packed_back.data(), in[n].first, scratch.data(), 0, G.in.height);
            } else {
                gradient::run(in[n].first, out[n].first, dweights.data(), bias.data(), scratch.data());
            }
        }
    }
    std::vector<map_buffer> in, out;
    std::vector<float> dweights = std::vector<float>(size(G.weight_count())),
                       bias = std::vector<float>(size(G.out.channels));
    detail::aligned_array<float> packed{size(forward::packed_size)}, packed_back{size(backward::packed_size)};
    detail::aligned_array<float> scratch{
        size(std::max({forward::scratch_size, backward::scratch_size, gradient::scratch_size}) + 1)};
};

template <conv_geometry G>
void layer(const char* name) {
    if (std::strstr(name, wanted) == nullptr) {
        return;
    }
    layer_at_work<G> columns(static_cast<std::size_t>(images));
    layer_at_work<interleaved(G)> lanes(1);
    std::printf("%-20s", name);
    for (int pass = 0; pass < 3; ++pass) {
        std::vector<double> times, ratio;
        for (int round = 0; round < 15; ++round) {
            const double a = seconds_of([&] { columns.run(pass); }, 3), b = seconds_of([&] { lanes.run(pass); }, 3);
            times.push_back(a);
            ratio.push_back(a / b);
        }
        std::printf(" | %8.2f us %5.2f", median(times) / static_cast<double>(images) * 1e6, median(ratio));
        std::fflush(stdout);
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    wanted = argc > 1 ? argv[1] : "";
    std::printf(
        "%td images; time an image with columns in the lanes, times as fast with images in the lanes\n%-20s | %-17s | "
        "%-17s | %s\n",
        images, "", "forward", "gradient of input", "gradient of weights");
    layer<same(16, 24, 32, 32, 3, 2)>("16->24 d2 32x32");
    layer<same(32, 48, 32, 32, 3, 8)>("32->48 d8 32x32");
    layer<same(36, 38, 32, 32, 3, 1)>("36->38 d1 32x32");
    layer<same(64, 64, 32, 32, 3, 4)>("64->64 d4 32x32");
    layer<same(48, 48, 64, 84, 3, 1)>("48->48 d1 64x84");
    layer<same(64, 64, 28, 28, 3, 1)>("64->64 d1 28x28");
    layer<same(64, 64, 16, 16, 3, 1)>("64->64 d1 16x16");
    layer<same(64, 64, 8, 8, 3, 1)>("64->64 d1 8x8");
    layer<same(64, 64, 4, 4, 3, 1)>("64->64 d1 4x4");
}
