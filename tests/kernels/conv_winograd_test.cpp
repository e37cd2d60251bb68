// SPDX-License-Identifier: BSD-3-Clause
// Does Winograd's filtering stay within its promised bound, for any tile, dilation, padding and split of its tile rows,
// and for kernels that cancel their inputs? The gradient of the weights, too? And does the plan choose it only where it
// can compute the layer?
#include <fovea/execute/kernels/conv_winograd.hpp>
#include <fovea/train/kernels/conv_winograd_backward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

/// Of the layer's largest sum of |w| |x| + |b|. Layers drawn at random keep within a fifth of what is promised, 1e-4: the
/// most that was seen is 1.4e-5, of kernels with one tap and inputs of +-1; a search of the inputs that make the error
/// largest ended at 4.6e-5, one input channel and F(2x2, 5x5).
constexpr double promised = 2e-5;

struct winograd_case {
    conv_geometry geometry;
    winograd_tile tile;
};

/// Case number n: extents around tiles and vectors, several panels of columns in every eighth.
constexpr winograd_case random_case(std::uint64_t n) {
    detail::random_stream random(geometry_seed + 77, n);
    const auto draw = [&](std::ptrdiff_t low, std::ptrdiff_t high) {
        return low + static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    };
    for (;;) {
        conv_geometry g;
        const bool line = n % 7 == 6, wide = n % 8 == 5;
        g.groups = n % 5 == 4 ? 2 : 1;
        const std::ptrdiff_t in = g.groups * draw(1, 5), out = g.groups * draw(1, 27);
        const std::ptrdiff_t height = line ? 1 : draw(1, 21), width = wide ? draw(270, 330) : draw(1, 70);
        g.kernel_height = line ? 1 : draw(1, 3) == 1 ? draw(1, 9) : 3;
        g.kernel_width = draw(1, 3) == 1 ? draw(2, 9) : 3;
        g.dilation_height = line ? 1 : draw(1, 5);
        constexpr std::ptrdiff_t dilations[] = {1, 1, 2, 4, 8, 16, 3, 5, 7, 20};
        g.dilation_width = dilations[draw(0, 9)];
        const winograd_tile tile{winograd_axis_of(draw(2, 4), g.kernel_height),
                                 winograd_axis_of(draw(2, 4), g.kernel_width)};
        const std::ptrdiff_t span_h = (g.kernel_height - 1) * g.dilation_height;
        const std::ptrdiff_t span_w = (g.kernel_width - 1) * g.dilation_width;
        g.pad_top = draw(0, span_h);
        g.pad_left = draw(0, g.kernel_width - 1) * g.dilation_width;
        const std::ptrdiff_t out_height = height + g.pad_top + draw(0, span_h) - span_h;
        const std::ptrdiff_t out_width = width + g.pad_left + draw(0, span_w) - span_w;
        if (out_height < 1 || out_width < 1) {
            continue;
        }
        g.in = make_map_layout(in, height, width, 0);
        g.out = make_map_layout(out, out_height, out_width, 0);
        const std::ptrdiff_t left = g.reach_left(), right = g.reach_right();
        g.in = make_map_layout(in, height, width, left > right ? left : right);
        g.out = make_map_layout(out, out_height, out_width, draw(0, 20));
        if (winograd_fits(g, tile)) {
            return {g, tile};
        }
    }
}

/// Every kernel's weights sum up to 0 over inputs near 1: outputs are small beside the sums of |w| |x|. Or one tap each,
/// for inputs of +-1.
enum class layer_kind { plain, zero_sum, one_tap };

void make(layer_kind kind, const conv_geometry& g, detail::random_stream& random, values& in, values& weights) {
    for (double& x : in) {
        x = kind == layer_kind::zero_sum ? 1 + x / 10 : kind == layer_kind::one_tap ? (x < 0 ? -1 : 1) : x;
        x = static_cast<double>(static_cast<float>(x));
    }
    const std::size_t taps = at(g.kernel_height * g.kernel_width);
    for (std::size_t first = 0; first < weights.size(); first += taps) {
        const std::size_t one = random.below(taps);
        double sum = 0;
        for (std::size_t k = 0; k < taps; ++k) {
            double& w = weights[first + k];
            w = kind == layer_kind::one_tap && k != one ? 0 : w;
            w = kind == layer_kind::zero_sum && k + 1 == taps ? -sum : w;
            w = static_cast<double>(static_cast<float>(w));
            sum += w;
        }
    }
}

