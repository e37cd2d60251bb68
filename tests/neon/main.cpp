// SPDX-License-Identifier: BSD-3-Clause
// Runs every test case; on 64-bit ARM with NEON or not at all.
#include <fovea/execute/kernels/simd.hpp>

#include "../catch.hpp"

static_assert(fovea::kernels::lanes<float> == 4);
#if defined(__aarch64__)
static_assert(fovea::kernels::fused_multiply_add);
#endif

int main() {
    for (const fovea::test::case_of_test& c : fovea::test::cases()) {
        const int before = fovea::test::failures;
        c.run();
        std::cout << (fovea::test::failures == before ? "passed: " : "FAILED: ") << c.name << std::endl;
    }
    return fovea::test::failures == 0 ? 0 : 1;
}
