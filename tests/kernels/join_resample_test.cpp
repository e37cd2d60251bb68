// SPDX-License-Identifier: BSD-3-Clause
// Do padding, enlarging, copies into slices, sums and gates, forward and backward, compute what the plain loops do?
#include <fovea/train/kernels/join_backward.hpp>
#include <fovea/train/kernels/pad_backward.hpp>
#include <fovea/train/kernels/upsample_backward.hpp>

#include "harness.hpp"

namespace fovea::test {
namespace {

using random_extents = detail::random_stream;

constexpr std::ptrdiff_t draw(random_extents& random, std::ptrdiff_t low, std::ptrdiff_t high) {
    return low + static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

struct map_pair {
    map_layout in{};
    map_layout out{};
    std::ptrdiff_t top = 0;
    std::ptrdiff_t left = 0;
};

constexpr std::ptrdiff_t count_of(const map_layout& m) { return m.channels * m.height * m.width; }
constexpr conv_geometry shown(const map_pair& p) {
    return {.in = p.in, .out = p.out, .pad_top = p.top, .pad_left = p.left};
}

/// Number n of a kernel's cases: in is at least as large as `mode` asks for, a quarter are lines.
constexpr map_pair random_padding(padding_mode mode, std::uint64_t n) {
    random_extents random(geometry_seed + 100 + static_cast<std::uint64_t>(mode), n);
    const std::ptrdiff_t channels = draw(random, 1, 4);
    const std::ptrdiff_t height = n % 4 == 3 ? 1 : draw(random, 1, 7);
    const std::ptrdiff_t width = draw(random, 1, 40);
    const auto side = [&](std::ptrdiff_t extent) {
        return mode == padding_mode::reflect    ? draw(random, 0, extent - 1 < 20 ? extent - 1 : 20)
               : mode == padding_mode::circular ? draw(random, 0, extent < 20 ? extent : 20)
                                                : draw(random, 0, 9);
    };
    map_pair p{.in = make_map_layout(channels, height, width, draw(random, 0, 20))};
    p.top = height == 1 ? 0 : side(height);
    p.left = side(width);
    p.out = make_map_layout(channels, p.top + height + (height == 1 ? 0 : side(height)), p.left + width + side(width),
                            draw(random, 0, 20));
    return p;
}

constexpr map_pair random_enlargement(std::uint64_t n) {
    random_extents random(geometry_seed + 110, n);
    const std::ptrdiff_t channels = draw(random, 1, 4);
    const std::ptrdiff_t height = n % 4 == 3 ? 1 : draw(random, 1, 7);
    const std::ptrdiff_t width = draw(random, 1, 36);
    const std::ptrdiff_t rows = height == 1 ? 1 : draw(random, 1, 4);
    return {.in = make_map_layout(channels, height, width, draw(random, 0, 20)),
            .out = make_map_layout(channels, height * rows, width * draw(random, 1, 4), draw(random, 0, 20))};
}

/// Equal extents, layouts of their own; `out` has more channels.
constexpr map_pair random_layouts(std::uint64_t n, std::ptrdiff_t ratio) {
    random_extents random(geometry_seed + 120, n);
    const std::ptrdiff_t channels = draw(random, 1, 4);
    const std::ptrdiff_t height = draw(random, 1, 7);
    const std::ptrdiff_t width = draw(random, 1, 70);
    return {.in = make_map_layout(channels, height, width, draw(random, 0, 40)),
            .out = make_map_layout(ratio == 0 ? channels + draw(random, 1, 4) : channels * ratio, height, width,
                                   draw(random, 0, 40))};
}

template <class T, map_pair P, padding_mode Mode>
void check_padding(std::uint64_t seed) {
    random_extents random(seed);
    const values in = random_values(count_of(P.in), random, data_kind::reals);
    const values dout = random_values(count_of(P.out), random, data_kind::integers);
    map_in_memory<T> source(P.in, in);
    map_in_memory<T> gradient(P.out, dout);
    map_in_memory<T> din(P.in);
    check_rows<T>(shown(P), reference::pad(P.in, P.out, P.top, P.left, Mode, in), 0, "pad_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
                      kernels::pad_forward<T, P.in, P.out, P.top, P.left, Mode>::run(source.first(), out, a, b);
                  });
    values expected(in.size());
    reference::for_each_padded(P.in, P.out, P.top, P.left, Mode,
                               [&](std::size_t i, std::size_t o) { expected[i] += dout[o]; });
    kernels::pad_backward<T, P.in, P.out, P.top, P.left, Mode>::run(gradient.first(), din.first());
    expect_same(din.difference(expected, 0), "pad_backward", shown(P), seed);
}

template <class T, map_pair P>
void check_enlargement(std::uint64_t seed, data_kind kind) {
    random_extents random(seed);
    constexpr double eps = std::numeric_limits<T>::epsilon();
    const values in = random_values(count_of(P.in), random, kind);
    const values dout = random_values(count_of(P.out), random, data_kind::integers);
    map_in_memory<T> source(P.in, in);
    map_in_memory<T> gradient(P.out, dout);
    const auto backward = [&](bool bilinear, double bound, const char* name, auto run) {
        map_in_memory<T> din(P.in);
        values expected(in.size());
        reference::for_each_interpolated(P.in, P.out, bilinear, [&](std::size_t i, std::size_t o, double weight) {
            expected[i] += dout[o] * weight;
        });
        run(din.first());
        expect_same(din.difference(expected, bound), name, shown(P), seed);
    };

    using nearest = kernels::upsample_nearest_forward<T, P.in, P.out>;
    check_rows<T>(shown(P), reference::upsample(P.in, P.out, false, in), 0, "upsample_nearest_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) { nearest::run(source.first(), out, a, b); });
    backward(false, 0, "upsample_nearest_backward",
             [&](T* din) { kernels::upsample_nearest_backward<T, P.in, P.out>::run(gradient.first(), din); });

    using bilinear = kernels::upsample_bilinear_forward<T, P.in, P.out>;
    using bilinear_back = kernels::upsample_bilinear_backward<T, P.in, P.out>;
    // The plain loops round weights at the size of positions.
    const double bound =
        4 * eps + static_cast<double>(P.in.height + P.in.width) * std::numeric_limits<double>::epsilon();
    detail::aligned_array<T> scratch(at(bilinear::scratch_size + bilinear_back::scratch_size));
    check_rows<T>(shown(P), reference::upsample(P.in, P.out, true, in), bound, "upsample_bilinear_forward", seed,
                  random, [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
                      bilinear::run(source.first(), out, scratch.data(), a, b);
                  });
    backward(true, 200 * eps, "upsample_bilinear_backward",
             [&](T* din) { bilinear_back::run(gradient.first(), din, scratch.data()); });
}

/// Copies and sums between a map and a slice of a larger one, in both directions.
template <class T, map_pair P>
void check_slices(std::uint64_t seed) {
    random_extents random(seed);
    constexpr conv_geometry into = shown(P);
    constexpr conv_geometry back = {.in = P.out, .out = P.in};
    const values small = random_values(count_of(P.in), random, data_kind::reals);
    const values large = random_values(count_of(P.out), random, data_kind::integers);
    const std::ptrdiff_t first = draw(random, 0, P.out.channels - P.in.channels);
    const std::size_t skipped = at(first * P.in.height * P.in.width);
    map_in_memory<T> from(P.in, small);
    map_in_memory<T> whole(P.out, large);

    // The slice is written as rows of a map that holds `large` already.
    values joined = large;
    values sum = large;
    for (std::size_t i = 0; i < small.size(); ++i) {
        joined[skipped + i] = small[i];
        sum[skipped + i] =
            static_cast<double>(std::max(static_cast<T>(large[skipped + i]) + static_cast<T>(small[i]), T(0)));
    }
    const auto rows = [&](const values& before, T* out, std::ptrdiff_t a, std::ptrdiff_t b, auto run) {
        map_in_memory<T> old(P.out, before);
        for (std::ptrdiff_t c = 0; c < P.out.channels; ++c) {
            const bool written = c >= first && c < first + P.in.channels;
            for (std::ptrdiff_t i = a * P.out.pitch; i < b * P.out.pitch; ++i) {
                if (!written || i % P.out.pitch < P.out.width) {
                    out[c * P.out.plane + i] = old.first()[c * P.out.plane + i];
                }
            }
            for (std::ptrdiff_t i = P.out.height * P.out.pitch; i < P.out.plane && !written; ++i) {
                out[c * P.out.plane + i] = T(0);
            }
        }
        run(from.first(), out + first * P.out.plane, a, b);
    };
    check_rows<T>(into, joined, 0, "copy_map", seed, random, [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
        rows(large, out, a, b, kernels::copy_map<T, P.in, P.out>::run);
    });
    check_rows<T>(into, sum, 0, "accumulate", seed, random, [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
        rows(large, out, a, b, kernels::accumulate<T, P.in, P.out, activation::relu>::run);
    });

    const values slice(large.begin() + static_cast<std::ptrdiff_t>(skipped),
                       large.begin() + static_cast<std::ptrdiff_t>(skipped + small.size()));
    check_rows<T>(back, slice, 0, "copy_map of a slice", seed, random, [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
        kernels::copy_map<T, P.out, P.in>::run(whole.first() + first * P.out.plane, out, a, b);
    });
}

template <class T, map_pair P>
void check_gate(std::uint64_t seed, data_kind kind) {
    random_extents random(seed);
    constexpr conv_geometry g = {.in = P.out, .out = P.in};
    const double bound = 16 * static_cast<double>(std::numeric_limits<float>::epsilon());
    const values in = random_values(count_of(g.in), random, kind);
    const values dout = random_values(count_of(g.out), random, data_kind::reals);
    map_in_memory<T> source(g.in, in);
    map_in_memory<T> gradient(g.out, dout);
    map_in_memory<T> din(g.in);
    check_rows<T>(g, reference::gate(in), bound, "gate_forward", seed, random,
                  [&](T* out, std::ptrdiff_t a, std::ptrdiff_t b) {
                      kernels::gate_forward<T, g.in, g.out>::run(source.first(), out, a, b);
                  });
    values expected(in.size());
    for (std::size_t i = 0; i < dout.size(); ++i) {
        const double value = std::tanh(in[i]);
        const double gate = plain_activation(activation::sigmoid, in[dout.size() + i], nullptr);
        expected[i] = dout[i] * gate * plain_slope(activation::tanh, in[i], nullptr);
        expected[dout.size() + i] = dout[i] * value * gate * (1 - gate);
    }
    kernels::gate_backward<T, g.in, g.out>::run(gradient.first(), source.first(), din.first());
    expect_same(din.difference(expected, bound), "gate_backward", g, seed);
}

/// Calls f.operator()<T, N>(seed) for N below Count; every fourth in double.
template <std::uint64_t Count, class Function>
void for_numbers(Function f) {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (
            [&] {
                for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                    f.template operator()<std::conditional_t<N % 4 == 1, double, float>, N>(10 * N + seed);
                }
            }(),
            ...);
    }
    (std::make_integer_sequence<std::uint64_t, Count>{});
}

TEST_CASE("padding with zeros, mirror images, edges and the other end") {
    for_numbers<7>([]<class T, std::uint64_t N>(std::uint64_t seed) {
        using enum padding_mode;
        check_padding<T, random_padding(zeros, N), zeros>(seed);
        check_padding<T, random_padding(reflect, N), reflect>(seed);
        check_padding<T, random_padding(replicate, N), replicate>(seed);
        check_padding<T, random_padding(circular, N), circular>(seed);
    });
}

TEST_CASE("enlarging") {
    for_numbers<16>([]<class T, std::uint64_t N>(std::uint64_t seed) {
        check_enlargement<T, random_enlargement(N)>(seed, data_kind::reals);
        check_enlargement<T, random_enlargement(N)>(seed, data_kind::specials);
    });
}

TEST_CASE("copies and sums of slices") {
    for_numbers<10>([]<class T, std::uint64_t N>(std::uint64_t seed) { check_slices<T, random_layouts(N, 0)>(seed); });
}

TEST_CASE("gates") {
    for_numbers<6>([]<class T, std::uint64_t N>(std::uint64_t seed) {
        check_gate<T, random_layouts(N, 2)>(seed, data_kind::reals);
        check_gate<T, random_layouts(N, 2)>(seed, data_kind::specials);
    });
}

}  // namespace
}  // namespace fovea::test
