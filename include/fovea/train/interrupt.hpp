// SPDX-License-Identifier: BSD-3-Clause
// Did somebody ask the program to stop? SIGINT and SIGTERM become a flag that training looks at between two steps.
#pragma once

#include <atomic>
#include <csignal>
#include <ctime>

namespace fovea::detail {

/// While one exists: the first SIGINT or SIGTERM sets received(); another one, a second or more later, ends the program
/// as it would have without the guard (earlier ones are echoes: timeout(1) signals both the process and its group).
/// SIGXFSZ is ignored, so that a file size limit is a write error like a full disk, not the end of the program. A
/// signal that was ignored before (nohup) stays ignored. The destructor restores what was installed. With `active`
/// false it does nothing. Guards may be nested or live in several threads; they share the flag.
class interrupt_guard {
public:
    explicit interrupt_guard(bool active) : active_{active} {
        if (!active_) {
            return;
        }
        if (users()++ == 0) {
            flag() = 0;
        }
        install(SIGINT, before_[0], &on_signal);
        install(SIGTERM, before_[1], &on_signal);
        install(SIGXFSZ, before_[2], SIG_IGN);
    }
    ~interrupt_guard() {
        if (active_) {
            ::sigaction(SIGXFSZ, &before_[2], nullptr);
            ::sigaction(SIGTERM, &before_[1], nullptr);
            ::sigaction(SIGINT, &before_[0], nullptr);
            --users();
        }
    }
    interrupt_guard(const interrupt_guard&) = delete;
    interrupt_guard& operator=(const interrupt_guard&) = delete;

    /// The signal's number, or 0.
    int received() const { return active_ ? flag().load() : 0; }

private:
    using handler = void (*)(int);

    static void install(int signal, struct sigaction& before, handler what) {
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler == SIG_IGN) {
            return;
        }
        struct sigaction action {};
        action.sa_handler = what;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(signal, &action, nullptr);
    }

    static void on_signal(int signal) {  // async-signal-safe: lock-free atomics and clock_gettime only
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        const long long milliseconds = now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
        int none = 0;
        if (flag().compare_exchange_strong(none, signal)) {
            first_at() = milliseconds;
        } else if (milliseconds - first_at() >= 1000) {
            std::signal(signal, SIG_DFL);
            std::raise(signal);
        }
    }

    static std::atomic<int>& flag() {
        static constinit std::atomic<int> value{0};
        return value;
    }
    static std::atomic<long long>& first_at() {
        static constinit std::atomic<long long> value{0};
        return value;
    }
    static std::atomic<int>& users() {
        static constinit std::atomic<int> value{0};
        return value;
    }
    static_assert(std::atomic<int>::is_always_lock_free && std::atomic<long long>::is_always_lock_free);

    bool active_;
    struct sigaction before_[3] = {};
};

}  // namespace fovea::detail
