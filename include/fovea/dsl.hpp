// SPDX-License-Identifier: BSD-3-Clause
// Declare networks and ask questions: needs nothing but the standard library.
#pragma once

#include "declare/activation.hpp"
#include "declare/compose.hpp"
#include "declare/conv.hpp"
#include "declare/network.hpp"
#include "declare/norm.hpp"
#include "declare/options.hpp"
#include "declare/pool.hpp"
#include "infer/check.hpp"
#include "infer/describe.hpp"
#include "infer/print.hpp"
#include "infer/questions.hpp"
#include "infer/tensors.hpp"
#include "version.hpp"
