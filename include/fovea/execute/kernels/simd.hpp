// SPDX-License-Identifier: BSD-3-Clause
// Which vectors has this translation unit? The only door to xsimd: a batch of T, fused multiply-add, sums, lane masks.
// xsimd's on x86 with SSE2 and on 64-bit ARM; elsewhere, and where FOVEA_NO_XSIMD is defined, the compiler's own.
//
// Everything in fovea::kernels lives in an inline namespace named after the instruction set, so that translation units
// compiled with other flags get other symbols and the linker never mixes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <fovea/plan/algorithm.hpp>

#if defined(FOVEA_NO_XSIMD) || !(defined(__SSE2__) || defined(__aarch64__))
#define FOVEA_KERNELS_ISA generic
#elif defined(__AVX512F__)
#define FOVEA_KERNELS_ISA avx512
#define FOVEA_KERNELS_AVX512
#define FOVEA_KERNELS_AVX
#define FOVEA_KERNELS_SSE2
#elif defined(__AVX2__)
#define FOVEA_KERNELS_ISA avx2
#define FOVEA_KERNELS_AVX
#define FOVEA_KERNELS_SSE2
#elif defined(__AVX__)
#define FOVEA_KERNELS_ISA avx
#define FOVEA_KERNELS_AVX
#define FOVEA_KERNELS_SSE2
#elif defined(__SSE4_2__)
#define FOVEA_KERNELS_ISA sse42
#define FOVEA_KERNELS_SSE2
#elif defined(__SSE2__)
#define FOVEA_KERNELS_ISA sse2
#define FOVEA_KERNELS_SSE2
#else
#define FOVEA_KERNELS_ISA neon
#define FOVEA_KERNELS_NEON
#endif

#if defined(FOVEA_KERNELS_SSE2) || defined(FOVEA_KERNELS_NEON)
// GCC 12 takes the undefined operands inside AVX-512 intrinsics for mistakes of ours (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
namespace fovea::kernels {
namespace simd = xsimd;
}
#else
#include <fovea/execute/kernels/own_vectors.hpp>
namespace fovea::kernels {
namespace simd = own_vectors;
}
#endif

#if defined(__MINGW32__) && defined(__GNUC__) && !defined(__clang__) && defined(__AVX__)
#error \
    "fovea: g++ for Windows puts AVX vectors on a stack that is aligned for SSE's (GCC bug 54412); use clang, or at most -march=x86-64-v2"
#endif

#if defined(__AVX2__) && !defined(__FMA__)
#error \
    "fovea: AVX2 without FMA halves the speed of every kernel and exists on no processor; add -mfma (or -march=x86-64-v3)"
#endif

/// A helper of a register tile that is not inlined leaves the accumulators in memory: 2.7 times slower.
#define FOVEA_INLINE [[gnu::always_inline]] inline

/// Before a loop around a full register tile: unrolling it makes clang move loads across and spill the accumulators.
#if defined(__clang__)
#define FOVEA_NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define FOVEA_NO_UNROLL
#endif

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

template <class T>
using batch = simd::batch<T>;

/// Values in a vector.
template <class T>
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(batch<T>::size);

/// Vector registers that a tile may count on.
#if defined(FOVEA_KERNELS_AVX512) || defined(__aarch64__)
inline constexpr std::ptrdiff_t vector_registers = 32;
#else
inline constexpr std::ptrdiff_t vector_registers = 16;
#endif

/// Of these, what a convolution's tile uses. GCC 12 needs the rest for weights on 64-bit ARM: with 30 registers half of
/// the tiles keep sums on the stack.
#if defined(__aarch64__)
inline constexpr std::ptrdiff_t tile_registers = 24;
#else
inline constexpr std::ptrdiff_t tile_registers = vector_registers;
#endif

#if defined(__FMA__) || defined(FOVEA_KERNELS_AVX512) || defined(__aarch64__) || defined(__FP_FAST_FMAF)
inline constexpr bool fused_multiply_add = true;
#else
inline constexpr bool fused_multiply_add = false;  // the product needs a register of its own
#endif

