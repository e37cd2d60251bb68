// SPDX-License-Identifier: BSD-3-Clause
// Learn: initial weights, data sets, training. Includes fovea.hpp; needs zlib besides.
#pragma once

// First: see dsl.hpp.
#include <fovea/infer/check.hpp>
#include <fovea/infer/claim.hpp>

#include <fovea/fovea.hpp>
#include <fovea/io/cifar.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/io/idx.hpp>
#include <fovea/io/m2nist.hpp>
#include <fovea/train/binary_cross_entropy.hpp>
#include <fovea/train/gradient_check.hpp>
#include <fovea/train/initialise.hpp>
#include <fovea/train/learner.hpp>
#include <fovea/train/mean_squared_error.hpp>
#include <fovea/train/trainer.hpp>
