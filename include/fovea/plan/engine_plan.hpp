// SPDX-License-Identifier: BSD-3-Clause
// What is the plan of an engine? Its steps and chains, the layout of each map, how long it is needed, and where it lies
// in the one arena.
#pragma once

#include <array>

#include <fovea/plan/arena.hpp>
#include <fovea/plan/chains.hpp>
#include <fovea/plan/step_plan.hpp>

namespace fovea {

/// What may differ between two plans of one network.
template <class Net>
using plan_options = detail::chain_options<detail::network_traits<Net>::trace.layers.size()>;

namespace detail {
template <class Net, plan_options<Net> Options>
struct chained_work {
    static constexpr auto chained = chain_steps(network_traits<Net>::trace, Options);
    static constexpr const auto& list = chained.list;
};
}  // namespace detail

/// The plan of Engine<Net>: steps, map layouts, and where each map lies in the one arena.
template <class Net, plan_options<Net> Options = plan_options<Net>{}>
struct engine_plan : detail::step_plan_base<Net, detail::chained_work<Net, Options>> {
    static constexpr plan_options<Net> options = Options;
    using base = detail::step_plan_base<Net, detail::chained_work<Net, Options>>;
    using base::layer;
    using base::list;
    using base::map_count;
    using base::output_count;
    using base::output_map;
    using base::reads;
    using base::step_count;

    /// Maps that are read by a Concat alone become slices of its map: no copy.
    static constexpr std::array<detail::map_slice, map_count> slices = [] {
        std::array<detail::map_slice, map_count> s{};
        std::array<std::size_t, map_count> readers{};
        for (std::size_t m = 0; m < map_count; ++m) {
            s[m].whole = m;
        }
        for (std::size_t k = 0; k < step_count; ++k) {
            for (std::size_t m : reads(k)) {
                readers[m] += m == list.steps[k].out_map ? 0U : 1U;
            }
        }
        for (std::size_t o = 0; o < output_count; ++o) {
            readers[output_map(o)] += 2;
        }
        // From the last: a slice's whole may be a slice itself, and is then placed before it.
        for (std::size_t k = step_count; k > 0; --k) {
            const plan_step& p = list.steps[k - 1];
            if (p.kind != step_kind::concat) {
                continue;
            }
            std::size_t channel = 0;
            for (std::size_t m : reads(k - 1)) {
                if (m > 0 && readers[m] == 1) {
                    s[m] = {s[p.out_map].whole, s[p.out_map].first_channel + channel};
                }
                channel += list.shapes[m].channels;
            }
        }
        return s;
    }();

    /// What runs step k: itself first of `length` steps; none: it is run by one before it.
    static constexpr step_chain chain(std::size_t k) { return detail::chained_work<Net, Options>::chained.chains[k]; }
    static constexpr bool chains_rows = [] {
        bool any = false;
        for (const step_chain& c : detail::chained_work<Net, Options>::chained.chains) {
            any = any || c.rows > 0;
        }
        return any;
    }();

    /// The gap of each map: what its readers' windows reach. Steps that work value by value have one layout on all
    /// sides, and so have a map and its slices.
    static constexpr std::array<map_layout, map_count> maps = [] {
        std::array<std::ptrdiff_t, map_count> gap{};
        for (std::size_t k = 0; k < step_count; ++k) {
            const plan_step& s = list.steps[k];
            if (s.kind != step_kind::pad) {
                detail::raise_to(gap[s.in_map], detail::reach_of(layer(k)));
            }
        }
        detail::level(gap, [](auto one_layout) {
            base::each_alike(one_layout);
            for (std::size_t m = 0; m < map_count; ++m) {
                one_layout(m, slices[m].whole);
            }
        });
        std::array<map_layout, map_count> m{};
        for (std::size_t i = 0; i < map_count; ++i) {
            m[i] = detail::layout_of(list.shapes[i], gap[i]);
        }
        // Between steps that run row by row: planes of a band, in which rows keep their numbers.
        for (std::size_t k = 0; k < step_count; ++k) {
            std::ptrdiff_t rows = chain(k).rows;
            for (std::size_t j = k + chain(k).length; rows > 0 && --j > k;) {
                rows *= detail::signed_of(layer(j).rows.stride);
                map_layout& band = m[list.steps[j].in_map];
                band = make_map_layout(band.channels, rows, band.width, gap[list.steps[j].in_map]);
                band.height = detail::signed_of(list.shapes[list.steps[j].in_map].height);
            }
        }
        return m;
    }();

    /// When each map is needed; a slice needs no place of its own, its whole lives as long as it. Step k is at time
    /// k + 1.
    static constexpr std::array<map_life, map_count> lives = [] {
        std::array<map_life, map_count> l{};
        std::array<bool, map_count> written{};
        written[0] = true;
        const auto touch = [&](std::size_t m, std::size_t when) {
            map_life& life = l[slices[m].whole];
            life.first = written[slices[m].whole] ? life.first : when;
            life.last = when;
            written[slices[m].whole] = true;
        };
        for (std::size_t k = 0; k < step_count; ++k) {
            if (chain(k).length > 0) {
                const plan_step& last = list.steps[k + chain(k).length - 1];
                for (std::size_t m : reads(k)) {
                    touch(m, k + 1);
                }
                if (last.adds) {
                    touch(list.reads[last.first_read + 1], k + 1);
                }
                touch(last.out_map, k + 1);
            }
        }
        for (std::size_t o = 0; o < output_count; ++o) {
            touch(output_map(o), step_count + 1);
        }
        for (std::size_t m = 0; m < map_count; ++m) {
            l[m].size = slices[m].whole == m && written[m] ? maps[m].footprint() : 0;
        }
        return l;
    }();

    static constexpr arena_plan<map_count> arena = place_maps(lives, map_count);
    /// Elements of the arena.
    static constexpr std::ptrdiff_t arena_size = arena.size;

    /// Element of the arena at which a map's first value lies.
    static constexpr std::ptrdiff_t offset(std::size_t map) {
        const detail::map_slice& s = slices[map];
        return arena.offsets[s.whole] + maps[s.whole].guard +
               static_cast<std::ptrdiff_t>(s.first_channel) * maps[s.whole].plane;
    }

    static constexpr conv_geometry geometry(std::size_t k) {
        const plan_step& s = list.steps[k];
        return detail::geometry_of(layer(k), maps[s.in_map], maps[s.out_map]);
    }
};

/// Bytes of the maps of an Engine<Net> for one input in flight: the larger of the plans with as many steps chained as
/// can be, and with no rows chained. plan<Net, Options...>.arena_bytes are those of one engine.
template <class Net>
inline constexpr auto arena_bytes = [] {
    if constexpr (detail::sound<Net>) {
        std::ptrdiff_t most = engine_plan<Net>::arena_size;
        if constexpr (engine_plan<Net>::chains_rows) {
            constexpr std::ptrdiff_t apart = engine_plan<Net, plan_options<Net>{.chain_rows = false}>::arena_size;
            most = apart > most ? apart : most;
        }
        return static_cast<std::size_t>(most) * sizeof(float);
    } else {
        return detail::refuse_network<Net>();
    }
}();

}  // namespace fovea