values magnitudes(values v) {
    for (double& x : v) {
        x = std::abs(x);
    }
    return v;
}
double largest_sum(const conv_geometry& g, const values& in, const values& weights, const values& bias) {
    return largest(reference::conv_forward(g, magnitudes(in), magnitudes(weights), magnitudes(bias)));
}

template <class T, winograd_case C, activation A>
void check_winograd(std::uint64_t seed, layer_kind kind = layer_kind::plain) {
    constexpr conv_geometry G = C.geometry;
    using kernel = kernels::conv_winograd<T, G, A, C.tile>;
    detail::random_stream random(seed);
    values in = random_values(G.in.channels * G.in.height * G.in.width, random, data_kind::reals);
    values weights = random_values(G.weight_count(), random, data_kind::reals);
    make(kind, G, random, in, weights);
    const values bias = random.chance(0.8) ? random_values(G.out.channels, random, data_kind::reals) : values{};
    const values slope = random_values(G.out.channels, random, data_kind::reals);
    values expected = reference::conv_forward(G, in, weights, bias);
    const double size = largest_sum(G, in, weights, bias);
    activate(A, expected, slope, G.out.height * G.out.width);
    const double bound = std::is_same_v<T, double> ? 1e-13 * size : promised * size + (kernels::is_cheap<A> ? 0 : 4e-6);

    map_in_memory<T> source(G.in, in);
    map_in_memory<T> whole(G.out);
    map_in_memory<T> split(G.out);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size));
    for (T& v : scratch.span()) {
        v = std::numeric_limits<T>::quiet_NaN();  // nothing may be read that was not written
    }
    kernel::pack(w.data(), packed.data());
    const T* bias_or_not = bias.empty() ? nullptr : b.data();
    const auto run = [&](T* out, std::ptrdiff_t begin, std::ptrdiff_t end) {
        kernel::run(source.first(), packed.data(), bias_or_not, s.data(), out, scratch.data(), begin, end);
    };
    run(whole.first(), 0, kernel::units);
    expect_same(whole.difference(expected, bound), "conv_winograd", G, seed);
    for (std::ptrdiff_t end = kernel::units; end > 0;) {
        const auto rows = 1 + static_cast<std::ptrdiff_t>(random.below(5));
        const std::ptrdiff_t begin = end > rows ? end - rows : 0;
        run(split.first(), begin, end);
        end = begin;
    }
    expect_same(whole.same_bits(split) ? "" : "tile rows done apart differ", "conv_winograd", G, seed);
}

/// A map is added before the activation: one apart, and what the output holds.
template <class T, winograd_case C, activation A>
void check_added(std::uint64_t seed) {
    constexpr conv_geometry G = C.geometry;
    using kernel = kernels::conv_winograd<T, G, A, C.tile, true>;
    detail::random_stream random(seed);
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, data_kind::reals);
    const values weights = random_values(G.weight_count(), random, data_kind::reals);
    const values bias = random_values(G.out.channels, random, data_kind::reals);
    const values slope = random_values(G.out.channels, random, data_kind::reals);
    const values before = random_values(G.out.channels * G.out.height * G.out.width, random, data_kind::reals);
    values expected = reference::conv_forward(G, in, weights, bias);
    const double bound = promised * largest_sum(G, in, weights, bias) + (kernels::is_cheap<A> ? 1e-6 : 5e-6);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] += before[i];
    }
    activate(A, expected, slope, G.out.height * G.out.width);
    map_in_memory<T> source(G.in, in), added(G.out, before), apart(G.out), own(G.out);
    const auto w = compact<T>(weights);
    const auto b = compact<T>(bias);
    const auto s = compact<T>(slope);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size));
    kernel::pack(w.data(), packed.data());
    for (std::ptrdiff_t u = 0; u < kernel::units; ++u) {
        kernel::run(source.first(), packed.data(), b.data(), s.data(), apart.first(), scratch.data(), u, u + 1,
                    added.first());
    }
    expect_same(apart.difference(expected, bound), "conv_winograd, added", G, seed);
    std::fill_n(own.first(), G.out.extent(), T(0));
    own.fill(before);
    kernel::run(source.first(), packed.data(), b.data(), s.data(), own.first(), scratch.data(), 0, kernel::units);
    expect_same(own.difference(expected, bound), "conv_winograd, added in place", G, seed);
}