/// What the plan knows of this translation unit's instruction set.
inline constexpr machine_model this_machine{.lanes = lanes<float>, .registers = vector_registers};

template <class T>
FOVEA_INLINE batch<T> load(const T* p) {
    return batch<T>::load_unaligned(p);
}

template <class T>
FOVEA_INLINE void store(T* p, batch<T> v) {
    v.store_unaligned(p);
}

/// a * b + c in one rounding where the machine can. xsimd before 10 has no FMA for AVX-512: clang then emits a product
/// and a sum, at half the speed.
FOVEA_INLINE batch<float> fmadd(batch<float> a, batch<float> b, batch<float> c) {
#if defined(FOVEA_KERNELS_AVX512)
    return batch<float>(_mm512_fmadd_ps(a, b, c));
#else
    return simd::fma(a, b, c);
#endif
}

FOVEA_INLINE batch<double> fmadd(batch<double> a, batch<double> b, batch<double> c) {
#if defined(FOVEA_KERNELS_AVX512)
    return batch<double>(_mm512_fmadd_pd(a, b, c));
#else
    return simd::fma(a, b, c);
#endif
}

// NaN is never lost: the smaller and the larger of two values are NaN if either is (IEEE 754-2019: minimum, maximum).
// The instructions of x86 give their second operand if either is NaN; those of ARM give NaN.

/// x, or `low` where x is less. NaN where x is; `low` is none. One instruction: x is its second operand. (GCC 12 warns
/// of an uninitialised value inside _mm512_max_ps, its bug 105593, not inside the masked form.)
template <class T>
FOVEA_INLINE batch<T> at_least(batch<T> low, batch<T> x) {
    [[maybe_unused]] constexpr bool single = sizeof(T) == 4;
#if defined(FOVEA_KERNELS_AVX512)
    if constexpr (single) {
        return batch<T>(_mm512_maskz_max_ps(static_cast<__mmask16>(-1), low, x));
    } else {
        return batch<T>(_mm512_maskz_max_pd(static_cast<__mmask8>(-1), low, x));
    }
#elif defined(FOVEA_KERNELS_AVX)
    if constexpr (single) {
        return batch<T>(_mm256_max_ps(low, x));
    } else {
        return batch<T>(_mm256_max_pd(low, x));
    }
#elif defined(FOVEA_KERNELS_SSE2)
    if constexpr (single) {
        return batch<T>(_mm_max_ps(low, x));
    } else {
        return batch<T>(_mm_max_pd(low, x));
    }
#elif defined(FOVEA_KERNELS_NEON)
    if constexpr (single) {
        return batch<T>(vmaxq_f32(low, x));
    } else {
        return batch<T>(vmaxq_f64(low, x));
    }
#else
    return simd::select(low > x, low, x);
#endif
}

/// x, or `high` where x is more. NaN where x is; `high` is none.
template <class T>
FOVEA_INLINE batch<T> at_most(batch<T> high, batch<T> x) {
    [[maybe_unused]] constexpr bool single = sizeof(T) == 4;
#if defined(FOVEA_KERNELS_AVX512)
    if constexpr (single) {
        return batch<T>(_mm512_maskz_min_ps(static_cast<__mmask16>(-1), high, x));
    } else {
        return batch<T>(_mm512_maskz_min_pd(static_cast<__mmask8>(-1), high, x));
    }
#elif defined(FOVEA_KERNELS_AVX)
    if constexpr (single) {
        return batch<T>(_mm256_min_ps(high, x));
    } else {
        return batch<T>(_mm256_min_pd(high, x));
    }
#elif defined(FOVEA_KERNELS_SSE2)
    if constexpr (single) {
        return batch<T>(_mm_min_ps(high, x));
    } else {
        return batch<T>(_mm_min_pd(high, x));
    }
#elif defined(FOVEA_KERNELS_NEON)
    if constexpr (single) {
        return batch<T>(vminq_f32(high, x));
    } else {
        return batch<T>(vminq_f64(high, x));
    }
#else
    return simd::select(high < x, high, x);
#endif
}

