// SPDX-License-Identifier: BSD-3-Clause
// The other of two units with everything in them (see two_units.hpp).
#include "two_units.hpp"

facts facts_of_b() {
    return {&fovea::layers<Net>, fovea::summary<Net>.data(), fovea::parameter_count<Net>, fovea::describe<Net>()};
}
