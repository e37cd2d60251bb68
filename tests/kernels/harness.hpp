// SPDX-License-Identifier: BSD-3-Clause
// How is a kernel compared with the plain loops? Random geometries drawn at compile time, random maps whose gaps and
// guards are watched, and one count of comparisons. A case is one kernel on one geometry with one set of data.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/execute/kernels/reference.hpp>

#include "catch.hpp"
#include "reference_activation.hpp"

namespace fovea::test {

namespace reference = kernels::reference;
using reference::values;

inline constexpr std::uint64_t geometry_seed = 20240611;

inline std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// Columns of the output's gradient that lie outside of it and that the gradient of the input asks for.
constexpr std::ptrdiff_t backward_reach_of(const conv_geometry& g) {
    const std::ptrdiff_t left = ((g.kernel_width - 1) * g.dilation_width - g.pad_left) / g.stride_width + 1;
    const std::ptrdiff_t right = (g.in.width - 1 + g.pad_left) / g.stride_width - g.out.width + 1;
    const std::ptrdiff_t most = left > right ? left : right;
    return most > 0 ? most : 0;
}

enum class family { plain, strided, narrow, depthwise, grouped, line, wide };

/// Geometry number n of a family: extents on either side of the vector lengths, channels around the tiles.
constexpr conv_geometry random_geometry(family f, std::uint64_t n) {
    detail::random_stream random(geometry_seed + static_cast<std::uint64_t>(f), n);
    const auto draw = [&](std::ptrdiff_t low, std::ptrdiff_t high) {
        return low + static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    };
    for (;;) {
        conv_geometry g;
        std::ptrdiff_t in = draw(1, 9);
        std::ptrdiff_t out = draw(1, 30);
        std::ptrdiff_t height = draw(1, 13);
        std::ptrdiff_t width = draw(1, 70);
        g.kernel_height = draw(1, 4);
        g.kernel_width = draw(1, draw(1, 3) == 1 ? 9 : 3);
        g.dilation_height = draw(1, 4);
        g.dilation_width = draw(1, 5);
        if (f == family::strided) {
            g.stride_height = draw(1, 3);
            g.stride_width = draw(1, 3);
        } else if (f == family::narrow) {
            width = draw(1, 10);
            out = draw(1, 70);
            g.stride_height = draw(1, 2);
            g.stride_width = draw(1, 2);
        } else if (f == family::depthwise) {
            in = draw(1, 12);
            out = draw(1, 4) == 1 ? 2 * in : in;
            g.groups = in;
            g.stride_height = draw(1, 4) == 1 ? 2 : 1;
            g.stride_width = g.stride_height;
        } else if (f == family::grouped) {
            g.groups = draw(2, 4);
            in = g.groups * draw(1, 4);
            out = g.groups * draw(1, 8);
        } else if (f == family::line) {
            height = 1;
            g.kernel_height = 1;
            g.dilation_height = 1;
            width = draw(1, 200);
            g.dilation_width = draw(1, 20);
            g.stride_width = draw(1, 3) == 1 ? 2 : 1;
        }
        if (f == family::wide) {  // taps that read whole vectors of padding, sums long enough for packed ends of rows
            in = draw(8, 12);
            out = draw(1, 20);
            height = draw(4, 24);
            width = draw(17, 100);
            g.kernel_height = draw(1, 3);
            g.kernel_width = 3;
            g.dilation_width = draw(1, 2) == 1 ? draw(1, 3) : draw(4, 40);
        }
        const std::ptrdiff_t span_h = (g.kernel_height - 1) * g.dilation_height;
        const std::ptrdiff_t span_w = (g.kernel_width - 1) * g.dilation_width;
        const std::ptrdiff_t pad_bottom = draw(0, span_h);
        const std::ptrdiff_t pad_right = draw(0, span_w);
        g.pad_top = draw(0, span_h);
        g.pad_left = draw(0, span_w);
        if (height + g.pad_top + pad_bottom <= span_h || width + g.pad_left + pad_right <= span_w) {
            continue;
        }
        const std::ptrdiff_t out_height = (height + g.pad_top + pad_bottom - span_h - 1) / g.stride_height + 1;
        const std::ptrdiff_t out_width = (width + g.pad_left + pad_right - span_w - 1) / g.stride_width + 1;
        g.in = make_map_layout(in, height, width, 0);
        g.out = make_map_layout(out, out_height, out_width, 0);
        const std::ptrdiff_t left = g.reach_left();
        const std::ptrdiff_t right = g.reach_right();
        g.in = make_map_layout(in, height, width, (left > right ? left : right) + (draw(1, 4) == 1 ? draw(0, 20) : 0));
        g.out = make_map_layout(out, out_height, out_width, backward_reach_of(g) + (draw(1, 4) == 1 ? draw(0, 20) : 0));
        return g;
    }
}

inline std::string describe(const conv_geometry& g) {
    std::ostringstream s;
    s << g.in.channels << 'x' << g.in.height << 'x' << g.in.width << " (pitch " << g.in.pitch << ") -> " << g.out.channels << 'x'
      << g.out.height << 'x' << g.out.width << " (pitch " << g.out.pitch << "), kernel " << g.kernel_height << 'x' << g.kernel_width
      << ", dilation " << g.dilation_height << 'x' << g.dilation_width << ", stride " << g.stride_height << 'x'
      << g.stride_width << ", pad " << g.pad_top << ',' << g.pad_left << ", groups " << g.groups;
    return s.str();
}

/// Small integers: every sum is exact, whatever its order. Reals: rounding shows. Specials: reals, among them a few NaNs,
/// infinities, zeros and denormal numbers, for maps; weights are reals then.
enum class data_kind { integers, reals, specials };

inline values random_values(std::ptrdiff_t count, detail::random_stream& random, data_kind kind) {
    values v(at(count));
    for (double& x : v) {
        x = kind == data_kind::integers ? static_cast<double>(random.below(7)) - 3.0
                                        : static_cast<double>(static_cast<float>(random.symmetric(1)));
    }
    if (kind == data_kind::specials) {
        using limits = std::numeric_limits<float>;
        constexpr float among[] = {limits::quiet_NaN(), limits::quiet_NaN(),  limits::infinity(), -limits::infinity(), 0.0F,
                                   -0.0F,               limits::denorm_min(), -limits::denorm_min()};
        for (int n = 0; n < 3; ++n) {
            v[random.below(v.size())] = static_cast<double>(among[random.below(std::size(among))]);
        }
    }
    return v;
}
constexpr data_kind kind_of_weights(data_kind maps) { return maps == data_kind::specials ? data_kind::reals : maps; }

/// NaN is NaN, infinity is itself, other values are within the bound.
inline bool agrees(double got, double expected, double bound) {
    return std::isnan(expected) ? std::isnan(got) : got == expected || std::abs(got - expected) <= bound;
}

/// Quarters: with integers, what a slope multiplies stays exact.
inline values random_slopes(std::ptrdiff_t count, detail::random_stream& random) {
    values slopes = random_values(count, random, data_kind::integers);
    for (double& s : slopes) {
        s = s / 4;
    }
    return slopes;
}

/// Activates maps of `positions` values in place; PReLU has a slope a channel, the others the first.
inline void activate(activation a, values& v, const values& slopes, std::ptrdiff_t positions) {
    for (std::size_t i = 0; i < v.size(); ++i) {
        v[i] = plain_activation(a, v[i], slopes_of_channel(a, slopes.data(), i / at(positions)));
    }
}

template <class T>
detail::aligned_array<T> compact(const values& v) {
    detail::aligned_array<T> a(v.size() + 1);
    for (std::size_t i = 0; i < v.size(); ++i) {
        a.data()[i] = static_cast<T>(v[i]);
    }
    return a;
}

/// A map in memory. Input maps have zeros around their values; output maps start full of rubbish.
template <class T>
class map_in_memory {
public:
    static constexpr T rubbish = static_cast<T>(-777.25);

