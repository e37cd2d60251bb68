// SPDX-License-Identifier: BSD-3-Clause
// How can an Engine be asked to run? Tags in any order behind the network: Engine<Net, batch<32>, threads<2>>.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <fovea/detail/fixed_string.hpp>
#include <fovea/plan/algorithm.hpp>

namespace fovea {

/// Inputs a call; the input tensor is N x C x H x W (N x C x T in 1-D) for every batch but the default one.
template <std::size_t N>
struct batch {};

/// Threads a call uses, the caller's among them. Results do not depend on it, to the bit.
template <std::size_t N>
struct threads {};

/// Direct convolutions only, every output summed in one fixed order; the default.
struct exact {};

/// Winograd's minimal filtering wherever the plan expects it to be faster. Outputs of a layer differ from the exact
/// sums by at most 1e-4 of the layer's largest sum of |weight| |input| + |bias|; a value that is not finite makes NaN
/// of the tiles that read it.
struct fast {};

/// Ways for use<>: direct sums, or Winograd's filtering with tiles of MH x MW outputs, each 2, 3 or 4: a tile has
/// m + kernel - 1 points along an axis, 4 to 6; m = 3 takes kernels of more than 4 taps in blocks of 3.
struct direct {};
template <std::ptrdiff_t MH, std::ptrdiff_t MW = MH>
struct winograd {};

/// The convolution whose weights are named Path ("3.body.0") goes this way, whatever the plan would choose:
/// Engine<Net, fast, use<"0", direct>, use<"3", winograd<2>>>. Of two for one layer the last one counts.
template <detail::fixed_string Path, class Way>
struct use {};

/// Several options as one, such as measured choices in a header that the autotune example wrote.
template <class... Options>
struct tuned {};

namespace detail {

/// The primary template is no way at all.
template <class Way>
struct way_of {
    static constexpr bool known = false;
    static constexpr conv_algorithm for_kernel(std::ptrdiff_t, std::ptrdiff_t) { return {}; }
};
template <>
struct way_of<direct> {
    static constexpr bool known = true;
    static constexpr conv_algorithm for_kernel(std::ptrdiff_t, std::ptrdiff_t) { return {}; }
};
template <std::ptrdiff_t MH, std::ptrdiff_t MW>
struct way_of<winograd<MH, MW>> {
    static constexpr bool known = true;
    static constexpr conv_algorithm for_kernel(std::ptrdiff_t height, std::ptrdiff_t width) {
        return {conv_method::winograd, {winograd_axis_of(MH, height), winograd_axis_of(MW, width)}};
    }
};

struct engine_options {
    std::size_t batch = 1;
    bool batched = false;
    std::size_t threads = 1;
    int batch_tags = 0;
    int thread_tags = 0;
    int mode_tags = 0;  ///< exact and fast
    bool fast = false;
    int foreign = 0;  ///< also batch<0> and threads<0>
};

template <class T>
struct engine_option {
    static constexpr void apply(engine_options& o) { ++o.foreign; }
};
template <std::size_t N>
struct engine_option<batch<N>> {
    static constexpr void apply(engine_options& o) {
        o.foreign += N > 0 ? 0 : 1;
        o.batch = N > 0 ? N : 1;
        o.batched = true;
        ++o.batch_tags;
    }
};
template <std::size_t N>
struct engine_option<threads<N>> {
    static constexpr void apply(engine_options& o) {
        o.foreign += N > 0 ? 0 : 1;
        o.threads = N > 0 ? N : 1;
        ++o.thread_tags;
    }
};
template <>
struct engine_option<exact> {
    static constexpr void apply(engine_options& o) { ++o.mode_tags; }
};
template <fixed_string Path, class Way>
struct engine_option<use<Path, Way>> {
    static constexpr void apply(engine_options&) {}
};
template <class... Options>
struct engine_option<tuned<Options...>> {
    static constexpr void apply(engine_options& o) { (engine_option<Options>::apply(o), ...); }
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

/// What use<> options say of a layer: f(path, way) for each, in order.
template <class Option>
struct way_option {
    template <class F>
    static constexpr void each(F&&) {}
};
template <fixed_string Path, class Way>
struct way_option<use<Path, Way>> {
    template <class F>
    static constexpr void each(F&& f) {
        f(Path.view(), way_of<Way>{});
    }
};
template <class... Options>
struct way_option<tuned<Options...>> {
    template <class F>
    static constexpr void each(F&& f) {
        (way_option<Options>::each(f), ...);
    }
};

}  // namespace detail
}  // namespace fovea
