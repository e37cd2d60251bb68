// SPDX-License-Identifier: BSD-3-Clause
// What can Tiled be told, and which networks and limits does it refuse?
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/execute/options.hpp>
#include <fovea/infer/check.hpp>
#include <fovea/plan/strip_plan.hpp>

namespace fovea {

/// For Tiled: bytes that it may allocate, for maps, rows on their way in and out, scratch and packed weights; default
/// 256 MiB. Fewer bytes make narrower strips, whose halos are computed more often.
template <std::size_t Bytes>
struct memory_limit {};

/// For Tiled: columns of a strip, halo included, instead of the width that the memory allows. Images that are not wider
/// are one strip without halo, so give the width of the images where all have the same.
template <std::size_t N>
struct strip_columns {};

/// How far Tiled::run has come.
struct tiled_progress {
    std::size_t strip = 0;   ///< the one that is at work
    std::size_t strips = 1;  ///< of columns
    std::size_t rows = 0;    ///< of it, written
    std::size_t height = 0;  ///< of the image
    double fraction() const {
        return (static_cast<double>(strip) + static_cast<double>(rows) / static_cast<double>(height)) /
               static_cast<double>(strips);
    }
};

namespace why {
template <class... Facts>
struct not_local {};
struct sees_the_whole_map {};
struct changes_extents {};
struct pads_with_values {};
struct has_no_kernel_by_rows {};
struct one_dimension {};
template <long long Bytes>
struct needs_bytes {};
template <long long Bytes>
struct got_bytes {};
template <class... Facts>
struct too_little_memory {};
template <class... Facts>
struct wrong_tiled_option {};
}  // namespace why

namespace detail {

struct tiled_options {
    std::size_t threads = 1;
    std::size_t bytes = std::size_t{256} << 20;
    std::size_t columns = 0;
    int foreign = 0;  ///< also threads<0> and strip_columns<0>
    int thread_tags = 0;
    int memory_tags = 0;
    int column_tags = 0;
};
template <class T>
struct tiled_option {
    static constexpr void apply(tiled_options& o) { ++o.foreign; }
};
template <std::size_t N>
struct tiled_option<threads<N>> {
    static constexpr void apply(tiled_options& o) {
        o.foreign += N > 0 ? 0 : 1;
        o.threads = N;
        ++o.thread_tags;
    }
};
template <std::size_t Bytes>
struct tiled_option<memory_limit<Bytes>> {
    static constexpr void apply(tiled_options& o) {
        o.bytes = Bytes;
        ++o.memory_tags;
    }
};
template <std::size_t N>
struct tiled_option<strip_columns<N>> {
    static constexpr void apply(tiled_options& o) {
        o.foreign += N > 0 ? 0 : 1;
        o.columns = N;
        ++o.column_tags;
    }
};
template <>
struct tiled_option<exact> {
    static constexpr void apply(tiled_options&) {}
};

template <class... Options>
constexpr tiled_options tiled_options_of() {
    tiled_options o;
    (tiled_option<Options>::apply(o), ...);
    return o;
}

struct no_progress {
    void operator()(const tiled_progress&) const {}
};

/// The fact that goes with a fault.
template <strip_fault What, std::size_t StrideHeight, std::size_t StrideWidth>
constexpr auto strip_fact() {
    if constexpr (What == strip_fault::whole_map) {
        return sees_the_whole_map{};
    } else if constexpr (What == strip_fault::stride) {
        return why::strides<static_cast<long long>(StrideHeight), static_cast<long long>(StrideWidth)>{};
    } else if constexpr (What == strip_fault::extents) {
        return changes_extents{};
    } else if constexpr (What == strip_fault::padding) {
        return why::pads_with_values{};
    } else if constexpr (What == strip_fault::kernel) {
        return has_no_kernel_by_rows{};
    } else {
        return one_dimension{};
    }
}
template <class Net>
struct strip_problem_of {
    static constexpr strip_problem problem = find_strip_problem(network_traits<Net>::trace);
    static constexpr layer_info layer = layers_of<Net>[problem.layer];
    static constexpr mistake at = place_of_layer<Net, problem.layer>;
    using facts =
        not_local<where<Net, at>, decltype(strip_fact<problem.what, layer.rows.stride, layer.columns.stride>())>;
};

/// Bytes besides maps and staged rows, at most: what is packed, and a row of scratch a thread.
template <class Net>
constexpr std::ptrdiff_t strip_overhead(std::size_t threads) {
    using reach = strip_reach<Net>;
    std::ptrdiff_t values = 0, widest = 0;
    for (std::size_t k = 0; k < reach::step_count; ++k) {
        const layer_info l = reach::layer(k);
        const std::ptrdiff_t channels = round_up(signed_of(l.output.channels), map_quantum);
        if (l.kind == brick_kind::conv) {
            values += channels * signed_of(l.input.channels / l.groups * l.rows.kernel * l.columns.kernel);
        }
        values += 3 * channels + 4 * map_quantum;
        widest = is_pool(l) ? 1 : widest;
    }
    return 4 *
           (values + widest * signed_of(threads) * 3 * (reach::most_columns + reach::halo_left + reach::halo_right));
}

/// Does it run in strips? Reports the one mistake if not.
template <class Net, class... Options>
constexpr bool tiles_or_refuse() {
    constexpr tiled_options o = tiled_options_of<Options...>();
    if constexpr (!sound<Net>) {
        refuse_network<Net>();
        return false;
    } else if constexpr (o.foreign > 0) {
        constexpr bool good[] = {tiled_options_of<Options>().foreign == 0 ...};
        static_assert(
            stands<wrong_tiled_option<got_option<typename type_at<first_false(good), Options...>::type>>>,
            "fovea: Tiled takes threads<N>, memory_limit<bytes>, strip_columns<N> and exact, with N of at least 1; "
            "remove the other option (Winograd's tiles, of fast, would round by their place in the strip)");
        return false;
    } else if constexpr (o.thread_tags > 1 || o.memory_tags > 1 || o.column_tags > 1) {
        static_assert(stands<wrong_tiled_option<got_option<Options>...>>,
                      "fovea: an option of Tiled is given twice; keep one");
        return false;
    } else if constexpr (find_strip_problem(network_traits<Net>::trace).what != strip_fault::none) {
        static_assert(
            stands<typename strip_problem_of<Net>::facts>,
            "fovea: Tiled runs networks in which every layer keeps the image's extents and sees a window of it: "
            "stride 1, `same` or `causal`, zeros as padding, no GAP, Dense, Deconv, Upsample or MedianPool; let "
            "the network end before this layer, or run tiles of a fixed size through Engine");
        return false;
    } else {
        using reach = strip_reach<Net>;
        constexpr auto columns = static_cast<std::ptrdiff_t>(o.columns),
                       threads = static_cast<std::ptrdiff_t>(o.threads);
        if constexpr (o.columns > 0 && columns <= reach::halo_left + reach::halo_right) {
            static_assert(
                stands<too_little_memory<needs<reach::halo_left + reach::halo_right + 1>, got<columns>>>,
                "fovea: strip_columns<N> is no wider than the halo of this network, the field of its outputs; "
                "give more columns");
            return false;
        } else {
            constexpr std::ptrdiff_t least = reach::least_bytes(threads, columns) + strip_overhead<Net>(o.threads);
            constexpr bool enough = static_cast<std::size_t>(least) <= o.bytes;
            if constexpr (!enough) {
                static_assert(
                    stands<too_little_memory<needs_bytes<least>, got_bytes<static_cast<long long>(o.bytes)>>>,
                    "fovea: memory_limit is too small for the narrowest strip of this network; give it needs_bytes or "
                    "more, or fewer threads");
            }
            return enough;
        }
    }
}

}  // namespace detail
}  // namespace fovea
