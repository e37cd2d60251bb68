// SPDX-License-Identifier: BSD-3-Clause
// A network whose header lays the traps of files that are compiled for different processors: an inline function that is
// not inlined, and a variable that is initialised at run time. Unless symbols are kept apart, the linker takes one of
// the copies for all files, and every copy's initialiser runs at the start, on whatever processor.
#pragma once

#include <fovea/dsl.hpp>

namespace dispatch_test {

/// The x86-64 level that the file at hand is compiled for.
[[gnu::noinline]] inline int level_of_file() {
#if defined(__AVX512F__)
    return 4;
#elif defined(__AVX2__)
    return 3;
#elif defined(__SSE4_2__)
    return 2;
#else
    return 1;
#endif
}

/// In the program: who has been initialised?
void note_initialised(int level);

struct initialised_at_run_time {
    initialised_at_run_time() { note_initialised(level_of_file()); }
};
inline const initialised_at_run_time trap;

using namespace fovea;
using Net = Network<Input<3, 20, 21>, Conv<out<6>, dil<2>>, BatchNorm, ReLU, Conv<out<5>>, ReLU,
                    Heads<Sequential<Conv1x1<4>, Softmax>, Sequential<GAP, Conv1x1<3>>>>;

}  // namespace dispatch_test
