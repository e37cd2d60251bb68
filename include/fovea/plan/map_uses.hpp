// SPDX-License-Identifier: BSD-3-Clause
// Which of a network's maps are one and the same, and how often is each read? A layer that does nothing gives the map
// that it reads.
#pragma once

#include <array>

#include <fovea/infer/questions.hpp>

namespace fovea::detail {

/// Of the maps of a network of N layers: 0 is its input, i + 1 the output of layer i.
template <std::size_t N>
struct map_uses {
    std::array<std::size_t, N + 1> same{};  ///< the first map that is the same one
    std::array<std::size_t, N + 1> uses{};  ///< of such a first one: how often layers and the network's outputs read it
};

/// idle(layer): does it do nothing?
template <std::size_t N, std::size_t M, class Idle>
constexpr map_uses<N> uses_of_maps(const traced<N, M>& t, Idle idle) {
    map_uses<N> maps{};
    for (std::size_t i = 0; i < N; ++i) {
        const bool nothing = idle(t.layers[i]);
        maps.same[i + 1] = nothing ? maps.same[t.inputs_of(i)[0]] : i + 1;
        for (std::size_t v : t.inputs_of(i)) {
            maps.uses[maps.same[v]] += nothing ? 0 : 1;
        }
    }
    for (std::size_t v : t.outputs()) {
        maps.uses[maps.same[v]] += 1;
    }
    return maps;
}

}  // namespace fovea::detail
