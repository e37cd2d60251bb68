// SPDX-License-Identifier: BSD-3-Clause
// What stands behind a switch that has a case for every enumerator? A constant cannot be computed through it, so that
// an enumerator without a rule does not compile, whatever the warnings.
#pragma once

#include <cstdlib>

namespace fovea::detail {

[[noreturn]] inline void missing_rule() { std::abort(); }

}  // namespace fovea::detail