template <class T>
FOVEA_INLINE T reduce_add(batch<T> v) {
#if defined(XSIMD_VERSION_MAJOR) && XSIMD_VERSION_MAJOR >= 9
    return simd::reduce_add(v);
#else
    return simd::hadd(v);
#endif
}

#if defined(FOVEA_KERNELS_AVX512)
// Halves onto each other, by masked forms and a plain shuffle for the same reason as in at_least().
FOVEA_INLINE float reduce_add(batch<float> v) {
    constexpr auto all = static_cast<__mmask16>(-1);
    __m512 t = v;
    t = _mm512_add_ps(t, _mm512_maskz_shuffle_f32x4(all, t, t, 0x4E));
    t = _mm512_add_ps(t, _mm512_maskz_shuffle_f32x4(all, t, t, 0xB1));
    __m128 s = __builtin_shufflevector(t, t, 0, 1, 2, 3);
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

FOVEA_INLINE double reduce_add(batch<double> v) {
    constexpr auto all = static_cast<__mmask8>(-1);
    __m512d t = v;
    t = _mm512_add_pd(t, _mm512_maskz_shuffle_f64x2(all, t, t, 0x4E));
    t = _mm512_add_pd(t, _mm512_maskz_shuffle_f64x2(all, t, t, 0xB1));
    const __m128d s = __builtin_shufflevector(t, t, 0, 1);
    return _mm_cvtsd_f64(_mm_add_sd(s, _mm_unpackhi_pd(s, s)));
}
#endif

#if defined(FOVEA_KERNELS_AVX512)
namespace detail {

/// Sums in pairs Step lanes apart: those of a where the lane's number has no such bit, those of b elsewhere.
template <std::size_t Step, class T>
FOVEA_INLINE batch<T> add_pairs(batch<T> a, batch<T> b) {
    using vector = typename batch<T>::register_type;
    constexpr std::size_t n = batch<T>::size;
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        const vector own =
            __builtin_shufflevector(vector(a), vector(b), static_cast<int>(I + (I & Step) / Step * n)...);
        const vector other =
            __builtin_shufflevector(vector(a), vector(b), static_cast<int>((I ^ Step) + (I & Step) / Step * n)...);
        return batch<T>(own + other);
    }
    (std::make_index_sequence<n>{});
}

/// v[First], v[First + Step], ... in one vector, summed down to Step lanes each.
template <std::size_t N, std::size_t First, std::size_t Step, class T>
FOVEA_INLINE batch<T> add_lanes(const batch<T>* v) {
    if constexpr (Step == batch<T>::size) {
        return v[First];
    } else {
        const batch<T> a = add_lanes<N, First, 2 * Step>(v);
        if constexpr (First + Step < N) {
            return add_pairs<Step>(a, add_lanes<N, First + Step, 2 * Step>(v));
        } else {
            return add_pairs<Step>(a, a);
        }
    }
}

}  // namespace detail

/// to[i] = the sum of v[i], for N vectors; whole vectors are written. All at once, as they are transposed.
template <std::size_t N, class T>
FOVEA_INLINE void reduce_add_each(const batch<T>* v, T* to) {
    constexpr std::size_t n = batch<T>::size;
    store(to, detail::add_lanes<(N < n ? N : n), 0, 1>(v));
    if constexpr (N > n) {
        reduce_add_each<N - n>(v + n, to + n);
    }
}
#else
/// Sums of four vectors to to[0..3]: one transposing reduction costs a third of four single ones.
template <class T>
FOVEA_INLINE void reduce_add4(batch<T> a, batch<T> b, batch<T> c, batch<T> d, T* to) {
    to[0] = reduce_add(a);
    to[1] = reduce_add(b);
    to[2] = reduce_add(c);
    to[3] = reduce_add(d);
}

#if defined(FOVEA_KERNELS_AVX)
FOVEA_INLINE void reduce_add4(batch<float> a, batch<float> b, batch<float> c, batch<float> d, float* to) {
    const __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    _mm_storeu_ps(to, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1)));
}
#endif

