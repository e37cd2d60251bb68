// SPDX-License-Identifier: BSD-3-Clause
// How do depthwise convolutions run that follow one another? All of them on one channel, then on the next: what lies
// between them stays in the first-level cache, where whole maps would go through the second-level cache twice a layer.
#pragma once

#include <fovea/execute/steps.hpp>

namespace fovea::detail::execute {
inline namespace FOVEA_KERNELS_ISA {

/// Steps K, K + 1, ... of a plan, as many as its chain_length(K).
template <class Net, std::size_t K>
struct chain {
    using plan = engine_plan<Net>;
    static constexpr std::size_t length = plan::chain_length(K);
    static constexpr std::size_t in_map = plan::step(K).in_map;
    static constexpr std::size_t out_map = plan::step(K + length - 1).out_map;

    /// The work that threads share: channels.
    static constexpr std::ptrdiff_t units = plan::maps[out_map].channels;

    /// Of one plane in between, guards included.
    static constexpr std::ptrdiff_t plane_size = [] {
        std::ptrdiff_t largest = 0;
        for (std::size_t i = 0; i + 1 < length; ++i) {
            const map_layout& m = plan::maps[plan::step(K + i).out_map];
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
            const float* in = maps(in_map) + c * plan::maps[in_map].plane;
            float* out = maps(out_map) + c * plan::maps[out_map].plane;
            const float* added = out;
            if constexpr (plan::step(K + length - 1).adds) {
                added = maps(plan::reads(K + length - 1)[1]) + c * plan::maps[out_map].plane;
            }
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((in = convolve<I>(c, in, packed(K + I), added, I + 1 < length ? scratch + I % 2 * plane_size : out)), ...);
            }(std::make_index_sequence<length>{});
        }
    }

private:
    /// added: of the last step; to: a plane of scratch, or of the last map. Gives the first value written.
    template <std::size_t I>
    static const float* convolve(std::ptrdiff_t c, const float* from, const float* packed, const float* added,
                                 float* to) noexcept {
        using link = step<Net, K + I>;
        using kernel = typename link::kernel;
        constexpr map_layout m = link::out;
        if constexpr (I + 1 < length) {
            std::fill_n(to, m.guard, 0.0F);  // left of its row 0
            to += m.guard;
        }
        kernel::family::channel(c, from, packed, packed + link::shift_at, packed + link::slope_at, added, to, 0, m.height);
        kernels::zero_plane_end<float, m>(to);
        return to;
    }
};

/// Elements of scratch of step K, done by `Step` or in a chain.
template <class Net, std::size_t K, class Step>
inline constexpr std::ptrdiff_t scratch_of = [] {
    if constexpr (engine_plan<Net>::chain_length(K) > 1) {
        return chain<Net, K>::scratch_size;
    } else {
        return engine_plan<Net>::chain_length(K) == 1 ? Step::scratch_size : std::ptrdiff_t{0};
    }
}();

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
