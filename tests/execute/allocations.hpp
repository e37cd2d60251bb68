// SPDX-License-Identifier: BSD-3-Clause
// How often was memory asked for, and how much of it is held?
#pragma once

#include <cstddef>

namespace fovea::test {

/// Calls of operator new in this program so far; every form of it is counted.
std::size_t allocations();
/// Bytes that are held now, as the allocator rounds them.
std::size_t held_bytes();
/// The most that were held at once since the last call.
std::size_t most_held_bytes();

}  // namespace fovea::test
