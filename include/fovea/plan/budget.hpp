// SPDX-License-Identifier: BSD-3-Clause
// How much memory may the maps of an engine take? The limit on arena_bytes, for `within` and `deepest_for`.
#pragma once

#include <fovea/infer/budget.hpp>
#include <fovea/plan/engine_plan.hpp>

namespace fovea {

/// Of arena_bytes: the maps of an Engine for one input in flight.
template <std::size_t Bytes>
struct arena {};

namespace detail {

template <std::size_t Bytes>
struct limit_traits<arena<Bytes>> : known_limit<Bytes> {
    template <class Net>
    static constexpr std::size_t taken = arena_bytes<Net>;
};

}  // namespace detail
}  // namespace fovea
