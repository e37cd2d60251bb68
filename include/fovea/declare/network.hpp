// SPDX-License-Identifier: BSD-3-Clause
// What is a network? An input and a list of bricks; empty, so that naming one costs nothing.
#pragma once

namespace fovea {

/// `Input<C, H, W>`: C maps of H rows and W columns. `Input<C, T>`: C channels over T time steps (1-D; height 1,
/// kernels and dilations apply to time).
template <int... Extents>
struct Input {};

/// `Network<Input<...>, Brick...>`, in data-flow order. Positions count from 0 for the first brick after Input.
template <class... Parts>
struct Network {};

}  // namespace fovea
