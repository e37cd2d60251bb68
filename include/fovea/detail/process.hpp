// SPDX-License-Identifier: BSD-3-Clause
// Which process is this? A child made by fork() has another number, and none of its parent's threads.
#pragma once

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#elif defined(_WIN32)
#include <process.h>
#endif

namespace fovea::detail {

/// The same for as long as a process lives; 0 where there are no processes.
inline long process_id() noexcept {
#if defined(__unix__) || defined(__APPLE__)
    return static_cast<long>(::getpid());
#elif defined(_WIN32)
    return ::_getpid();
#else
    return 0;
#endif
}

}  // namespace fovea::detail
