// SPDX-License-Identifier: BSD-3-Clause
// Declare networks and ask questions: needs nothing but the standard library.
#pragma once

// First: the compilers say of every message through which files these came.
#include <fovea/infer/check.hpp>
#include <fovea/infer/claim.hpp>

#include <fovea/declare/activation.hpp>
#include <fovea/declare/compose.hpp>
#include <fovea/declare/conv.hpp>
#include <fovea/declare/fixed_conv.hpp>
#include <fovea/declare/network.hpp>
#include <fovea/declare/norm.hpp>
#include <fovea/declare/options.hpp>
#include <fovea/declare/pool.hpp>
#include <fovea/declare/user_brick.hpp>
#include <fovea/infer/border.hpp>
#include <fovea/infer/budget.hpp>
#include <fovea/infer/describe.hpp>
#include <fovea/infer/effective_field.hpp>
#include <fovea/infer/lints.hpp>
#include <fovea/infer/print.hpp>
#include <fovea/infer/questions.hpp>
#include <fovea/infer/support.hpp>
#include <fovea/infer/synthesis.hpp>
#include <fovea/infer/tensors.hpp>
#include <fovea/version.hpp>
