// SPDX-License-Identifier: BSD-3-Clause
// Which way does each convolution of an engine go? The cost model's choice for `fast`, direct sums for `exact`, and what
// use<> says.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/execute/kernels/simd.hpp>
#include <fovea/execute/options.hpp>
#include <fovea/plan/engine_plan.hpp>

namespace fovea::detail::execute {

inline namespace FOVEA_KERNELS_ISA {

template <class Net>
constexpr bool has_choice(std::size_t k) {
    return engine_plan<Net>::step(k).kind == step_kind::conv && engine_plan<Net>::layer(k).patterns.count <= 1;
}

/// Does use<> of this path name a convolution that can go this way?
template <class Net, class Way>
constexpr bool way_fits(std::string_view path, Way) {
    for (std::size_t k = 0; k < engine_plan<Net>::step_count; ++k) {
        const layer_info l = engine_plan<Net>::layer(k);
        if (has_choice<Net>(k) && l.path == path) {
            const conv_algorithm a = Way::for_kernel(static_cast<std::ptrdiff_t>(l.rows.kernel),
                                                     static_cast<std::ptrdiff_t>(l.columns.kernel));
            return a.method == conv_method::direct || winograd_fits(engine_plan<Net>::geometry(k), a.tile);
        }
    }
    return false;
}

template <class Net, class... Options>
constexpr bool ways_fit() {
    bool fit = true;
    (way_option<Options>::each([&](std::string_view path, auto way) { fit = fit && way_fits<Net>(path, way); }), ...);
    return fit;
}

/// The algorithm of step K.
template <class Net, std::size_t K, class... Options>
inline constexpr conv_algorithm algorithm_of = [] {
    conv_algorithm a{};
    if (has_choice<Net>(K)) {
        constexpr conv_geometry g = engine_plan<Net>::geometry(K);
        if (engine_options_of<Options...>().fast) {
            a = fastest_algorithm(g, kernels::this_machine);
        }
        [[maybe_unused]] const std::string_view own = engine_plan<Net>::layer(K).path;
        (way_option<Options>::each([&]<class Way>(std::string_view path, Way) {
             a = path == own ? Way::for_kernel(g.kernel_height, g.kernel_width) : a;
         }),
         ...);
    }
    return a;
}();

template <class Net, class... Options, std::size_t... K>
constexpr engine_steps<Net> filtered_steps(std::index_sequence<K...>) {
    engine_steps<Net> filtered;
    ((algorithm_of<Net, K, Options...>.method == conv_method::winograd ? filtered.set(K) : void()), ...);
    return filtered;
}

/// The plan of an engine with these options.
template <class Net, class... Options>
using plan_of =
    engine_plan<Net, filtered_steps<Net, Options...>(std::make_index_sequence<engine_plan<Net>::step_count>{})>;

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
