// SPDX-License-Identifier: BSD-3-Clause
// A second file with the same headers.
#include "net.hpp"

std::size_t parameters_seen_by_second_file() { return fovea::parameter_count<Net>; }