constexpr std::array activations = {activation::none, activation::relu, activation::leaky_relu, activation::prelu,
                                    activation::tanh};

template <std::uint64_t First, std::uint64_t Count>
void check_added_cases() {
    for_numbers<Count>([]<std::uint64_t N>(std::integral_constant<std::uint64_t, N>) {
        check_added<float, random_case(First + N), activations[(First + N) % activations.size()]>(N);
    });
}

/// Added to what is there, in the same bound: of the layer's largest sum of |dy| |x|.
template <class T, winograd_case C>
void check_weight_gradient(std::uint64_t seed) {
    constexpr conv_geometry G = C.geometry;
    using kernel = kernels::winograd_weight_gradient<T, G, C.tile>;
    detail::random_stream random(seed);
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, data_kind::reals);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, data_kind::reals);
    const values before = random_values(G.weight_count(), random, data_kind::integers);
    const values added = reference::conv_backward_weights(G, in, dout);
    const double size = largest(reference::conv_backward_weights(G, magnitudes(in), magnitudes(dout)));
    const double bound = (std::is_same_v<T, double> ? 1e-13 : promised) * size + 1e-6 * largest(before);

    map_in_memory<T> source(G.in, in), gradient(G.out, dout);
    const auto start = compact<T>(before);
    std::vector<T> dw(start.data(), start.data() + before.size());
    detail::aligned_array<T> scratch(at(kernel::scratch_size));
    for (T& v : scratch.span()) {
        v = std::numeric_limits<T>::quiet_NaN();
    }
    values dbias(at(G.out.channels));
    for (std::size_t i = 0; i < dout.size(); ++i) {
        dbias[i / at(G.out.height * G.out.width)] += dout[i];
    }
    std::vector<T> db(dbias.size());
    kernel::run(source.first(), gradient.first(), dw.data(), random.chance(0.5) ? db.data() : nullptr, scratch.data());
    double worst = 0;
    for (std::size_t i = 0; i < dw.size(); ++i) {
        const double error = std::abs(static_cast<double>(dw[i]) - before[i] - added[i]);
        worst = std::isnan(worst) || error <= worst ? worst : error;  // a NaN stays
    }
    expect_same(worst <= bound ? "" : "error " + std::to_string(worst) + ", bound " + std::to_string(bound),
                "winograd_weight_gradient", G, seed);
    for (std::size_t i = 0; i < db.size(); ++i) {
        CHECK((db[i] == T(0) || std::abs(static_cast<double>(db[i]) - dbias[i]) < 1e-3));
    }
}

template <class T, std::uint64_t First, std::uint64_t Count>
void check_gradient_cases() {
    for_numbers<Count>([]<std::uint64_t N>(std::integral_constant<std::uint64_t, N>) {
        constexpr winograd_case c = random_case(First + N);
        if constexpr (winograd_gradient_fits(c.geometry, c.tile)) {
            check_weight_gradient<T, c>(100 * N + 1);
            check_weight_gradient<T, c>(100 * N + 2);
        }
    });
}

template <class T, std::uint64_t First, std::uint64_t Count>
void check_cases() {
    for_numbers<Count>([]<std::uint64_t N>(std::integral_constant<std::uint64_t, N>) {
        using enum layer_kind;
        std::uint64_t seed = 100 * N;
        for (const layer_kind kind : {plain, zero_sum, one_tap, plain, zero_sum, one_tap}) {
            check_winograd<T, random_case(First + N), activations[N % activations.size()]>(++seed, kind);
        }
    });
}

