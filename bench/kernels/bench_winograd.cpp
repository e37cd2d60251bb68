// SPDX-License-Identifier: BSD-3-Clause
// Does the plan choose the fastest way for a convolution? Times of direct sums and of Winograd's filtering with every
// tile that fits, measured in turn on one core, beside the times that the cost model expects relative to direct sums.
// usage: bench_winograd [--layer text] [--rounds n]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fovea/execute/kernels/conv_forward.hpp>
#include <fovea/execute/kernels/conv_winograd.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;

struct options {
    std::string layer;
    int rounds = 9;
};

struct totals {
    double chosen = 0, best = 0;
    int layers = 0, right = 0;
} total;

template <class Kernel, conv_geometry G>
struct runner {
    map_buffer in{G.in, 1};
    map_buffer out{G.out, 2};
    detail::aligned_array<float> packed{static_cast<std::size_t>(Kernel::packed_size)};
    detail::aligned_array<float> scratch{static_cast<std::size_t>(Kernel::scratch_size) + 1};
    std::vector<float> bias = std::vector<float>(static_cast<std::size_t>(G.out.channels), 0.1F);
    std::vector<double> seconds;
    int repeats = 1;

    runner() {
        detail::random_stream random(3);
        std::vector<float> weights(static_cast<std::size_t>(G.weight_count()));
        for (float& w : weights) {
            w = static_cast<float>(random.symmetric(0.1));
        }
        Kernel::pack(weights.data(), packed.data());
        repeats = std::max(1, static_cast<int>(5e-3 / seconds_of([&] { run(); }, 2)));
    }
    void run() {
        if constexpr (requires { Kernel::units; }) {
            Kernel::run(in.first, packed.data(), bias.data(), nullptr, out.first, scratch.data(), 0, Kernel::units);
        } else {
            Kernel::run(in.first, packed.data(), bias.data(), nullptr, out.first, scratch.data(), 0, G.out.height);
        }
    }
    void measure() {
        seconds.push_back(seconds_of([&] { run(); }, repeats));
    }
};

/// The tile of number N = 3 * (m along rows - 2) + (m along columns - 2).
template <conv_geometry G, std::size_t N>
constexpr winograd_tile tile_of() {
    return {winograd_axis_of(static_cast<std::ptrdiff_t>(N / 3) + 2, G.kernel_height),
            winograd_axis_of(static_cast<std::ptrdiff_t>(N % 3) + 2, G.kernel_width)};
}

