// SPDX-License-Identifier: BSD-3-Clause
// Are the gradients of a convolution those of the plain loops, for any geometry and split of rows?
#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

template <class T, conv_geometry G>
void check_backward_data(std::uint64_t seed, data_kind kind) {
    static_assert(kernels::backward_reach(G) <= backward_reach_of(G));
    using kernel = kernels::conv_backward_data<T, G>;
    detail::random_stream random(seed);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    const values weights = random_values(G.weight_count(), random, kind_of_weights(kind));
    const values expected = reference::conv_backward_data(G, dout, weights);
    const double bound = bound_of<T>(kind, G.out_per_group() * G.kernel_height * G.kernel_width, 1, 1);

    map_in_memory<T> source(G.out, dout);
    map_in_memory<T> whole(G.in);
    map_in_memory<T> split(G.in);
    const auto w = compact<T>(weights);
    detail::aligned_array<T> packed(at(kernel::packed_size));
    detail::aligned_array<T> scratch(at(kernel::scratch_size + 1));
    kernel::pack(w.data(), packed.data());
    kernel::run(source.first(), packed.data(), whole.first(), scratch.data(), 0, G.in.height);
    expect_same(whole.difference(expected, bound), "conv_backward_data", G, seed);

    for (std::ptrdiff_t y = 0; y < G.in.height;) {
        const auto rows = 1 + static_cast<std::ptrdiff_t>(random.below(5));
        const std::ptrdiff_t end = y + rows < G.in.height ? y + rows : G.in.height;
        kernel::run(source.first(), packed.data(), split.first(), scratch.data(), y, end);
        y = end;
    }
    expect_same(whole.same_bits(split) ? "" : "rows done apart differ", "conv_backward_data", G, seed);
}

inline std::string first_difference(const values& expected, const auto& got, double bound) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!(std::abs(static_cast<double>(got.data()[i]) - expected[i]) <= bound)) {
            std::ostringstream s;
            s << "element " << i << ": expected " << expected[i] << ", got " << got.data()[i];
            return s.str();
        }
    }
    return {};
}

template <class T, conv_geometry G>
void check_backward_weights(std::uint64_t seed, data_kind kind) {
    using kernel = kernels::conv_backward_weights<T, G>;
    detail::random_stream random(seed);
    const values in = random_values(G.in.channels * G.in.height * G.in.width, random, kind);
    const values dout = random_values(G.out.channels * G.out.height * G.out.width, random, kind);
    values dweights = random_values(G.weight_count(), random, kind);
    values dbias = random_values(G.out.channels, random, kind);
    const values added = reference::conv_backward_weights(G, in, dout);
    auto dw = compact<T>(dweights);
    auto db = compact<T>(dbias);
    for (std::size_t i = 0; i < dweights.size(); ++i) {
        dweights[i] += added[i];
    }
    for (std::size_t i = 0; i < dout.size(); ++i) {
        dbias[i / at(G.out.height * G.out.width)] += dout[i];
    }
    map_in_memory<T> source(G.in, in);
    map_in_memory<T> gradient(G.out, dout);
    detail::aligned_array<T> scratch(at(kernel::scratch_size + 1));
    const bool with_bias = random.chance(0.7);
    kernel::run(source.first(), gradient.first(), dw.data(), with_bias ? db.data() : nullptr, scratch.data());
    const double bound = bound_of<T>(kind, G.out.height * G.out.width, 1, 1);
    std::string difference = first_difference(dweights, dw, bound);
    if (difference.empty() && with_bias) {
        difference = first_difference(dbias, db, bound);
    }
    expect_same(difference, "conv_backward_weights", G, seed);
}

template <class T, family F, std::uint64_t First, std::uint64_t Count>
void check_family() {
    for_geometries<F, First, Count>([]<conv_geometry G>(std::uint64_t n) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            check_backward_data<T, G>(100 * n + seed, data_kind::integers);
            check_backward_data<T, G>(100 * n + seed + 50, data_kind::reals);
            check_backward_data<T, G>(100 * n + seed + 70, data_kind::specials);
            check_backward_weights<T, G>(100 * n + seed, data_kind::integers);
            check_backward_weights<T, G>(100 * n + seed + 50, data_kind::reals);
        }
    });
}

TEST_CASE("gradients of a convolution, stride 1") {
    check_family<float, family::plain, 100, 12>();
    check_family<double, family::plain, 112, 3>();
}

TEST_CASE("gradients of a convolution, stride above 1") {
    check_family<float, family::strided, 100, 12>();
    check_family<double, family::strided, 112, 3>();
}

TEST_CASE("gradients of a convolution, narrow maps and lines") {
    check_family<float, family::narrow, 100, 8>();
    check_family<double, family::narrow, 108, 2>();
    check_family<float, family::line, 100, 4>();
}

TEST_CASE("gradients of a convolution, wide maps and dilations") { check_family<float, family::wide, 100, 3>(); }

TEST_CASE("gradients of a convolution, groups") {
    check_family<float, family::grouped, 100, 4>();
    check_family<float, family::depthwise, 100, 8>();
    check_family<double, family::depthwise, 108, 2>();
}

/// The errors of long sums do not grow with the map: all values above 0, so that no gradient is small by cancellation.
template <std::ptrdiff_t In, std::ptrdiff_t Out, std::ptrdiff_t Height, std::ptrdiff_t Width, std::ptrdiff_t Stride = 1,
          std::ptrdiff_t Groups = 1>
void check_large_map() {
    constexpr conv_geometry g = [] {
        conv_geometry c;
        c.kernel_height = Height > 1 ? 3 : 1;
        c.kernel_width = 3;
        c.pad_top = Height > 1 ? 1 : 0;
        c.pad_left = 1;
        c.stride_height = Height > 1 ? Stride : 1;
        c.stride_width = Stride;
        c.groups = Groups;
        c.in = make_map_layout(In, Height, Width, 2);
        c.out = make_map_layout(Out, (Height - 1) / c.stride_height + 1, (Width - 1) / Stride + 1, 2);
        return c;
    }();
    using kernel = kernels::conv_backward_weights<float, g>;
    detail::random_stream random(9);
    for (const bool same : {true, false}) {
        const auto draw = [&](std::ptrdiff_t count) {
            values v(at(count));
            for (double& x : v) {
                x = static_cast<double>(static_cast<float>(same ? 0.1 : random.uniform()));
            }
            return v;
        };
        const values in = draw(In * Height * Width), dout = draw(Out * g.out.height * g.out.width);
        const values expected = reference::conv_backward_weights(g, in, dout);
        map_in_memory<float> source(g.in, in), gradient(g.out, dout);
        detail::aligned_array<float> scratch(at(kernel::scratch_size + 1));
        auto dw = compact<float>(values(expected.size()));
        kernel::run(source.first(), gradient.first(), dw.data(), nullptr, scratch.data());
        std::string difference;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!(std::abs(static_cast<double>(dw.data()[i]) - expected[i]) <= 1e-6 * expected[i])) {
                difference = "weight " + std::to_string(i);
            }
        }
        expect_same(difference, "conv_backward_weights", g, 9);
    }
}

TEST_CASE("gradients of a convolution, large maps") {
    check_large_map<2, 3, 500, 301>();
    check_large_map<2, 4, 500, 301, 2, 2>();
    check_large_map<2, 40, 5'000, 3>();
    check_large_map<1, 2, 1, 100'000>();
}

}  // namespace
}  // namespace fovea::test
