// SPDX-License-Identifier: BSD-3-Clause
// Do the compiler's own vectors mean what kernels take xsimd's to mean? Lane by lane against plain C++.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <fovea/execute/kernels/simd.hpp>
#include <fovea/train/kernels/elementwise_backward.hpp>  // as many kernels as there are parse without xsimd

#include "../catch.hpp"

#if defined(XSIMD_VERSION_MAJOR)
#error "this test is for builds without xsimd"
#endif

namespace fovea::test {
namespace {

using namespace fovea::kernels;
using kernels::batch;  // not the engines' option

template <class T>
constexpr T edges[] = {T(0),
                       T(-0.0),
                       T(1),
                       T(-1.5),
                       std::numeric_limits<T>::denorm_min(),
                       std::numeric_limits<T>::max(),
                       std::numeric_limits<T>::infinity(),
                       -std::numeric_limits<T>::infinity(),
                       std::numeric_limits<T>::quiet_NaN()};

template <class T>
bool same(T a, T b) {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return (std::isnan(a) && std::isnan(b)) || std::bit_cast<bits>(a) == std::bit_cast<bits>(b);
}

template <class T>
T first(batch<T> v) {
    T lane[static_cast<std::size_t>(lanes<T>)];
    store(lane, v);
    for (T l : lane) {
        CHECK(same(l, lane[0]));
    }
    return lane[0];
}

/// 1 where it holds.
template <class T, class Mask>
bool holds(Mask m) {
    return first<T>(simd::select(m, batch<T>(T(1)), batch<T>(T(0)))) == T(1);
}

template <class T>
void check_values() {
    for (T a : edges<T>) {
        const batch<T> x(a);
        CHECK(same(first(x), a));
        CHECK(same(first(-x), -a));
        CHECK(same(first(batch<T>(simd::abs(x))), std::fabs(a)));
        CHECK(same(first(at_least(batch<T>(T(0)), x)), a < T(0) ? T(0) : a));
        CHECK(same(first(at_most(batch<T>(T(1)), x)), a > T(1) ? T(1) : a));
        for (T b : edges<T>) {
            const batch<T> y(b);
            CHECK(same(first<T>(x + y), a + b));
            CHECK(same(first<T>(x - y), a - b));
            CHECK(same(first<T>(x * y), a * b));
            CHECK(same(first<T>(x / y), a / b));
            CHECK(same(first(fmadd(x, y, batch<T>(T(2)))), a * b + T(2)));
            CHECK(holds<T>(x < y) == (a < b));
            CHECK(holds<T>(x > y) == (a > b));
            CHECK(holds<T>(x <= y) == (a <= b));
            CHECK(holds<T>(x >= y) == (a >= b));
            CHECK(holds<T>(x == y) == (a == b));
            CHECK(holds<T>(x != y) == (a != b));
            CHECK(holds<T>((x < y) | (x != x)) == (a < b || std::isnan(a)));
            CHECK(holds<T>((x < y) & !(x > y)) == (a < b));
        }
    }
}

template <class T>
void check_lanes() {
    constexpr std::ptrdiff_t n = lanes<T>;
    T from[2 * n], to[4] = {};
    for (std::ptrdiff_t i = 0; i < 2 * n; ++i) {
        from[i] = static_cast<T>(i + 1);
    }
    CHECK(reduce_add(load(from)) == static_cast<T>(n * (n + 1) / 2));
    const batch<T> two[] = {load(from), load(from + n)};
    reduce_add_each<2>(two, to);
    CHECK(to[1] - to[0] == static_cast<T>(n * n));
    for (std::ptrdiff_t hit = 0; hit < n; ++hit) {  // one lane at a time, kept and asked for
        const auto m = load(from) == batch<T>(from[hit]);
        CHECK(!simd::all(m));
        CHECK(reduce_add(batch<T>(simd::select(m, load(from), batch<T>(T(0))))) == from[hit]);
        CHECK(reduce_add(keep_first(load(from), hit)) == static_cast<T>(hit * (hit + 1) / 2));
    }
    CHECK(simd::all(load(from) > batch<T>(T(0))));
}

TEST_CASE("the compiler's own vectors, every lane") {
    check_values<float>();
    check_values<double>();
    check_lanes<float>();
    check_lanes<double>();
}

}  // namespace
}  // namespace fovea::test
