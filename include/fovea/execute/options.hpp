// SPDX-License-Identifier: BSD-3-Clause
// How can an Engine be asked to run? Tags in any order behind the network: Engine<Net, batch<32>, threads<2>>.
#pragma once

#include <cstddef>
#include <type_traits>

namespace fovea {

/// Inputs a call; the input tensor is N x C x H x W (N x C x T in 1-D) for every batch but the default one.
template <std::size_t N>
struct batch {
    static_assert(N > 0, "fovea: batch<N> needs N of at least 1");
};

/// Threads a call uses, the caller's among them. Results do not depend on it, to the bit.
template <std::size_t N>
struct threads {
    static_assert(N > 0, "fovea: threads<N> needs N of at least 1");
};

/// Direct convolutions only, every output summed in one fixed order; the default.
struct exact {};

/// Winograd's minimal filtering wherever the plan expects it to be faster. Outputs of a layer differ from the exact sums
/// by at most 2e-5 of the layer's largest output.
struct fast {};

namespace detail {

struct engine_options {
    std::size_t batch = 1;
    bool batched = false;
    std::size_t threads = 1;
    int batch_tags = 0;
    int thread_tags = 0;
    int mode_tags = 0;  ///< exact and fast
    bool fast = false;
    int foreign = 0;
};

template <class T>
struct engine_option {
    static constexpr void apply(engine_options& o) { ++o.foreign; }
};
template <std::size_t N>
struct engine_option<batch<N>> {
    static constexpr void apply(engine_options& o) {
        o.batch = N;
        o.batched = true;
        ++o.batch_tags;
    }
};
template <std::size_t N>
struct engine_option<threads<N>> {
    static constexpr void apply(engine_options& o) {
        o.threads = N;
        ++o.thread_tags;
    }
};
template <>
struct engine_option<exact> {
    static constexpr void apply(engine_options& o) { ++o.mode_tags; }
};
template <>
struct engine_option<fast> {
    static constexpr void apply(engine_options& o) {
        o.fast = true;
        ++o.mode_tags;
    }
};

template <class... Options>
constexpr engine_options engine_options_of() {
    engine_options o;
    (engine_option<Options>::apply(o), ...);
    return o;
}

}  // namespace detail
}  // namespace fovea
