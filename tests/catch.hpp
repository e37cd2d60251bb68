// SPDX-License-Identifier: BSD-3-Clause
// Which Catch2 is installed? The only door to it: version 3 has split headers, version 2 has a single one.
// Link Catch2::Catch2WithMain; `Approx` means the same in both.
// Comparisons of xtensor expressions need a second pair of parentheses, CHECK((a == b)): xtensor's operators would
// otherwise take Catch's decomposer for a scalar.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
