// SPDX-License-Identifier: BSD-3-Clause
// Which x86-64 level does this processor run, with this operating system? The levels are those of the x86-64 psABI: 1
// is what every one has, 2 adds SSE4.2, 3 AVX2 and FMA, 4 AVX-512.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace fovea::detail {

/// What the cpuid instruction and the register XCR0 say. The compilers' __builtin_cpu_supports would do, but knows the
/// levels by name, and LZCNT or MOVBE at all, in newer releases only.
struct x86_features {
    std::uint32_t basic = 0;     ///< leaf 1, ECX
    std::uint32_t extended = 0;  ///< leaf 7, EBX
    std::uint32_t amd = 0;       ///< leaf 0x80000001, ECX
    std::uint64_t saved = 0;     ///< XCR0: the register files that the operating system saves for each thread
};

/// The highest level all of whose features are there (table 3.1 of the psABI).
constexpr int x86_level(const x86_features& f) noexcept {
    constexpr auto has_all = [](std::uint64_t word, auto... bits) { return (((word >> bits) & 1U) && ...); };
    // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF
    if (!has_all(f.basic, 0, 9, 13, 19, 20, 23) || !has_all(f.amd, 0)) {
        return 1;
    }
    // FMA, MOVBE, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT; XMM and YMM registers saved
    if (!has_all(f.basic, 12, 22, 27, 28, 29) || !has_all(f.extended, 3, 5, 8) || !has_all(f.amd, 5) ||
        !has_all(f.saved, 1, 2)) {
        return 2;
    }
    // AVX512F, DQ, CD, BW, VL; mask registers and both halves of the ZMM registers saved
    if (!has_all(f.extended, 16, 17, 28, 30, 31) || !has_all(f.saved, 5, 6, 7)) {
        return 3;
    }
    return 4;
}

#if defined(__x86_64__)
inline x86_features this_processor() noexcept {
    x86_features f;
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        f.basic = c;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        f.extended = b;
    }
    if (__get_cpuid(0x80000001U, &a, &b, &c, &d)) {
        f.amd = c;
    }
    if ((f.basic >> 27U) & 1U) {  // without OSXSAVE xgetbv is an illegal instruction
        std::uint32_t low = 0, high = 0;
        asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        f.saved = (std::uint64_t{high} << 32U) | low;
    }
    return f;
}
#else
inline x86_features this_processor() noexcept { return {}; }
#endif

}  // namespace fovea::detail
