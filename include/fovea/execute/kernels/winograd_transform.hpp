// SPDX-License-Identifier: BSD-3-Clause
// How is a short convolution done with few products? Winograd's minimal filtering F(m, r): m outputs of an r-tap filter
// from n = m + r - 1 products, y = A^T [(G g) * (B^T d)], by evaluation at n - 1 points and infinity.
//
// Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks". The points are 0, 1, -1, 2, -2:
// more of them, and tiles larger than 6, cost a decimal digit each in float.
#pragma once

#include <array>
#include <cstring>
#include <type_traits>

#include <fovea/execute/kernels/simd.hpp>
#include <fovea/plan/algorithm.hpp>

namespace fovea::kernels {

inline constexpr std::array<double, 5> winograd_points{0, 1, -1, 2, -2};

constexpr double power(double x, std::ptrdiff_t n) {
    double p = 1;
    for (; n > 0; --n) {
        p *= x;
    }
    return p;
}

/// Row i of G, column k: how much of tap k is in product i.
constexpr double weight_share(const winograd_axis& a, std::ptrdiff_t i, std::ptrdiff_t k) {
    if (a.inside) {
        return k == i ? 1 : i != 1 && k == 1 ? -1 : 0;
    }
    const std::ptrdiff_t finite = a.points() - 1;
    if (i == finite) {
        return k == a.taps - 1 ? 1 : 0;
    }
    double norm = 1;
    for (std::ptrdiff_t j = 0; j < finite; ++j) {
        norm *=
            j == i ? 1 : winograd_points[static_cast<std::size_t>(i)] - winograd_points[static_cast<std::size_t>(j)];
    }
    return power(winograd_points[static_cast<std::size_t>(i)], k) / norm;
}

inline namespace FOVEA_KERNELS_ISA {

/// N values as the compiler's own vector: transforms work on fewer lanes than a register has where rows are short.
template <class T, std::ptrdiff_t N>
struct short_vector {
    typedef T type __attribute__((vector_size(static_cast<std::size_t>(N) * sizeof(T))));
};

template <class V, class T>
FOVEA_INLINE V load_as(const T* p) {
    V v;
    std::memcpy(&v, p, sizeof(V));
    return v;
}
template <class V, class T>
FOVEA_INLINE void store_as(T* p, V v) {
    std::memcpy(p, &v, sizeof(V));
}

/// Vectors of N lanes behind one another as one, and its piece number P.
template <class V, class Piece>
FOVEA_INLINE V join_pieces(const Piece* pieces) {
    V v;
    if constexpr (sizeof(V) == sizeof(Piece)) {
        std::memcpy(&v, pieces, sizeof(V));
    } else if constexpr (sizeof(V) == 2 * sizeof(Piece)) {
        v = [&]<std::size_t... L>(std::index_sequence<L...>) __attribute__((always_inline)) {
            return __builtin_shufflevector(pieces[0], pieces[1], static_cast<int>(L)...);
        }
        (std::make_index_sequence<sizeof(V) / sizeof(v[0])>{});
    } else {
        typedef std::remove_cvref_t<decltype(v[0])> half __attribute__((vector_size(sizeof(V) / 2)));
        const half halves[] = {join_pieces<half>(pieces), join_pieces<half>(pieces + sizeof(half) / sizeof(Piece))};
        v = join_pieces<V>(halves);
    }
    return v;
}
template <std::size_t P, class Piece, class V>
FOVEA_INLINE Piece piece_of(V v) {
    if constexpr (sizeof(V) == sizeof(Piece)) {
        return v;
    } else {
        return [&]<std::size_t... L>(std::index_sequence<L...>) __attribute__((always_inline)) {
            return __builtin_shufflevector(v, v, static_cast<int>(P * sizeof...(L) + L)...);
        }
        (std::make_index_sequence<sizeof(Piece) / sizeof(v[0])>{});
    }
}

/// B^T d, in place of d; d[1] is of no account for N == 3, a tile inside: y0 = w1 (d0 + d2) + (w2 - w1) d2 and
/// y1 = w1 (d0 + d2) + (w0 - w1) d0. Additions and multiply-adds go to different units on most cores, so each line has
/// its share.
template <std::ptrdiff_t N, class V>
FOVEA_INLINE void transform_input(V* d) {
    static_assert(N == 1 || (N >= 3 && N <= 6));
    if constexpr (N == 3) {
        d[1] = d[0] + d[2];
    } else if constexpr (N == 4) {
        const V a = d[2] - d[0], b = d[1] + d[2], c = d[2] - d[1], e = d[3] - d[1];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e;
    } else if constexpr (N == 5) {
        const V e = d[3] - d[1], f = d[4] - d[2], a = d[0] - d[2];
        const V b = e - (d[1] + d[2]), c = (d[3] - d[2]) + 2 * (d[1] - d[2]);
        d[0] = e + 2 * a, d[1] = b, d[2] = c, d[3] = e, d[4] = f - 2 * e;
    } else if constexpr (N == 6) {
        const V a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = d[3] - d[1];
        const V f = d[0] - d[2], g = d[5] - d[3];
        d[0] = c + 4 * f, d[1] = a + b, d[2] = a - b, d[3] = c + 2 * e, d[4] = c - 2 * e, d[5] = g - 4 * e;
    }
}

/// y = A^T m. Pairs of points +-a share their even and odd parts.
template <winograd_axis X, class V>
FOVEA_INLINE void transform_output(const V* m, V* y) {
    constexpr std::ptrdiff_t n = X.points();
    if constexpr (n == 1) {
        y[0] = m[0];
    } else if constexpr (X.inside) {
        y[0] = m[1] + m[2], y[1] = m[1] + m[0];
    } else {
        const V even = m[1] + m[2], odd = m[1] - m[2];
        const auto add = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) __attribute__((always_inline)) {
            constexpr auto k = static_cast<std::ptrdiff_t>(K);
            constexpr auto scale = static_cast<std::remove_cvref_t<decltype(even[0])>>(power(2, k));
            V sum = k % 2 == 0 ? even : odd;
            if constexpr (n == 6) {
                sum += scale * (k % 2 == 0 ? m[3] + m[4] : m[3] - m[4]);
            } else if constexpr (n == 5) {
                sum += scale * m[3];
            }
            if constexpr (k == 0) {
                sum += m[0];
            }
            if constexpr (k == X.outputs - 1) {
                sum += m[n - 1];
            }
            y[K] = sum;
        };
        [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            (add(std::integral_constant<std::size_t, K>{}), ...);
        }
        (range<X.outputs>{});
    }
}

/// In every piece of N lanes: lane l of the result is run Index::of(l / D) of D lanes, counted through a's piece, then
/// b's; -1: whatever.
template <std::ptrdiff_t N, std::ptrdiff_t D, class Index, class V, std::size_t... L>
FOVEA_INLINE V pick_runs(V a, V b, std::index_sequence<L...>) {
    constexpr auto source = [](std::ptrdiff_t lane) {
        constexpr auto all = static_cast<std::ptrdiff_t>(sizeof...(L));
        const std::ptrdiff_t run = Index::of(lane % N / D), in_b = run < N / D ? 0 : 1;
        return run < 0 ? -1 : static_cast<int>(in_b * all + lane / N * N + (run - in_b * (N / D)) * D + lane % D);
    };
    return __builtin_shufflevector(a, b, source(static_cast<std::ptrdiff_t>(L))...);
}
template <std::ptrdiff_t N, std::ptrdiff_t D, class Index, class V>
FOVEA_INLINE V pick_runs(V a, V b) {
    return pick_runs<N, D, Index>(a, b, std::make_index_sequence<sizeof(V) / sizeof(a[0])>{});
}

/// Every second run of a and b, from run First on.
template <std::ptrdiff_t First>
struct every_second {
    static constexpr std::ptrdiff_t of(std::ptrdiff_t i) { return First + 2 * i; }
};
/// Runs of a and b in turns; Half 0: of their lower halves, 1: of their upper ones.
template <std::ptrdiff_t Half, std::ptrdiff_t Runs>
struct in_turns {
    static constexpr std::ptrdiff_t of(std::ptrdiff_t i) { return Half * (Runs / 2) + i / 2 + (i % 2) * Runs; }
};
/// Three vectors in two steps: first what the first two have, then the third's share.
template <std::ptrdiff_t First, std::ptrdiff_t Runs, bool Last>
struct every_third {
    static constexpr std::ptrdiff_t of(std::ptrdiff_t i) {
        const std::ptrdiff_t q = First + 3 * i;
        return q < 2 * Runs ? (Last ? i : q) : (Last ? q - Runs : -1);
    }
};
template <std::ptrdiff_t Vector, std::ptrdiff_t Runs, bool Last>
struct in_threes {
    static constexpr std::ptrdiff_t of(std::ptrdiff_t i) {
        const std::ptrdiff_t q = Vector * Runs + i;
        return q % 3 < 2 ? (Last ? i : q % 3 * Runs + q / 3) : (Last ? Runs + q / 3 : -1);
    }
};

/// The runs of a, `Steps` places down; the second vector's first run enters.
template <std::ptrdiff_t Steps, std::ptrdiff_t Runs>
struct moved {
    static constexpr std::ptrdiff_t of(std::ptrdiff_t i) {
        return i + Steps >= 0 && i + Steps < Runs ? i + Steps : Runs;
    }
};

/// v[k] := every M-th run of D lanes from run k on, of M vectors of N lanes in a row; the same in every piece of N
/// lanes of longer vectors.
template <std::ptrdiff_t N, std::ptrdiff_t D, std::ptrdiff_t M, class V>
FOVEA_INLINE void deal_runs(V* v) {
    static_assert(M >= 1 && M <= 4 && N % D == 0 && N > D);
    constexpr std::ptrdiff_t runs = N / D;
    if constexpr (M == 2) {
        const V a = pick_runs<N, D, every_second<0>>(v[0], v[1]), b = pick_runs<N, D, every_second<1>>(v[0], v[1]);
        v[0] = a, v[1] = b;
    } else if constexpr (M == 3) {
        const V a = v[0], b = v[1], c = v[2];
        v[0] = pick_runs<N, D, every_third<0, runs, true>>(pick_runs<N, D, every_third<0, runs, false>>(a, b), c);
        v[1] = pick_runs<N, D, every_third<1, runs, true>>(pick_runs<N, D, every_third<1, runs, false>>(a, b), c);
        v[2] = pick_runs<N, D, every_third<2, runs, true>>(pick_runs<N, D, every_third<2, runs, false>>(a, b), c);
    } else if constexpr (M == 4) {
        const V e0 = pick_runs<N, D, every_second<0>>(v[0], v[1]), o0 = pick_runs<N, D, every_second<1>>(v[0], v[1]);
        const V e1 = pick_runs<N, D, every_second<0>>(v[2], v[3]), o1 = pick_runs<N, D, every_second<1>>(v[2], v[3]);
        v[0] = pick_runs<N, D, every_second<0>>(e0, e1), v[1] = pick_runs<N, D, every_second<0>>(o0, o1);
        v[2] = pick_runs<N, D, every_second<1>>(e0, e1), v[3] = pick_runs<N, D, every_second<1>>(o0, o1);
    }
}

/// The inverse of deal_runs.
template <std::ptrdiff_t N, std::ptrdiff_t D, std::ptrdiff_t M, class V>
FOVEA_INLINE void join_runs(V* v) {
    static_assert(M >= 1 && M <= 4 && N % D == 0 && N > D);
    constexpr std::ptrdiff_t runs = N / D;
    if constexpr (M == 2) {
        const V a = pick_runs<N, D, in_turns<0, runs>>(v[0], v[1]), b = pick_runs<N, D, in_turns<1, runs>>(v[0], v[1]);
        v[0] = a, v[1] = b;
    } else if constexpr (M == 3) {
        const V a = v[0], b = v[1], c = v[2];
        v[0] = pick_runs<N, D, in_threes<0, runs, true>>(pick_runs<N, D, in_threes<0, runs, false>>(a, b), c);
        v[1] = pick_runs<N, D, in_threes<1, runs, true>>(pick_runs<N, D, in_threes<1, runs, false>>(a, b), c);
        v[2] = pick_runs<N, D, in_threes<2, runs, true>>(pick_runs<N, D, in_threes<2, runs, false>>(a, b), c);
    } else if constexpr (M == 4) {
        const V a = pick_runs<N, D, in_turns<0, runs>>(v[0], v[2]), b = pick_runs<N, D, in_turns<1, runs>>(v[0], v[2]);
        const V c = pick_runs<N, D, in_turns<0, runs>>(v[1], v[3]), e = pick_runs<N, D, in_turns<1, runs>>(v[1], v[3]);
        v[0] = pick_runs<N, D, in_turns<0, runs>>(a, c), v[1] = pick_runs<N, D, in_turns<1, runs>>(a, c);
        v[2] = pick_runs<N, D, in_turns<0, runs>>(b, e), v[3] = pick_runs<N, D, in_turns<1, runs>>(b, e);
    }
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