constexpr conv_geometry same(std::ptrdiff_t in, std::ptrdiff_t out, std::ptrdiff_t size, std::ptrdiff_t kernel,
                             std::ptrdiff_t dilation) {
    const std::ptrdiff_t pad = (kernel - 1) / 2 * dilation;
    return {.in = make_map_layout(in, size, size, pad),
            .out = make_map_layout(out, size, size, pad),
            .kernel_height = kernel,
            .kernel_width = kernel,
            .dilation_height = dilation,
            .dilation_width = dilation,
            .pad_top = pad,
            .pad_left = pad};
}

TEST_CASE("Winograd: a map is added before the activation") { check_added_cases<0, 10>(); }

TEST_CASE("Winograd's filtering") {
    check_cases<float, 0, 40>();
    check_cases<double, 40, 6>();
    // The longest sums, and the largest errors beside them.
    check_winograd<float, winograd_case{same(512, 8, 12, 3, 1), {{4, 3, 1}, {4, 3, 1}}}, activation::none>(1);
    check_winograd<float, winograd_case{same(128, 8, 12, 9, 1), {{3, 3, 3}, {3, 3, 3}}}, activation::none>(2);
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        check_winograd<float, winograd_case{same(1, 1, 8, 3, 1), {{4, 3, 1}, {4, 3, 1}}}, activation::none>(
            seed, layer_kind::one_tap);
    }
    // Half the height and more as the dilation: three products for two rows.
    check_winograd<float, winograd_case{same(5, 9, 21, 3, 11), {{2, 3, 1}, {3, 3, 1}}}, activation::relu>(3);
    check_winograd<float, winograd_case{same(3, 7, 16, 3, 8), {{2, 3, 1}, {4, 3, 1}}}, activation::none>(4);
    check_winograd<float, winograd_case{same(2, 6, 9, 3, 30), {{2, 3, 1}, {2, 3, 1}}}, activation::none>(5);
}

TEST_CASE("Winograd's gradient of the weights") {
    check_gradient_cases<float, 100, 20>();
    check_gradient_cases<double, 120, 4>();
    check_weight_gradient<float, winograd_case{same(17, 40, 33, 3, 8), {{4, 3, 1}, {4, 3, 1}}}>(1);
    check_weight_gradient<float, winograd_case{same(40, 17, 64, 3, 2), {{4, 3, 1}, {4, 3, 1}}}>(2);
}

// What the plan chooses for `fast`: measured on AVX-512 (bench_winograd), the same on half the lanes.
constexpr machine_model wide{.lanes = 16, .registers = 32}, half{.lanes = 8, .registers = 16};
constexpr conv_algorithm chosen(const conv_geometry& g, const machine_model& m = wide) {
    return fastest_algorithm(g, m);
}
static_assert(chosen(same(32, 48, 32, 3, 8)).tile.rows.outputs == 4);
static_assert(chosen(same(48, 48, 32, 3, 1)).tile.columns.outputs == 4);
static_assert(chosen(same(48, 48, 32, 3, 1), half).method == conv_method::winograd);
static_assert(chosen(same(32, 48, 32, 9, 1)).tile.rows.blocks == 3);
static_assert(fastest_gradient_algorithm(same(16, 24, 32, 3, 2), wide).tile.rows.outputs == 4);
static_assert(fastest_gradient_algorithm(same(3, 16, 32, 3, 1), wide).method == conv_method::direct);
static_assert(fastest_gradient_algorithm(same(32, 48, 32, 9, 1), wide).method == conv_method::direct);
static_assert(chosen(same(1, 16, 64, 3, 1)).method == conv_method::direct);   // one input channel: transforms cost more
static_assert(chosen(same(64, 64, 32, 1, 1)).method == conv_method::direct);  // 1x1: nothing to save
static_assert(chosen([] {
                  conv_geometry g = same(48, 48, 32, 3, 1);
                  g.taps = tap_set::of({0, 4});
                  return g;
              }())
                  .method == conv_method::direct);
static_assert(chosen([] {
                  conv_geometry g = same(48, 48, 32, 3, 1);
                  g.stride_width = 2;
                  return g;
              }())
                  .method == conv_method::direct);

}  // namespace
}  // namespace fovea::test