    /// An output.
    explicit map_in_memory(const map_layout& m) : layout_(m), memory_(at(m.footprint())) {
        for (T& v : memory_.span()) {
            v = rubbish;
        }
    }
    /// An input.
    map_in_memory(const map_layout& m, const values& v) : layout_(m), memory_(at(m.footprint())) { fill(v); }

    T* first() { return memory_.data() + layout_.guard; }

    void fill(const values& v) {
        std::size_t n = 0;
        for (std::ptrdiff_t c = 0; c < layout_.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < layout_.height; ++y) {
                for (std::ptrdiff_t x = 0; x < layout_.width; ++x) {
                    first()[c * layout_.plane + y * layout_.pitch + x] = static_cast<T>(v[n++]);
                }
            }
        }
    }

    /// Empty if the values are within `bound` of v (and equal if it is 0), the gaps zero and the guards untouched.
    std::string difference(const values& v, double bound) {
        std::ostringstream s;
        std::size_t n = 0;
        for (std::ptrdiff_t c = 0; c < layout_.channels; ++c) {
            for (std::ptrdiff_t i = 0; i < layout_.plane; ++i) {
                const std::ptrdiff_t y = i / layout_.pitch;
                const std::ptrdiff_t x = i % layout_.pitch;
                const auto got = static_cast<double>(first()[c * layout_.plane + i]);
                if (y < layout_.height && x < layout_.width) {
                    const double expected = v[n++];
                    if (!agrees(got, expected, bound)) {
                        s << "value c" << c << " y" << y << " x" << x << ": expected " << expected << ", got " << got;
                        return s.str();
                    }
                } else if (got != 0) {
                    s << "gap c" << c << " y" << y << " x" << x << " is " << got;
                    return s.str();
                }
            }
        }
        for (std::ptrdiff_t i = 0; i < layout_.guard; ++i) {
            if (memory_.data()[i] != rubbish || first()[layout_.extent() + i] != rubbish) {
                s << "guard element " << i << " was written";
                return s.str();
            }
        }
        return {};
    }

