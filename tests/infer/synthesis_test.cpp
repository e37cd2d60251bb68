// SPDX-License-Identifier: BSD-3-Clause
// Are synthesised schedules the best there are? Against every schedule of small sizes, with sets of positions for
// holes.
#include <algorithm>
#include <vector>

#include <fovea/infer/synthesis.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// Every position between the first and the last, tap by tap.
bool hole_free(const std::vector<int>& dilations, int kernel) {
    std::uint64_t seen = 1;
    for (int d : dilations) {
        const std::uint64_t before = seen;
        for (int t = 1; t < kernel; ++t) {
            seen |= before << (t * d);
        }
    }
    return (seen & (seen + 1)) == 0;
}

int field_of(const std::vector<int>& dilations, int kernel) {
    int f = 1;
    for (int d : dilations) {
        f += (kernel - 1) * d;
    }
    return f;
}

/// All schedules that do not fall (holes do not depend on the order) with a field of at most 63 and no holes.
void collect(std::vector<int>& head, std::size_t layers, int kernel, std::vector<std::vector<int>>& all) {
    if (head.size() == layers) {
        if (hole_free(head, kernel)) {
            all.push_back(head);
        }
        return;
    }
    for (int d = head.empty() ? 1 : head.back();; ++d) {
        head.push_back(d);
        const bool fits = field_of(head, kernel) <= 63 && d <= 62;
        if (fits) {
            collect(head, layers, kernel, all);
        }
        head.pop_back();
        if (!fits) {
            return;
        }
    }
}

template <std::size_t N>
void compare(int kernel) {
    std::vector<std::vector<int>> all;
    std::vector<int> head;
    collect(head, N, kernel, all);
    const auto better = [&](const std::vector<int>& a, const std::vector<int>& b) {
        const int fa = field_of(a, kernel), fb = field_of(b, kernel);
        return fa != fb ? fa < fb : std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
    };
    int longest = 0;
    for (const auto& s : all) {
        longest = std::max(longest, field_of(s, kernel));
    }
    // Above 61 the collection may lack the least field, rounded up to an odd kernel's.
    for (int target = 1; target <= 57; ++target) {
        const auto got = detail::find_dilations<N>(static_cast<std::size_t>(target), static_cast<std::size_t>(kernel));
        INFO("kernel " << kernel << ", layers " << N << ", target " << target);
        REQUIRE(got.exists == (longest >= target));
        if (got.exists) {
            const std::vector<int>* best = nullptr;
            for (const auto& s : all) {
                if (field_of(s, kernel) >= target && (best == nullptr || better(s, *best))) {
                    best = &s;
                }
            }
            REQUIRE(best != nullptr);
            REQUIRE(std::vector<int>(got.begin(), got.end()) == *best);
            REQUIRE(static_cast<int>(got.receptive_field) == field_of(*best, kernel));
        }
    }
}

}  // namespace

TEST_CASE("schedules reach the target with the least field, no holes, and as evenly as can be") {
    for (int kernel = 2; kernel <= 7; ++kernel) {
        compare<1>(kernel);
        compare<2>(kernel);
        compare<3>(kernel);
        compare<4>(kernel);
        compare<5>(kernel);
    }
}

TEST_CASE("one layer less than is said to be needed does not do") {
    for (std::size_t kernel = 2; kernel <= 5; ++kernel) {
        for (std::size_t target = 2; target <= 2'000; ++target) {
            const std::size_t n = detail::find_dilations<1>(target, kernel).layers_needed;
            REQUIRE((detail::largest_field(n, kernel) >= target && detail::largest_field(n - 1, kernel) < target));
        }
    }
    CHECK(detail::find_dilations<5>(1, 1).exists);
    CHECK(detail::find_dilations<5>(2, 1).layers_needed == 0);
}
