// SPDX-License-Identifier: BSD-3-Clause
// Did somebody ask the program to stop? SIGINT and SIGTERM become a flag that training looks at between two steps.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>

#include <fovea/detail/system_process.hpp>

namespace fovea::detail {

/// While one exists: the first SIGINT or SIGTERM sets received(); another one, a second or more later, ends the program
/// as it would have without the guard (earlier ones are echoes: timeout(1) signals both the process and its group).
/// A signal that was ignored before (nohup) stays ignored. The destructor restores what was installed. With `active`
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
        interrupt_.emplace(SIGINT, &on_signal);
        terminate_.emplace(SIGTERM, &on_signal);
    }
    ~interrupt_guard() {
        if (active_) {
            terminate_.reset();
            interrupt_.reset();
            --users();
        }
    }
    interrupt_guard(const interrupt_guard&) = delete;
    interrupt_guard& operator=(const interrupt_guard&) = delete;

    /// The signal's number, or 0.
    int received() const { return active_ ? flag().load() : 0; }

private:
    static void on_signal(int signal) {  // async-signal-safe: lock-free atomics, and a clock that is clock_gettime
        system::handled_signal::again(signal, &on_signal);
        using namespace std::chrono;
        const long long milliseconds =
            duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
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
    std::optional<system::handled_signal> interrupt_;
    std::optional<system::handled_signal> terminate_;
};

}  // namespace fovea::detail
