// SPDX-License-Identifier: BSD-3-Clause
// Does the time of a convolution go with the number of its taps? Forward time of masked kernels over that of the full
// one, on layers of the seed networks; one core, alternating with the full kernel so that both see the same clock.
// "products" is the share of the products that are left to do: rows of the padding are skipped, so a kernel that keeps
// its middle row keeps more than its share where the full one lost its outer rows.
// A depthwise layer moves its maps through the second-level cache for few products; its row "one tap" is what that
// costs. usage: bench_density [rounds]
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fovea/execute/kernels/conv_patterns.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;

/// Rows of '0' and '1', blanks between them.
constexpr tap_set mask(std::string_view rows) {
    tap_set m = tap_set::none();
    std::ptrdiff_t tap = 0;
    for (const char c : rows) {
        if (c == '1') {
            m.add(tap);
        }
        tap += c != ' ' ? 1 : 0;
    }
    return m.within(static_cast<std::size_t>(tap));
}

/// Products with rows inside the map.
template <conv_geometry G, auto Patterns>
double executed() {
    double taps = 0;
    for (const tap_set& m : Patterns) {
        for (std::ptrdiff_t k = 0; k < G.kernel_height * G.kernel_width; ++k) {
            for (std::ptrdiff_t y = 0; y < G.out.height && m.has(k); ++y) {
                const std::ptrdiff_t row = y - G.pad_top + k / G.kernel_width * G.dilation_height;
                taps += row >= 0 && row < G.in.height ? 1 : 0;
            }
        }
    }
    return taps / static_cast<double>(Patterns.size());
}

template <conv_geometry G, auto Patterns>
struct runner {
    using kernel = kernels::conv_patterns<float, G, Patterns, activation::relu>;
    map_buffer in{G.in, 1};
    map_buffer out{G.out, 2};
    std::vector<float> bias = std::vector<float>(static_cast<std::size_t>(G.out.channels), 0.1F);
    detail::aligned_array<float> packed{static_cast<std::size_t>(kernel::packed_size)};
    detail::aligned_array<float> scratch{static_cast<std::size_t>(kernel::scratch_size + 1)};

    runner() {
        std::vector<float> weights(static_cast<std::size_t>(G.weight_count()));
        detail::random_stream random(3);
        for (float& w : weights) {
            w = static_cast<float>(random.symmetric(0.1));
        }
        kernel::pack(weights.data(), packed.data());
    }
    void operator()() {
        kernel::run(in.first, packed.data(), bias.data(), nullptr, out.first, scratch.data(), 0, G.out.height);
    }
};

template <conv_geometry G, std::array Patterns>
void compare(const char* layer, const char* pattern, int rounds) {
    runner<G, std::array{tap_set{}}> full;
    runner<G, Patterns> masked;
    const int repeats = 1 + static_cast<int>(1.5e-3 / seconds_of(full, 3));
    std::vector<double> ratio;
    std::vector<double> seconds;
    for (int i = 0; i < rounds; ++i) {
        const double before = seconds_of(full, repeats);
        seconds.push_back(seconds_of(masked, repeats));
        ratio.push_back(2 * seconds.back() / (before + seconds_of(full, repeats)));
    }
    double taps = 0;
    for (const tap_set& m : Patterns) {
        taps += static_cast<double>(m.count(G.kernel_height * G.kernel_width)) / static_cast<double>(Patterns.size());
    }
    const double density = taps / static_cast<double>(G.kernel_height * G.kernel_width);
    const double products = executed<G, Patterns>() / executed<G, std::array{tap_set{}}>();
    const double r = median(ratio);
    std::printf("%-20s %-14s %5.1f %7.3f %8.3f %8.1f us %7.3f %9.2f %9.2f\n", layer, pattern, taps, density, products,
                median(seconds) * 1e6, r, r / density, r / products);
    std::fflush(stdout);
}

constexpr tap_set cross = mask("010 111 010");
constexpr tap_set x_shape = mask("101 010 101");
constexpr tap_set four = mask("010 101 010");
constexpr tap_set three = mask("100 010 001");
constexpr tap_set diagonal = mask("100 000 001");
constexpr tap_set antidiagonal = mask("001 000 100");
constexpr tap_set horizontal = mask("000 101 000");
constexpr tap_set vertical = mask("010 000 010");
constexpr tap_set middle = mask("000 010 000");
constexpr tap_set middle_row = mask("000 111 000");
constexpr tap_set middle_row_9 = [] {
    tap_set m = tap_set::none();
    for (std::ptrdiff_t k = 0; k < 9; ++k) {
        m.add(4 * 9 + k);
    }
    return m;
}();

template <conv_geometry G>
void layer(const char* name, int rounds) {
    compare<G, std::array{tap_set{}}>(name, "full", rounds);
    compare<G, std::array{cross}>(name, "cross", rounds);
    compare<G, std::array{x_shape}>(name, "X", rounds);
    compare<G, std::array{four}>(name, "four", rounds);
    compare<G, std::array{three}>(name, "three, oblique", rounds);
    compare<G, std::array{middle_row}>(name, "1x3", rounds);
    compare<G, std::array{diagonal}>(name, "diagonal", rounds);
    compare<G, std::array{horizontal}>(name, "horizontal", rounds);
    compare<G, std::array{vertical}>(name, "vertical", rounds);
    compare<G, std::array{middle}>(name, "one tap", rounds);
    compare<G, std::array{horizontal, vertical, diagonal, antidiagonal}>(name, "H, V, D, A", rounds);
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    std::printf("%-20s %-14s %5s %7s %8s %11s %7s %9s %9s\n", "layer", "pattern", "taps", "density", "products", "time",
                "ratio", "/density", "/products");
    layer<same(16, 24, 32, 32, 3, 2)>("16->24 d2 32x32", rounds);
    layer<same(32, 48, 32, 32, 3, 8)>("32->48 d8 32x32", rounds);
    layer<same(48, 48, 32, 32, 3, 1)>("48->48 d1 32x32", rounds);
    layer<same(48, 48, 64, 84, 3, 1)>("48->48 d1 64x84", rounds);
    layer<same(32, 32, 32, 32, 3, 1, 1, 32)>("dw 32 d1 32x32", rounds);
    compare<same(32, 48, 32, 32, 9, 1), std::array{middle_row_9}>("32->48 9x9 32x32", "1x9", rounds);
    compare<same(48, 48, 64, 84, 9, 1), std::array{middle_row_9}>("48->48 9x9 64x84", "1x9", rounds);
}
