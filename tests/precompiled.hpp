// SPDX-License-Identifier: BSD-3-Clause
// What most test programs include, for fovea_precompile (cmake/FoveaDevelopment.cmake).
#pragma once

#include <fovea/fovea.hpp>

#include "catch.hpp"
