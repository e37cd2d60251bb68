// SPDX-License-Identifier: BSD-3-Clause
// Declare, check, run, load and save.
#pragma once

// First: see dsl.hpp.
#include <fovea/infer/check.hpp>
#include <fovea/infer/claim.hpp>

#include <fovea/dsl.hpp>
#include <fovea/execute/engine.hpp>
#include <fovea/execute/plan_table.hpp>
#include <fovea/execute/tiled.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/io/weights.hpp>
#include <fovea/plan/budget.hpp>
