// SPDX-License-Identifier: BSD-3-Clause
// How is work shared among threads? A fixed team with static shares: the caller is member 0, the others wait, first
// spinning, then asleep.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace fovea::detail {

inline void relax_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/// Spins this often before it sleeps: 20 to 50 us, the length of a layer, so that a team stays awake within a network
/// and burns nothing between calls.
inline constexpr int spin_limit = 2'000;

inline std::uint32_t await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
    for (int i = 0; i < spin_limit; ++i) {
        const std::uint32_t now = word.load(std::memory_order_acquire);
        if (now != old) {
            return now;
        }
        relax_cpu();
    }
    word.wait(old, std::memory_order_acquire);
    return word.load(std::memory_order_acquire);
}

/// All `size` members wait here for the last one.
class barrier {
public:
    explicit barrier(std::size_t size) noexcept : size_(static_cast<std::uint32_t>(size)) {}

    void arrive_and_wait() noexcept {
        if (size_ == 1) {
            return;
        }
        const std::uint32_t phase = phase_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
            arrived_.store(0, std::memory_order_relaxed);
            phase_.fetch_add(1, std::memory_order_acq_rel);
            phase_.notify_all();
            return;
        }
        for (std::uint32_t now = phase; now == phase;) {
            now = await_change(phase_, phase);
        }
    }

private:
    std::uint32_t size_;
    alignas(64) std::atomic<std::uint32_t> arrived_{0};
    alignas(64) std::atomic<std::uint32_t> phase_{0};
};

/// A team of `size` threads. run(f) calls f(0) ... f(size - 1), each on its own thread, and returns when all are done;
/// f must not throw. No allocation and no lock after construction. One run at a time.
class thread_pool {
public:
    explicit thread_pool(std::size_t size) : size_(size == 0 ? 1 : size), state_(std::make_unique<shared>(size_)) {
        workers_.reserve(size_ - 1);
        for (std::size_t i = 1; i < size_; ++i) {
            workers_.emplace_back([state = state_.get(), i] { work(*state, i); });
        }
    }
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;
    ~thread_pool() {
        state_->call = nullptr;
        state_->epoch.fetch_add(1, std::memory_order_acq_rel);
        state_->epoch.notify_all();
        workers_.clear();
    }

    std::size_t size() const noexcept { return size_; }
    /// For use inside run(): all members.
    void wait_for_all() noexcept { state_->within.arrive_and_wait(); }

    template <class F>
    void run(F&& f) noexcept {
        if (size_ == 1) {
            f(std::size_t{0});
            return;
        }
        using function = std::remove_reference_t<F>;
        state_->context = const_cast<void*>(static_cast<const void*>(std::addressof(f)));
        state_->call = [](void* context, std::size_t i) { (*static_cast<function*>(context))(i); };
        state_->epoch.fetch_add(1, std::memory_order_acq_rel);
        state_->epoch.notify_all();
        f(std::size_t{0});
        state_->end.arrive_and_wait();
    }

    /// f(i) for i in [0, count): member m takes every size()-th, so which thread does what is fixed.
    template <class F>
    void for_each(std::size_t count, F&& f) noexcept {
        run([&](std::size_t member) {
            for (std::size_t i = member; i < count; i += size_) {
                f(i, member);
            }
        });
    }

private:
    struct shared {
        explicit shared(std::size_t size) : end(size), within(size) {}
        std::atomic<std::uint32_t> epoch{0};
        void (*call)(void*, std::size_t) = nullptr;
        void* context = nullptr;
        barrier end;
        barrier within;
    };

    static void work(shared& s, std::size_t index) {
        std::uint32_t seen = 0;
        for (;;) {
            std::uint32_t now = seen;
            while (now == seen) {
                now = await_change(s.epoch, seen);
            }
            seen = now;
            if (s.call == nullptr) {
                return;
            }
            s.call(s.context, index);
            s.end.arrive_and_wait();
        }
    }

    std::size_t size_;
    std::unique_ptr<shared> state_;
    std::vector<std::jthread> workers_;
};

}  // namespace fovea::detail
