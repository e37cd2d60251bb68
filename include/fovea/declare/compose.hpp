// SPDX-License-Identifier: BSD-3-Clause
// How are bricks put together? Containers: they compute nothing and have no parameters of their own.
#pragma once

#include <cstddef>

namespace fovea {

/// Bricks in data-flow order; its own bricks count from 0, as in PyTorch's nn.Sequential.
template <class... Bricks>
struct Sequential {};

/// `Repeat<N, A>` is `Sequential<A, A, ...>`; `Repeat<N, A, B>` is `Sequential<Sequential<A, B>, ...>`: N times, each
/// with weights of its own.
template <int N, class... Bricks>
struct Repeat {};

}  // namespace fovea