template <conv_geometry G>
void layer(const char* name, const options& o) {
    if (!o.layer.empty() && std::strstr(name, o.layer.c_str()) == nullptr) {
        return;
    }
    const double nominal =
        2.0 * static_cast<double>(G.weight_count()) * static_cast<double>(G.out.height * G.out.width);
    runner<kernels::conv_forward<float, G, activation::relu>, G> direct;
    for (int i = 0; i < o.rounds; ++i) {
        direct.measure();
    }
    const double d = median(direct.seconds);
    std::printf("%-22s direct %9.1f us %6.1f GF/s |", name, d * 1e6, nominal / d * 1e-9);
    constexpr conv_algorithm chosen = fastest_algorithm(G, kernels::this_machine);
    double best = d, of_chosen = d;
    [&]<std::size_t... N>(std::index_sequence<N...>) {
        (
            [&] {
                constexpr winograd_tile w = tile_of<G, N>();
                if constexpr (winograd_fits(G, w)) {
                    runner<kernels::conv_winograd<float, G, activation::relu, w>, G> candidate;
                    std::vector<double> ratio;
                    for (int i = 0; i < o.rounds; ++i) {  // in turn, so that a change of the clock falls on both
                        direct.measure();
                        candidate.measure();
                        ratio.push_back(direct.seconds.back() / candidate.seconds.back());
                    }
                    const double r = median(ratio), s = d / r;
                    const bool is_chosen = chosen == conv_algorithm{conv_method::winograd, w};
                    best = std::min(best, s);
                    of_chosen = is_chosen ? s : of_chosen;
                    std::printf(" %s%d,%d %.2fx (%.2f)", is_chosen ? "*" : "", static_cast<int>(w.rows.outputs),
                                static_cast<int>(w.columns.outputs), r,
                                direct_cost(G, kernels::this_machine) / winograd_cost(G, w, kernels::this_machine));
                    std::fflush(stdout);
                }
            }(),
            ...);
    }
    (std::make_index_sequence<9>{});
    std::printf(" | chosen %.1f GF/s\n", nominal / of_chosen * 1e-9);
    total.chosen += of_chosen / best;
    total.right += of_chosen < 1.03 * best ? 1 : 0;
    ++total.layers;
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
            std::fprintf(stderr, "usage: bench_winograd [--layer text] [--rounds n]\n");
            return 64;
        }
    }
    std::vector<double> peaks;
    for (int i = 0; i < 20; ++i) {
        peaks.push_back(peak<float>::measure());
    }
    std::printf(
        "FMA peak %.1f GFLOP/s, %d lanes. A tile rows,columns: speed over direct sums, in brackets what the model "
        "expects; * the plan's choice\n",
        median(peaks), static_cast<int>(kernels::lanes<float>));
    layer<same(1, 16, 64, 84, 3, 1)>("1->16 d1 64x84", o);
    layer<same(3, 16, 32, 32, 3, 1)>("3->16 d1 32x32", o);
    layer<same(16, 24, 32, 32, 3, 2)>("16->24 d2 32x32", o);
    layer<same(24, 32, 32, 32, 3, 4)>("24->32 d4 32x32", o);
    layer<same(32, 48, 32, 32, 3, 8)>("32->48 d8 32x32", o);
    layer<same(16, 24, 32, 32, 5, 1)>("16->24 5x5 32x32", o);
    layer<same(24, 32, 32, 32, 7, 1)>("24->32 7x7 32x32", o);
    layer<same(32, 48, 32, 32, 9, 1)>("32->48 9x9 32x32", o);
    layer<same(36, 38, 32, 32, 3, 1)>("36->38 d1 32x32", o);
    layer<same(64, 64, 32, 32, 3, 4)>("64->64 d4 32x32", o);
    layer<same(16, 24, 64, 84, 3, 2)>("16->24 d2 64x84", o);
    layer<same(24, 32, 64, 84, 3, 4)>("24->32 d4 64x84", o);
    layer<same(32, 48, 64, 84, 3, 8)>("32->48 d8 64x84", o);
    layer<same(48, 48, 64, 84, 3, 16)>("48->48 d16 64x84", o);
    layer<same(48, 48, 64, 84, 3, 32)>("48->48 d32 64x84", o);
    layer<same(48, 48, 64, 84, 3, 1)>("48->48 d1 64x84", o);
    layer<same(32, 48, 512, 512, 3, 8)>("32->48 d8 512x512", o);
    layer<same(256, 512, 32, 32, 3, 8)>("256->512 d8 32x32", o);
    layer<same(128, 128, 56, 56, 3, 1)>("128->128 d1 56x56", o);
    layer<same(64, 64, 16, 16, 3, 1)>("64->64 d1 16x16", o);
    layer<same(64, 64, 8, 8, 3, 1)>("64->64 d1 8x8", o);
    layer<same(16, 16, 1, 2048, 1, 1)>("16->16 1x1 line", o);
    layer<[] {
        conv_geometry g = same(16, 16, 1, 2048, 3, 16);
        g.kernel_height = g.dilation_height = 1;
        g.pad_top = 0;
        return g;
    }()>("16->16 k3 d16 line", o);
    std::printf("%d of %d choices within 3 %% of the best; chosen / best on average %.3f\n", total.right, total.layers,
                total.chosen / total.layers);
}
