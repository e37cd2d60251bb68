// SPDX-License-Identifier: BSD-3-Clause
// Which options can a brick be given? Empty types, in any order, each at most once.
#pragma once

#include <fovea/declare/spec.hpp>

namespace fovea {

/// Output channels; without it a brick keeps the input's.
template <int N>
struct out {};

/// Kernel extent, `ker<K>` or `ker<KH, KW>` (default 3). In 1-D networks one value, along time.
template <int... K>
struct ker {};

/// Dilation: distance between taps, `dil<D>` or `dil<DH, DW>` (default 1).
template <int... D>
struct dil {};

/// Step between outputs, `stride<S>` or `stride<SH, SW>` (default 1, for pools too).
template <int... S>
struct stride {};

/// Default: output extent = ceil(input / stride); an even total puts the odd row or column at the bottom / right
/// (TensorFlow's SAME).
struct same {};

/// No padding: output extent = floor((input - dilation * (kernel - 1) - 1) / stride) + 1.
struct valid {};

/// All padding before the data: an output sees nothing behind its own position (top and left in 2-D).
struct causal {};

/// Fixed zero padding on both sides of each axis, `pad<P>` or `pad<PH, PW>` (PyTorch's `padding`).
template <int... P>
struct pad {};

/// What stands in the padding instead of zeros (PyTorch's padding_mode): the map mirrored at its edge values, which are
/// not repeated; its edge values; the map's other end.
struct reflect {};
struct replicate {};
struct circular {};

/// Deconv: rows and columns to add at the bottom and right, where several output extents lead to one input extent, as
/// PyTorch's `output_padding`. Smaller than the stride or the dilation; goes with pad<> and valid.
template <int... P>
struct output_pad {};

/// Groups of channels that do not see each other; must divide input and output channels.
template <int G>
struct groups {};

/// No bias term.
struct no_bias {};

// What other libraries call these options. Declared so that a brick can refuse them and say fovea's names: an
// undeclared one is five to seven errors of the compiler.
template <int... K>
struct kernel {};
template <int... K>
struct kernel_size {};
template <int... D>
struct dilation {};
template <int... D>
struct dilation_rate {};
template <int... S>
struct strides {};
template <int... P>
struct padding {};
template <int... N>
struct out_channels {};
template <int... N>
struct filters {};

namespace detail {

template <int Lowest, int... Values>
constexpr option_fault axes_fault() {
    constexpr int given[] = {Values..., Lowest};
    if (sizeof...(Values) < 1 || sizeof...(Values) > 2) {
        return option_fault::too_many_values;
    }
    for (int v : given) {
        if (v < Lowest) {
            return option_fault::bad_value;
        }
    }
    return option_fault::none;
}

struct misspelt_option {
    static constexpr unsigned bit = takes_nothing;
    static constexpr option_fault fault = option_fault::misspelt;
    static constexpr void apply(brick_spec&) {}
};
template <int... K>
struct option_traits<kernel<K...>> : misspelt_option {};
template <int... K>
struct option_traits<kernel_size<K...>> : misspelt_option {};
template <int... D>
struct option_traits<dilation<D...>> : misspelt_option {};
template <int... D>
struct option_traits<dilation_rate<D...>> : misspelt_option {};
template <int... S>
struct option_traits<strides<S...>> : misspelt_option {};
template <int... P>
struct option_traits<padding<P...>> : misspelt_option {};
template <int... N>
struct option_traits<out_channels<N...>> : misspelt_option {};
template <int... N>
struct option_traits<filters<N...>> : misspelt_option {};

template <int N>
struct option_traits<out<N>> {
    static constexpr unsigned bit = takes_out;
    static constexpr option_fault fault = axes_fault<1, N>();
    static constexpr void apply(brick_spec& s) { s.out = N; }
};

template <int... K>
struct option_traits<ker<K...>> {
    static constexpr unsigned bit = takes_kernel;
    static constexpr option_fault fault = axes_fault<1, K...>();
    static constexpr void apply(brick_spec& s) { s.kernel = axes_of<K...>(); }
};

template <int... D>
struct option_traits<dil<D...>> {
    static constexpr unsigned bit = takes_dilation;
    static constexpr option_fault fault = axes_fault<1, D...>();
    static constexpr void apply(brick_spec& s) { s.dilation = axes_of<D...>(); }
};

template <int... S>
struct option_traits<stride<S...>> {
    static constexpr unsigned bit = takes_stride;
    static constexpr option_fault fault = axes_fault<1, S...>();
    static constexpr void apply(brick_spec& s) { s.stride = axes_of<S...>(); }
};

template <int... P>
struct option_traits<pad<P...>> {
    static constexpr unsigned bit = takes_padding;
    static constexpr option_fault fault = axes_fault<0, P...>();
    static constexpr void apply(brick_spec& s) {
        s.padding = padding_rule::fixed;
        s.pad = axes_of<P...>();
    }
};

template <padding_rule Rule>
struct padding_option {
    static constexpr unsigned bit = takes_padding;
    static constexpr option_fault fault = option_fault::none;
    static constexpr void apply(brick_spec& s) { s.padding = Rule; }
};
template <>
struct option_traits<same> : padding_option<padding_rule::same> {};
template <>
struct option_traits<valid> : padding_option<padding_rule::valid> {};
template <>
struct option_traits<causal> : padding_option<padding_rule::causal> {};

template <padding_mode Mode>
struct mode_option {
    static constexpr unsigned bit = takes_mode;
    static constexpr option_fault fault = option_fault::none;
    static constexpr void apply(brick_spec& s) { s.mode = Mode; }
};
template <>
struct option_traits<reflect> : mode_option<padding_mode::reflect> {};
template <>
struct option_traits<replicate> : mode_option<padding_mode::replicate> {};
template <>
struct option_traits<circular> : mode_option<padding_mode::circular> {};

template <int... P>
struct option_traits<output_pad<P...>> {
    static constexpr unsigned bit = takes_output_pad;
    static constexpr option_fault fault = axes_fault<0, P...>();
    static constexpr void apply(brick_spec& s) { s.output_pad = axes_of<P...>(); }
};

template <int G>
struct option_traits<groups<G>> {
    static constexpr unsigned bit = takes_groups;
    static constexpr option_fault fault = axes_fault<1, G>();
    static constexpr void apply(brick_spec& s) { s.groups = G; }
};

template <>
struct option_traits<no_bias> {
    static constexpr unsigned bit = takes_bias;
    static constexpr option_fault fault = option_fault::none;
    static constexpr void apply(brick_spec& s) { s.bias = false; }
};

}  // namespace detail
}  // namespace fovea