    bool same_bits(const map_in_memory& other) const {
        return std::equal(memory_.span().begin(), memory_.span().end(), other.memory_.span().begin(),
                          [](T a, T b) { return a == b || (std::isnan(a) && std::isnan(b)); });
    }

private:
    map_layout layout_;
    detail::aligned_array<T> memory_;
};

inline double largest(const values& v) {
    double m = 0;
    for (const double x : v) {
        m = std::isnan(m) || std::abs(x) <= m ? m : std::abs(x);  // a NaN stays
    }
    return m;
}

/// Rounding bound of a sum of `terms` products: 0 for integers.
template <class T>
double bound_of(data_kind kind, std::ptrdiff_t terms, double a, double b) {
    return kind == data_kind::integers
               ? 0
               : static_cast<double>(terms + 4) * a * b * static_cast<double>(std::numeric_limits<T>::epsilon());
}

/// How many comparisons were made, printed when a program ends.
struct case_counter {
    std::size_t cases = 0;
    ~case_counter() { std::printf("%zu cases compared with the reference (geometry seed %llu)\n", cases,
                                  static_cast<unsigned long long>(geometry_seed)); }
};
inline case_counter counter;

inline void expect_same(const std::string& difference, const char* kernel, const conv_geometry& g, std::uint64_t seed) {
    ++counter.cases;
    if (!difference.empty()) {
        FAIL_CHECK(kernel << ", data seed " << seed << ", " << describe(g) << ": " << difference);
    }
}

/// run(out, row_begin, row_end), once whole and once in pieces that must not differ, with maps of layout g.out.
template <class T, class Run>
void check_rows(const conv_geometry& g, const values& expected, double bound, const char* kernel, std::uint64_t seed,
                detail::random_stream& random, Run run) {
    map_in_memory<T> whole(g.out);
    map_in_memory<T> split(g.out);
    run(whole.first(), 0, g.out.height);
    expect_same(whole.difference(expected, bound), kernel, g, seed);
    for (std::ptrdiff_t end = g.out.height; end > 0;) {  // from the last: no piece may lean on the one before it
        const auto rows = 1 + static_cast<std::ptrdiff_t>(random.below(5));
        const std::ptrdiff_t y = end > rows ? end - rows : 0;
        run(split.first(), y, end);
        end = y;
    }
    expect_same(whole.same_bits(split) ? "" : "rows done apart differ", kernel, g, seed);
}

/// Of how many geometries one is compiled, and which: builds that repeat the kernels for another instruction set, compiler
/// or sanitizer take other ones each.
#if defined(FOVEA_TEST_GEOMETRY_SHARE)
inline constexpr std::uint64_t geometry_share = FOVEA_TEST_GEOMETRY_SHARE;
inline constexpr std::uint64_t geometry_offset = FOVEA_TEST_GEOMETRY_OFFSET;
#else
inline constexpr std::uint64_t geometry_share = 1;
inline constexpr std::uint64_t geometry_offset = 0;
#endif
static_assert(geometry_offset < geometry_share);

/// Calls f(integral_constant<number>) for this build's share of the numbers 0 .. Count-1.
template <std::uint64_t Count, class Function>
void for_numbers([[maybe_unused]] Function f) {
    [&]<std::uint64_t... N>(std::integer_sequence<std::uint64_t, N...>) {
        (f(std::integral_constant<std::uint64_t, geometry_offset + N * geometry_share>{}), ...);
    }
    (std::make_integer_sequence<std::uint64_t, (Count + geometry_share - 1 - geometry_offset) / geometry_share>{});
}

/// Calls f.operator()<G>(number) for this build's share of geometries First .. First+Count-1 of a family.
template <family F, std::uint64_t First, std::uint64_t Count, class Function>
void for_geometries(Function f) {
    for_numbers<Count>([&](auto n) { f.template operator()<random_geometry(F, First + n())>(n()); });
}

}  // namespace fovea::test
