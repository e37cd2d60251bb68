// SPDX-License-Identifier: BSD-3-Clause
// What happens in a child of this process, made by fork()? It is ended after 20 seconds: hanging is a failure, too.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace fovea::test {

/// Sanitizers keep no order among threads of a forked process, and map more memory than a limit allows.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// Is f() true there? Nothing of Catch2 may be in it. False as well if it throws, crashes or hangs.
template <class F>
bool true_in_child(F&& f) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(20);
        int code = 1;
        try {
            code = f() ? 0 : 1;
        } catch (...) {
        }
        ::_exit(code);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace fovea::test
