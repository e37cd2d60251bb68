// SPDX-License-Identifier: BSD-3-Clause
// Can this processor run the program at all? Asked before main, so that a machine without the instructions says so
// instead of dying of SIGILL; 77 is the customary exit code of a skipped test.
#include <cstdio>
#include <cstdlib>

#ifndef FOVEA_TEST_LEVEL
#define FOVEA_TEST_LEVEL 1
#endif

namespace {

#if defined(__x86_64__)
[[gnu::constructor(101), gnu::target("arch=x86-64")]] void check_processor() {
    __builtin_cpu_init();
    const bool v2 = __builtin_cpu_supports("sse4.2") != 0;
    const bool v3 = v2 && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                    __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    const int level = v4 ? 4 : v3 ? 3 : v2 ? 2 : 1;
    if (level < FOVEA_TEST_LEVEL) {
        std::fprintf(stderr, "skipped: compiled for x86-64-v%d, this processor has x86-64-v%d\n", FOVEA_TEST_LEVEL, level);
        std::_Exit(77);
    }
}
#endif

}  // namespace
