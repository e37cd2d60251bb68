// SPDX-License-Identifier: BSD-3-Clause
// How do steps run that are one in the plan? Depthwise convolutions on one channel after the other, convolutions and
// the 1x1 layers and pools behind them on a few rows after the other: what lies between them stays in the caches, where
// whole maps would go through the second-level cache, or memory, twice a layer.
#pragma once

#include <fovea/execute/step.hpp>

namespace fovea::detail::execute {
inline namespace FOVEA_KERNELS_ISA {

/// Steps K, K + 1, ... of a plan that run as one.
template <class Net, step_plan Plan, std::size_t K>
struct chain_links {
    static constexpr step_chain chain = Plan::chain(K);
    static constexpr std::size_t length = chain.length;
    template <std::size_t I>
        requires(!Plan::options.winograd.has(K + I))
    using link = step<Net, K + I, conv_algorithm{}, Plan>;
    static constexpr std::size_t in_map = Plan::step(K).in_map;
    static constexpr std::size_t out_map = Plan::step(K + length - 1).out_map;
};

template <class Net, step_plan Plan, std::size_t K>
struct channel_chain : chain_links<Net, Plan, K> {
    using links = chain_links<Net, Plan, K>;
    using links::in_map;
    using links::length;
    using links::out_map;

    /// The work that threads share: channels.
    static constexpr std::ptrdiff_t units = Plan::maps[out_map].channels;

    /// Of one plane in between, guards included.
    static constexpr std::ptrdiff_t plane_size = [] {
        std::ptrdiff_t largest = 0;
        for (std::size_t i = 0; i + 1 < length; ++i) {
            const map_layout& m = Plan::maps[Plan::step(K + i).out_map];
            const std::ptrdiff_t size = round_up(m.plane + 2 * m.guard, map_quantum);
            largest = size > largest ? size : largest;
        }
        return largest;
    }();
    static constexpr std::ptrdiff_t scratch_size = (length > 2 ? 2 : 1) * plane_size;

    /// maps(m): the first value of map m; packed(k): the packed weights of step k. Channels [begin, end).
    template <class Maps, class Packed>
    static void run(const Maps& maps, const Packed& packed, float* scratch, std::ptrdiff_t begin,
                    std::ptrdiff_t end) noexcept {
        for (std::ptrdiff_t c = begin; c < end; ++c) {
            const float* in = maps(in_map) + c * Plan::maps[in_map].plane;
            float* out = maps(out_map) + c * Plan::maps[out_map].plane;
            const float* added = out;
            if constexpr (Plan::step(K + length - 1).adds) {
                added = maps(Plan::reads(K + length - 1)[1]) + c * Plan::maps[out_map].plane;
            }
            kernels::for_each_index<signed_of(length)>([&]<std::ptrdiff_t N>(kernels::constant<N>) {
                constexpr auto i = static_cast<std::size_t>(N);
                in = convolve<i>(c, in, packed(K + i), added, i + 1 < length ? scratch + i % 2 * plane_size : out);
            });
        }
    }

private:
    /// added: of the last step; to: a plane of scratch, or of the last map. Gives the first value written.
    template <std::size_t I>
    static const float* convolve(std::ptrdiff_t c, const float* from, const float* packed, const float* added,
                                 float* to) noexcept {
        using link = typename links::template link<I>;
        using kernel = typename link::kernel;
        constexpr map_layout m = link::out;
        if constexpr (I + 1 < length) {
            std::fill_n(to, m.guard, 0.0F);  // left of its row 0
            to += m.guard;
        }
        kernel::family::channel(c, from, packed, packed + link::shift_at, packed + link::slope_at, added, to, 0,
                                m.height);
        kernels::zero_plane_end<float, m>(to);
        return to;
    }
};

template <class Net, step_plan Plan, std::size_t K>
struct row_chain : chain_links<Net, Plan, K> {
    using links = chain_links<Net, Plan, K>;
    using links::length;
    using links::out_map;

    /// The work that threads share: rows of the last map.
    static constexpr std::ptrdiff_t units = Plan::maps[out_map].height;

    /// Where the band of link I's output begins in scratch; behind the last one the links' own scratch.
    static constexpr std::array<std::ptrdiff_t, length> band_at = [] {
        std::array<std::ptrdiff_t, length> at{};
        for (std::size_t i = 0; i + 1 < length; ++i) {
            const map_layout& m = Plan::maps[Plan::step(K + i).out_map];
            at[i + 1] = at[i] + round_up(m.channels * m.plane, map_quantum);
        }
        return at;
    }();
    /// Rows of link I's output for each of the last map.
    static constexpr std::array<std::ptrdiff_t, length> rows_each = [] {
        std::array<std::ptrdiff_t, length> n{};
        n[length - 1] = 1;
        for (std::size_t i = length - 1; i > 0; --i) {
            n[i - 1] = n[i] * signed_of(Plan::layer(K + i).rows.stride);
        }
        return n;
    }();
    static constexpr std::ptrdiff_t scratch_size = []<std::size_t... I>(std::index_sequence<I...>) {
        std::ptrdiff_t largest = 0;
        for (const std::ptrdiff_t s : {links::template link<I>::scratch_size...}) {
            largest = s > largest ? s : largest;
        }
        return band_at[length - 1] + largest + map_quantum;  // a band's last vector may read on
    }
    (std::make_index_sequence<length>{});

    static constexpr const map_layout& map_behind(std::size_t i) { return Plan::maps[Plan::step(K + i).out_map]; }
    /// The row of link i's output with which one of the last map begins.
    static constexpr std::ptrdiff_t row_of(std::size_t i, std::ptrdiff_t row) {
        const std::ptrdiff_t y = row * rows_each[i];
        return y < map_behind(i).height ? y : map_behind(i).height;
    }

    /// As channel_chain. Rows [begin, end).
    template <class Maps, class Packed>
    static void run(const Maps& maps, const Packed& packed, float* scratch, std::ptrdiff_t begin,
                    std::ptrdiff_t end) noexcept {
        for (std::ptrdiff_t y = begin; y < end; y += links::chain.rows) {
            const std::ptrdiff_t behind = y + links::chain.rows < end ? y + links::chain.rows : end;
            // A band stands for its map: pointed to as if row 0 were there.
            const auto here = [&](std::size_t m) {
                for (std::size_t i = 0; i + 1 < length; ++i) {
                    if (m == Plan::step(K + i).out_map) {
                        return scratch + band_at[i] - row_of(i, y) * map_behind(i).pitch;
                    }
                }
                return maps(m);
            };
            kernels::for_each_index<signed_of(length)>([&]<std::ptrdiff_t N>(kernels::constant<N>) {
                constexpr auto i = static_cast<std::size_t>(N);
                links::template link<i>::run(here, packed(K + i), scratch + band_at[length - 1], row_of(i, y),
                                             row_of(i, behind));
            });
        }
    }

    /// As step::fetch, for those rows of the last map.
    template <class Maps>
    static void fetch(const Maps& maps, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        links::template link<0>::fetch(maps, row_of(0, begin), row_of(0, end));
    }
};

/// What runs step K and those that are one with it.
template <class Net, step_plan Plan, std::size_t K>
using chain = std::conditional_t<(Plan::chain(K).rows > 0), row_chain<Net, Plan, K>, channel_chain<Net, Plan, K>>;

/// Elements of scratch of step K, done by `Step` or in a chain.
template <class Net, step_plan Plan, std::size_t K, class Step>
inline constexpr std::ptrdiff_t scratch_of = [] {
    if constexpr (Plan::chain(K).length > 1) {
        return chain<Net, Plan, K>::scratch_size;
    } else {
        return Plan::chain(K).length == 1 ? Step::scratch_size : std::ptrdiff_t{0};
    }
}();

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
