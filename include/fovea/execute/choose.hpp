// SPDX-License-Identifier: BSD-3-Clause
// Which way does each convolution of an engine go? The cost model's choice for `fast`, direct sums for `exact`, and
// what use<> says.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/execute/kernels/simd.hpp>
#include <fovea/execute/options.hpp>
#include <fovea/plan/engine_plan.hpp>

namespace fovea::why {
template <class... Facts>
struct wrong_engine_option {};
/// A path of use<>, letter by letter, as tap_name.
template <char... Path>
struct path_name {};
template <class Path, class Way>
struct got_use {};
}  // namespace fovea::why

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
            return Way::known &&
                   (a.method == conv_method::direct || winograd_fits(engine_plan<Net>::geometry(k), a.tile));
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

/// An option as a message shows it.
template <class Option>
struct shown_option {
    using type = got_option<Option>;
};
template <fixed_string Path, class Way>
struct shown_option<use<Path, Way>> {
    template <std::size_t... I>
    static got_use<path_name<Path.chars[I]...>, Way> letters(std::index_sequence<I...>);
    using type = decltype(letters(std::make_index_sequence<Path.view().size()>{}));
};

/// Does an engine with these options run it? Reports the one mistake if not.
template <class Net, class... Options>
constexpr bool runs_or_refuse() {
    constexpr engine_options o = engine_options_of<Options...>();
    if constexpr (!sound<Net>) {
        refuse_network<Net>();
        return false;
    } else if constexpr (o.foreign > 0) {
        constexpr bool good[] = {engine_options_of<Options>().foreign == 0 ...};
        static_assert(
            stands<wrong_engine_option<
                typename shown_option<typename type_at<first_false(good), Options...>::type>::type>>,
            "fovea: an Engine takes batch<N>, threads<N>, exact or fast, and use<>, with N of at least 1; remove the "
            "other option");
        return false;
    } else if constexpr (o.batch_tags > 1 || o.thread_tags > 1 || o.mode_tags > 1) {
        static_assert(stands<wrong_engine_option<got_option<Options>...>>,
                      "fovea: an Engine's option is given twice, or both exact and fast; keep one");
        return false;
    } else if constexpr (!ways_fit<Net, Options...>()) {
        constexpr bool good[] = {ways_fit<Net, Options>()...};
        static_assert(
            stands<wrong_engine_option<
                typename shown_option<typename type_at<first_false(good), Options...>::type>::type>>,
            "fovea: use<> names no convolution of this network, or a way that its kernel, stride or padding does not "
            "allow: direct, winograd<2>, <3> or <4>; paths are those of its weights");
        return false;
    } else {
        return true;
    }
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
constexpr plan_options<Net> plan_options_of(std::index_sequence<K...>) {
    plan_options<Net> o;
    ((algorithm_of<Net, K, Options...>.method == conv_method::winograd ? o.winograd.set(K) : void()), ...);
    return o;
}

/// The plan of an engine with these options.
template <class Net, class... Options>
using plan_of =
    engine_plan<Net, plan_options_of<Net, Options...>(std::make_index_sequence<engine_plan<Net>::step_count>{})>;

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