/// to[i] = the sum of v[i], for N vectors; multiples of four are written.
template <std::size_t N, class T>
FOVEA_INLINE void reduce_add_each(const batch<T>* v, T* to) {
    const auto get = [&](std::size_t i) __attribute__((always_inline)) { return i < N ? v[i] : batch<T>(T(0)); };
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (reduce_add4(get(4 * I), get(4 * I + 1), get(4 * I + 2), get(4 * I + 3), to + 4 * I), ...);
    }
    (std::make_index_sequence<(N + 3) / 4>{});
}
#endif

/// Keeps v in a register: GCC folds loads back into the multiply-adds otherwise, one load each instead of one for all.
template <class T>
FOVEA_INLINE void pin([[maybe_unused]] batch<T>& v) {
#if defined(__x86_64__)
    asm("" : "+v"(v.data));
#elif defined(__aarch64__)
    asm("" : "+w"(v.data));
#endif
}

/// v, whose origin the compiler forgets: under -ffast-math and -fassociative-math it takes (x + c) - c for x, and a b +
/// a for a (b + 1), but not across this. No instruction.
template <class T>
FOVEA_INLINE batch<T> as_rounded(batch<T> v) {
#if defined(__x86_64__) || defined(__aarch64__)
    pin(v);
#else
    asm("" : "+m"(v));
#endif
    return v;
}

/// a * *b + c. On AVX-512 the broadcast is part of the instruction.
template <class T>
FOVEA_INLINE batch<T> fmadd_broadcast(batch<T> a, const T* b, batch<T> c) {
#if defined(FOVEA_KERNELS_AVX512)
    if constexpr (sizeof(T) == 4) {
        asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(c.data) : "v"(a.data), "m"(*b));
    } else {
        asm("vfmadd231pd %2%{1to8%}, %1, %0" : "+v"(c.data) : "v"(a.data), "m"(*b));
    }
    return c;
#else
    return fmadd(a, batch<T>(*b), c);
#endif
}

/// Does the weight of channel c of a tile of `vectors` x `channels` sums go into its multiply-adds, instead of into a
/// register first? That saves an instruction and costs vectors - 1 loads: as many do as the two load ports have time
/// for. On a core that another thread shares, instructions are what is short: 3x8 sums go from 0.82 to 0.87 of the peak
/// by it, 2x12 from 0.77 to 0.86, 1x24 from 0.61 to 0.90 (Intel Emerald Rapids); alone, all reach it either way.
/// load: what loading a vector costs.
constexpr bool broadcasts_in_place([[maybe_unused]] std::ptrdiff_t c, [[maybe_unused]] std::ptrdiff_t vectors,
                                   [[maybe_unused]] std::ptrdiff_t channels, [[maybe_unused]] double load) {
#if defined(FOVEA_KERNELS_AVX512)
    if (vectors <= 1) {
        return true;
    }
    const double time = 0.92 * static_cast<double>(vectors * channels);  // two loads a cycle, as multiply-adds
    const double spare = time - static_cast<double>(channels) - load * static_cast<double>(vectors);
    const std::ptrdiff_t most = static_cast<std::ptrdiff_t>(spare > 0 ? spare : 0) / (vectors - 1);
    const std::ptrdiff_t n = most < channels ? most : channels;
    return (c + 1) * n / channels > c * n / channels;  // evenly among the channels
#else
    return false;
#endif
}

/// acc[i] += v[i] * *w
template <bool InPlace, class T, std::size_t... V>
FOVEA_INLINE void fmadd_all(batch<T>* acc, const batch<T>* v, const T* w, std::index_sequence<V...>) {
    if constexpr (InPlace) {
        ((acc[V] = fmadd_broadcast(v[V], w, acc[V])), ...);
    } else {
        const batch<T> weight(*w);
        ((acc[V] = fmadd(v[V], weight, acc[V])), ...);
    }
}

/// Loads written behind this are not made before it. GCC schedules before it allocates registers on ARM: it loads the
/// weights of three taps at once, and sums go to the stack.
FOVEA_INLINE void keep_loads_behind() {
#if defined(__aarch64__)
    asm volatile("" ::: "memory");
#endif
}

