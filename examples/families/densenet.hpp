// SPDX-License-Identifier: BSD-3-Clause
// DenseNet-BC (Huang et al. 2017, table 1): every layer adds its channels to all that were there before.
#pragma once

#include <fovea/dsl.hpp>

namespace family {

using namespace fovea;

template <int Growth>
using DenseLayer = Parallel<Concat,
    Identity,
    Sequential<
        BatchNorm, ReLU, Conv1x1<4 * Growth, no_bias>,
        BatchNorm, ReLU, Conv<out<Growth>, no_bias>>>;

template <int Channels>
using DenseTransition = Sequential<BatchNorm, ReLU, Conv1x1<Channels, no_bias>, AvgPool<ker<2>, stride<2>, valid>>;

/// Growth rate G, from 2 G channels; N1 to N4 layers a block; each transition halves the channels.
template <int G, int N1, int N2, int N3, int N4>
struct dense_channels {
    static constexpr int c1 = (2 + N1) * G / 2, c2 = (c1 + N2 * G) / 2, c3 = (c2 + N3 * G) / 2;
};

template <int G, int N1, int N2, int N3, int N4>
using DenseTrunk = Sequential<
    Conv<out<2 * G>, ker<7>, stride<2>, pad<3>, no_bias>, BatchNorm, ReLU, MaxPool<stride<2>, pad<1>>,
    Repeat<N1, DenseLayer<G>>, DenseTransition<dense_channels<G, N1, N2, N3, N4>::c1>,
    Repeat<N2, DenseLayer<G>>, DenseTransition<dense_channels<G, N1, N2, N3, N4>::c2>,
    Repeat<N3, DenseLayer<G>>, DenseTransition<dense_channels<G, N1, N2, N3, N4>::c3>,
    Repeat<N4, DenseLayer<G>>, BatchNorm, ReLU>;

using DenseNet121 = Network<Input<3, 224, 224>, DenseTrunk<32, 6, 12, 24, 16>, GAP, Dense<1000>, Softmax>;
// torchvision, DenseNet121_Weights: num_params, and _ops (2.834 GMAC)
static_assert(claim<parameter_count<DenseNet121>, 7'978'856>);
static_assert(claim<mac_count<DenseNet121>, 2'834'161'664>);
static_assert(claim<total_stride<DenseNet121>, 32>);

}  // namespace family
