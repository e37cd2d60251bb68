// SPDX-License-Identifier: BSD-3-Clause
// WaveNet (van den Oord et al. 2016, figure 4): causal convolutions of two taps whose dilation doubles, gated; every
// layer adds to the signal (residual) and to the sum that the output is made from (skip).
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Residual, int Dilation>
using WaveGate = Gated<Conv<out<2 * Residual>, ker<2>, dil<Dilation>, causal>>;

/// The signal goes from layer to layer as "x", the sum as "skip".
template <int Residual, int Skip, int Dilation>
using WaveLayer = Sequential<
    From<"x">, WaveGate<Residual, Dilation>, Tap<"z">,
    Conv1x1<Skip>, AddFrom<"skip">, Tap<"skip">,
    From<"z">, Conv1x1<Residual>, AddFrom<"x">, Tap<"x">>;
/// The first layer, where there is no sum yet, and the last, behind which nothing reads the signal.
template <int Residual, int Skip>
using FirstWaveLayer = Sequential<
    Tap<"x">, WaveGate<Residual, 1>, Tap<"z">,
    Conv1x1<Skip>, Tap<"skip">,
    From<"z">, Conv1x1<Residual>, AddFrom<"x">, Tap<"x">>;
template <int Residual, int Skip, int Dilation>
using LastWaveLayer = Sequential<From<"x">, WaveGate<Residual, Dilation>, Conv1x1<Skip>, AddFrom<"skip">>;

/// Dilations 1, 2, ..., 2^(Layers - 1), Blocks times.
template <int Residual, int Skip, int Layers, int Blocks>
struct wave_stack {
    template <int I>
    using layer = WaveLayer<Residual, Skip, (1 << ((I + 1) % Layers))>;
    using type = Sequential<
        FirstWaveLayer<Residual, Skip>,
        RepeatWith<Layers * Blocks - 2, layer>,
        LastWaveLayer<Residual, Skip, (1 << (Layers - 1))>>;
};

template <int Classes, int Residual, int Skip, int End, int Layers, int Blocks, int Time, class... Last>
using WaveNetOf = Network<Input<Classes, Time>,
    Conv1x1<Residual>,
    typename wave_stack<Residual, Skip, Layers, Blocks>::type, ReLU,
    Conv1x1<End>, ReLU,
    Conv1x1<Classes>, Last...>;

using WaveNet = WaveNetOf<256, 32, 1024, 512, 10, 3, 4096, Softmax>;
// vincentherrmann/pytorch-wavenet, the model of WaveNet_demo: its tensors add up to 1,834,592, its receptive_field to
// 3,070. It counts the residual convolution of the last layer too, 32 x 33 weights whose output nothing reads.
static_assert(claim<parameter_count<WaveNet> + 32 * 33, 1'834'592>);
static_assert(claim<receptive_field<WaveNet>, 3'070>);
static_assert(claim<receptive_field<WaveNet>, 3 * 1'023 + 1>);
static_assert(is_causal<WaveNet>);
static_assert(claim<lookahead<WaveNet>, 0>);
static_assert(is_hole_free<WaveNet>);

}  // namespace family
