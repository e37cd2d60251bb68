// SPDX-License-Identifier: BSD-3-Clause
// How often was memory asked for?
#pragma once

#include <cstddef>

namespace fovea::test {

/// Calls of operator new in this program so far; every form of it is counted.
std::size_t allocations();

}  // namespace fovea::test
