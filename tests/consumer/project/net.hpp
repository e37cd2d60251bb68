// SPDX-License-Identifier: BSD-3-Clause
// The consumer's network, used in two files of every program.
#pragma once

#include <fovea/dsl.hpp>

using Net = fovea::Network<fovea::Input<1, 8, 8>,
                           fovea::Conv<fovea::out<4>>, fovea::BatchNorm, fovea::ReLU,
                           fovea::GAP, fovea::Conv1x1<3>, fovea::Softmax>;

static_assert(fovea::receptive_field<Net> == 3);
static_assert(fovea::output_shape<Net> == fovea::Shape{3, 1, 1});
static_assert(fovea::parameter_count<Net> == 4 * 9 + 4 + 2 * 4 + 4 * 3 + 3);