template <class T>
FOVEA_INLINE batch<T> load_pinned(const T* p) {
    batch<T> v = load(p);
    pin(v);
    return v;
}

/// A register tile's step: acc[c * P + i] += vectors[i] * weights[c * step], for P vectors that lie one behind
/// another and O weights.
template <std::ptrdiff_t P, std::ptrdiff_t O, class T>
FOVEA_INLINE void fmadd_tile(batch<T>* acc, const T* vectors, const T* weights, std::ptrdiff_t step) {
    [&]<std::size_t... V, std::size_t... C>(std::index_sequence<V...>, std::index_sequence<C...>)
        __attribute__((always_inline)) {
        const batch<T> v[] = {load_pinned(vectors + static_cast<std::ptrdiff_t>(V) * lanes<T>)...};
        (fmadd_all<broadcasts_in_place(static_cast<std::ptrdiff_t>(C), P, O, 1.0)>(
             acc + C * sizeof...(V), v, weights + static_cast<std::ptrdiff_t>(C) * step, std::index_sequence<V...>{}),
         ...);
    }
    (std::make_index_sequence<static_cast<std::size_t>(P)>{}, std::make_index_sequence<static_cast<std::size_t>(O)>{});
}

#if defined(FOVEA_KERNELS_AVX512)
/// Loads and stores that touch some lanes only cost no more than others.
inline constexpr bool lanes_may_be_masked = true;

/// p[i] in lane i from `First` on, v below; nothing else is read.
template <std::ptrdiff_t First>
FOVEA_INLINE batch<float> load_from(const float* p, batch<float> v) {
    return batch<float>(_mm512_mask_loadu_ps(v, static_cast<__mmask16>(0xFFFF << First), p));
}
template <std::ptrdiff_t First>
FOVEA_INLINE batch<double> load_from(const double* p, batch<double> v) {
    return batch<double>(_mm512_mask_loadu_pd(v, static_cast<__mmask8>(0xFF << First), p));
}

/// Lanes [First, Last) of v to p[First] and on.
template <std::ptrdiff_t First, std::ptrdiff_t Last>
FOVEA_INLINE void store_lanes(float* p, batch<float> v) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1 << Last) - (1 << First)), v);
}
template <std::ptrdiff_t First, std::ptrdiff_t Last>
FOVEA_INLINE void store_lanes(double* p, batch<double> v) {
    _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1 << Last) - (1 << First)), v);
}
#else
inline constexpr bool lanes_may_be_masked = false;
#endif

template <class T>
struct alignas(64) lane_numbers {
    T value[static_cast<std::size_t>(lanes<T>)];
    constexpr lane_numbers() : value{} {
        for (std::ptrdiff_t i = 0; i < lanes<T>; ++i) {
            value[i] = static_cast<T>(i);
        }
    }
};

/// The first `count` lanes of v, those of `behind` behind; count may lie outside of 0..lanes.
template <class T>
FOVEA_INLINE batch<T> keep_first(batch<T> v, std::ptrdiff_t count, batch<T> behind = batch<T>(T(0))) {
    static constexpr lane_numbers<T> numbers{};
    return simd::select(load(numbers.value) < batch<T>(static_cast<T>(count)), v, behind);
}

/// Lanes First, First + 2, ... of a and b, one after the other.
template <std::size_t First, class T>
FOVEA_INLINE batch<T> alternate_lanes(batch<T> a, batch<T> b) {
    using vector = typename batch<T>::register_type;
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        return batch<T>(__builtin_shufflevector(vector(a), vector(b), static_cast<int>(2 * I + First)...));
    }
    (std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>{});
}

constexpr std::ptrdiff_t ceil_div(std::ptrdiff_t a, std::ptrdiff_t b) { return (a + b - 1) / b; }
constexpr std::ptrdiff_t floor_div(std::ptrdiff_t a, std::ptrdiff_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/// 0, 1, ... N-1 as a pack.
template <std::ptrdiff_t N>
using range = std::make_index_sequence<static_cast<std::size_t>(N)>;

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels
