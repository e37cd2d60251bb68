// SPDX-License-Identifier: BSD-3-Clause
// Which random numbers? The same ones on every compiler and machine, addressed by (seed, stream, position), so that
// any number of a run can be made again without the ones before it. Standard distributions differ between libraries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace fovea::detail {

/// A bijection of 64 bits in which every input bit reaches every output bit (the finaliser of SplitMix64; Steele, Lea
/// and Flood, OOPSLA 2014, with Stafford's "mix 13" constants).
constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

/// Word `position` of stream `stream` of `seed`: a pure function, for noise that is drawn out of order (dropout masks,
/// the augmentation of sample n).
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t position) noexcept {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio: odd, no short bit pattern
    const std::uint64_t key = mix_bits(mix_bits(seed + golden) ^ (stream * golden + 0xD1B54A32D192ED03ULL));
    return mix_bits(key + (position + 1) * golden);
}

/// The top 53 bits as a double in [0, 1).
constexpr double unit_interval(std::uint64_t bits) noexcept { return static_cast<double>(bits >> 11U) * 0x1.0p-53; }

/// One sequence of random numbers. Copyable; two generators of equal (seed, stream) give equal sequences.
class random_stream {
public:
    constexpr explicit random_stream(std::uint64_t seed, std::uint64_t stream = 0) noexcept
        : seed_{seed}, stream_{stream} {}

    constexpr std::uint64_t bits() noexcept { return random_bits(seed_, stream_, position_++); }

    /// Uniform in [0, 1).
    constexpr double uniform() noexcept { return unit_interval(bits()); }

    /// Uniform in [-limit, limit). 2u and 2u - 1 are exact, so there is nothing for an fma to round otherwise.
    constexpr double symmetric(double limit) noexcept { return limit * (2.0 * uniform() - 1.0); }

    /// Uniform in 0 .. bound-1; bound >= 1. Exact: draws past the bound are rejected, always fewer than half of them.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        std::uint64_t mask = bound - 1;
        for (unsigned shift = 1; shift < 64; shift *= 2) {
            mask |= mask >> shift;
        }
        for (;;) {
            if (const std::uint64_t draw = bits() & mask; draw < bound) {
                return draw;
            }
        }
    }

    constexpr bool chance(double probability) noexcept { return uniform() < probability; }

    /// Standard normal, by comparisons alone (Karney, "Sampling exactly from the normal distribution", ACM TOMS 42,
    /// 2016, algorithm N): log and cos of the C library differ in the last bit from one platform to the next, the
    /// four basic operations do not, and no expression here is one that a compiler may contract into an fma.
    constexpr double normal() noexcept {
        for (;;) {
            unsigned k = 0;  // k with probability proportional to exp(-k/2) ...
            while (accept_exp(0.5)) {
                ++k;
            }
            bool accepted = true;  // ... thinned to exp(-k*k/2)
            for (unsigned i = 0; i < k * (k - 1) && accepted; ++i) {
                accepted = accept_exp(0.5);
            }
            if (!accepted) {
                continue;
            }
            const double x = uniform();  // the fraction, thinned to exp(-x*(2k+x)/2), as k+1 tests with p < 1
            const double p = x * (static_cast<double>(2 * k) + x) / static_cast<double>(2 * k + 2);
            for (unsigned i = 0; i <= k && accepted; ++i) {
                accepted = accept_exp(p);
            }
            if (accepted) {
                const double magnitude = static_cast<double>(k) + x;
                return (bits() >> 63U) != 0 ? -magnitude : magnitude;
            }
        }
    }

    /// Fisher-Yates.
    template <class T, std::size_t Extent>
    constexpr void shuffle(std::span<T, Extent> values) noexcept {
        for (std::size_t i = values.size(); i > 1; --i) {
            std::swap(values[i - 1], values[static_cast<std::size_t>(below(i))]);
        }
    }

private:
    /// True with probability exp(-p), 0 <= p <= 1 (von Neumann 1951): the falling run
    /// p > u1 > u2 > ... has even length.
    constexpr bool accept_exp(double p) noexcept {
        bool even = true;
        double last = p;
        for (double u = uniform(); u < last; u = uniform()) {
            last = u;
            even = !even;
        }
        return even;
    }

    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t position_ = 0;
};

/// Who draws from which stream, so that no two purposes share numbers.
namespace streams {
inline constexpr std::uint64_t initialise = 1;
inline constexpr std::uint64_t order = 2;    // + pass << 8
inline constexpr std::uint64_t augment = 3;  // + sample position << 8
inline constexpr std::uint64_t dropout = 4;
}  // namespace streams

}  // namespace fovea::detail
