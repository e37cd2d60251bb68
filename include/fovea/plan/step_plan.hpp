// SPDX-License-Identifier: BSD-3-Clause
// What is a plan? step_plan names what kernels and executors ask of one; the bases hold what follows from a list of
// work alone, whatever the executor: engine_plan, strip_plan and train_plan add where their maps lie.
#pragma once

#include <array>
#include <concepts>
#include <span>

#include <fovea/plan/steps.hpp>

namespace fovea {

/// Steps in the order of their work, the maps that they read and write, and how these lie in memory; constants. Where a
/// map is (one arena, a buffer of rows) is between a plan and its executor: execute::step asks a function for the first
/// value of map m.
template <class P>
concept step_plan = requires(std::size_t k) {
    { P::step_count + P::map_count + P::output_count } -> std::same_as<std::size_t>;
    { P::step(k) } -> std::same_as<plan_step>;
    { P::layer(k) } -> std::same_as<layer_info>;  // as the step's kernel sees it
    { P::reads(k) } -> std::same_as<std::span<const std::size_t>>;
    { P::output_map(k) } -> std::same_as<std::size_t>;
    { P::maps[k] } -> std::same_as<const map_layout&>;
    { P::slices[k] } -> std::same_as<const detail::map_slice&>;
    { P::geometry(k) } -> std::same_as<conv_geometry>;
};

namespace detail {

/// Work: a type with `list`, what is done, in order, and which map holds each of the network's.
template <class Net, class Work>
struct plan_base {
    static constexpr const auto& trace = network_traits<Net>::trace;
    static constexpr const auto& layers = trace.layers;
    static constexpr const auto& list = Work::list;
    static constexpr std::size_t map_count = list.maps;
    static constexpr std::size_t output_count = trace.output_count;
    static constexpr std::size_t output_map(std::size_t output) { return list.map_of[trace.outputs()[output]]; }
};

/// The same where the work is a step_list.
template <class Net, class Work>
struct step_plan_base : plan_base<Net, Work> {
    using base = plan_base<Net, Work>;
    using base::list;
    static constexpr std::size_t step_count = list.count;

    static constexpr plan_step step(std::size_t k) { return list.steps[k]; }
    static constexpr std::span<const std::size_t> reads(std::size_t k) {
        return {list.reads.data() + list.steps[k].first_read, list.steps[k].read_count};
    }
    /// The layer of a step as its kernel sees it.
    static constexpr layer_info layer(std::size_t k) {
        const plan_step& s = list.steps[k];
        return s.padded ? on_padded_map(base::layers[s.layer]) : base::layers[s.layer];
    }
    /// f(a, b) for maps that have one layout, position for position: forth and back, so that what goes from map to map
    /// arrives in one pass.
    template <class F>
    static constexpr void each_alike(F f) {
        const auto of_step = [&](std::size_t k) {
            for (std::size_t n = 0; n < list.steps[k].read_count; ++n) {
                if (laid_out_alike(list.steps[k], n)) {
                    f(reads(k)[n], list.steps[k].out_map);
                }
            }
        };
        for (std::size_t k = 0; k < step_count; ++k) {
            of_step(k);
        }
        for (std::size_t k = step_count; k > 0; --k) {
            of_step(k - 1);
        }
    }
};

constexpr void raise_to(std::ptrdiff_t& a, std::ptrdiff_t b) { a = b > a ? b : a; }

/// Maps a and b of every pair get the larger of their values, until all are equal. each_pair(f) calls f(a, b).
template <std::size_t N, class EachPair>
constexpr void level(std::array<std::ptrdiff_t, N>& values, EachPair each_pair) {
    for (bool changed = true; changed;) {
        changed = false;
        each_pair([&](std::size_t a, std::size_t b) {
            if (values[a] != values[b]) {
                values[a] = values[b] = values[a] > values[b] ? values[a] : values[b];
                changed = true;
            }
        });
    }
}

}  // namespace detail
}  // namespace fovea
