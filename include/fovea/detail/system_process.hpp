// SPDX-License-Identifier: BSD-3-Clause
// What does the system tell a program: signals, the machine's name, and the terminal that it writes to?
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>

#if defined(_WIN32)
#include <io.h>

// As in windows.h, which is not included for the macros that it would bring: min, small, near, ERROR ...
struct _CONSOLE_SCREEN_BUFFER_INFO;
extern "C" {
__declspec(dllimport) void* __stdcall GetStdHandle(unsigned long);
__declspec(dllimport) int __stdcall GetConsoleMode(void*, unsigned long*);
__declspec(dllimport) int __stdcall SetConsoleMode(void*, unsigned long);
__declspec(dllimport) int __stdcall GetConsoleScreenBufferInfo(void*, _CONSOLE_SCREEN_BUFFER_INFO*);
}
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace fovea::detail::system {

#if defined(_WIN32)

/// While one lives, `handle` is called for a signal, unless it was ignored before. SIGINT is Ctrl-C.
class handled_signal {
public:
    handled_signal(int signal, void (*handle)(int)) noexcept : signal_(signal), before_(std::signal(signal, handle)) {
        if (before_ == SIG_IGN) {
            std::signal(signal_, SIG_IGN);
        }
    }
    handled_signal(const handled_signal&) = delete;
    handled_signal& operator=(const handled_signal&) = delete;
    ~handled_signal() { std::signal(signal_, before_ == SIG_ERR ? SIG_DFL : before_); }

    /// To be called by a handler: here a signal is handled once and then has its default effect.
    static void again(int signal, void (*handle)(int)) noexcept { std::signal(signal, handle); }

private:
    int signal_;
    void (*before_)(int);
};

inline std::string host_name() {
    const char* const name = std::getenv("COMPUTERNAME");
    return name != nullptr ? name : "";
}

inline constexpr unsigned long stderr_handle = static_cast<unsigned long>(-12);  // STD_ERROR_HANDLE

/// True if it also understands escape sequences.
inline bool stderr_is_terminal() noexcept {
    unsigned long mode = 0;
    void* const console = GetStdHandle(stderr_handle);
    constexpr unsigned long escape_sequences = 4;  // ENABLE_VIRTUAL_TERMINAL_PROCESSING
    return ::_isatty(2) != 0 && GetConsoleMode(console, &mode) != 0 &&
           SetConsoleMode(console, mode | escape_sequences) != 0;
}
/// Of the terminal behind stderr; 0 if that is none.
inline std::size_t stderr_columns() noexcept {
    short info[11] = {};  // size, cursor, attributes, window (left, top, right, bottom), largest window
    auto* const out = reinterpret_cast<_CONSOLE_SCREEN_BUFFER_INFO*>(info);
    return GetConsoleScreenBufferInfo(GetStdHandle(stderr_handle), out) != 0
               ? static_cast<std::size_t>(info[7] - info[5] + 1)
               : 0;
}

#else

/// While one lives, `handle` is called for a signal, unless it was ignored before (nohup).
class handled_signal {
public:
    handled_signal(int signal, void (*handle)(int)) noexcept : signal_(signal) {
        ::sigaction(signal_, nullptr, &before_);
        if (before_.sa_handler != SIG_IGN) {
            struct sigaction action {};
            action.sa_handler = handle;
            action.sa_flags = SA_RESTART;
            sigemptyset(&action.sa_mask);
            ::sigaction(signal_, &action, nullptr);
        }
    }
    handled_signal(const handled_signal&) = delete;
    handled_signal& operator=(const handled_signal&) = delete;
    ~handled_signal() { ::sigaction(signal_, &before_, nullptr); }

    /// To be called by a handler, for systems where it would be handled only once.
    static void again(int, void (*)(int)) noexcept {}

private:
    int signal_;
    struct sigaction before_ {};
};

inline std::string host_name() {
    char name[256] = "";
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

inline bool stderr_is_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1; }
/// Of the terminal behind stderr; 0 if that is none.
inline std::size_t stderr_columns() noexcept {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

#endif

}  // namespace fovea::detail::system
