// SPDX-License-Identifier: BSD-3-Clause
// Includes everything and asks for the table, but not for the compiler's report: nothing is printed.
#include <fovea/dsl.hpp>

using Net = fovea::Network<fovea::Input<4, 50, 60>, fovea::Conv<fovea::out<8>>, fovea::ReLU>;
static_assert(!fovea::summary<Net>.empty());

int main() {}
