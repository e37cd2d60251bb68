// SPDX-License-Identifier: BSD-3-Clause
// docs/errors.md: an option that a brick does not take. This file does not compile; check_docs.py compares what g++ says.
#include <fovea/dsl.hpp>
using namespace fovea;

// [foreign]
using Net = Network<Input<3, 32, 32>, Residual<Sequential<Conv<out<3>>, BatchNorm>>, GAP, Dense<10, stride<2>>>;
static_assert(is_valid<Net>);
// [foreign]
