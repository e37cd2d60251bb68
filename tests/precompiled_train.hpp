// SPDX-License-Identifier: BSD-3-Clause
// What most test programs of training and files include, for fovea_precompile (cmake/FoveaDevelopment.cmake).
#pragma once

#include <fovea/fovea.hpp>
#include <fovea/train.hpp>

#include "catch.hpp"
