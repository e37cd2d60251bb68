// SPDX-License-Identifier: BSD-3-Clause
// How is work shared among threads? A fixed team with static shares: the caller is member 0, the others wait, first
// looking, then offering their processor to others, then asleep.
#pragma once

#include <cstddef>

// WebAssembly's and microcontrollers' standard libraries come without threads.
#if (defined(__GLIBCXX__) && !defined(_GLIBCXX_HAS_GTHREADS)) || defined(_LIBCPP_HAS_NO_THREADS) || \
    (defined(_LIBCPP_HAS_THREADS) && !_LIBCPP_HAS_THREADS)
#define FOVEA_NO_THREADS
#endif

#if !defined(FOVEA_NO_THREADS)
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/process.hpp>
#include <fovea/detail/processors.hpp>
#endif

namespace fovea::detail {

#if defined(FOVEA_NO_THREADS)

/// The caller alone.
class thread_pool {
public:
    explicit thread_pool(std::size_t) noexcept {}
    thread_pool(thread_pool&&) noexcept = default;
    thread_pool& operator=(thread_pool&&) noexcept = default;

    std::size_t size() const noexcept { return 1; }
    void wait_for_all() noexcept {}
    template <class F>
    void run(F&& f) noexcept {
        f(std::size_t{0});
    }
    template <class F>
    void for_each(std::size_t count, F&& f) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            f(i, std::size_t{0});
        }
    }
};

#else

inline void relax_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/// A wait has three stages. It looks, for 2 us: even shares end together. It looks and offers its processor in turns,
/// 30 us, a small layer: where there are fewer processors than threads, those that it waits for need it. (Dilated4 with
/// two threads on one processor then takes 1.06 times as long as with one, 2.5 times if it only looks.) It sleeps, and
/// burns nothing between calls.
inline constexpr int looks_alone = 50, looks_with_offers = 100;

inline std::uint32_t await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
    for (int i = 0; i < looks_alone + looks_with_offers; ++i) {
        const std::uint32_t now = word.load(std::memory_order_acquire);
        if (now != old) {
            return now;
        }
        if (i < looks_alone) {
            relax_cpu();
        } else {
            std::this_thread::yield();
        }
    }
    word.wait(old, std::memory_order_acquire);
    return word.load(std::memory_order_acquire);
}

/// All `size` members wait here for the last one.
class barrier {
public:
    explicit barrier(std::size_t size) noexcept : size_(static_cast<std::uint32_t>(size)) {}

    void arrive_and_wait() noexcept {
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

/// A team of threads, the caller's among them. run(f) calls f(0) ... f(size() - 1), each on its own thread, and returns
/// when all are done; f must not throw. No allocation and no lock after construction. One run at a time. Threads go
/// along where a team is moved, between runs; the one moved from is the caller alone.
///
/// Where this process may use but one processor the team is the caller alone: others would only wait for it. So it is,
/// from its next run, in a child made by fork(), which has none of the threads.
class thread_pool {
public:
    /// \throws std::system_error if a thread cannot be started; those that could are gone then
    explicit thread_pool(std::size_t size)
        : size_(size > 1 && usable_processors() > 1 ? size : 1), state_(std::make_unique<shared>(size_)) {
        state_->workers.reserve(size_ - 1);
        struct all_or_none {  // not a handler: engines are compiled without exceptions, too
            thread_pool& pool;
            ~all_or_none() {
                if (pool.state_->workers.size() + 1 < pool.size_) {
                    pool.dismiss();
                }
            }
        } started{*this};
        for (std::size_t i = 1; i < size_; ++i) {
            state_->workers.emplace_back([state = state_.get(), i] { work(*state, i); });
        }
    }
    thread_pool(thread_pool&& other) noexcept
        : size_(std::exchange(other.size_, 1)), owner_(other.owner_), state_(std::move(other.state_)) {}
    thread_pool& operator=(thread_pool&& other) noexcept {
        if (this != &other) {
            end();
            size_ = std::exchange(other.size_, 1);
            owner_ = other.owner_;
            state_ = std::move(other.state_);
        }
        return *this;
    }
    ~thread_pool() { end(); }

    std::size_t size() const noexcept { return size_; }
    /// For use inside run(): all members.
    void wait_for_all() noexcept {
        if (size_ > 1) {
            state_->within.arrive_and_wait();
        }
    }

    template <class F>
    void run(F&& f) noexcept {
        if (size_ > 1 && owner_ != process_id()) {
            size_ = 1;
        }
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

    /// f(i, member) for i in [0, count): member m takes every size()-th, so which thread does what is fixed.
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
        std::vector<std::thread> workers;
    };

    void end() noexcept {
        if (state_ == nullptr) {
            return;
        }
        if (!state_->workers.empty() && owner_ != process_id()) {
            static_cast<void>(state_.release());  // a thread that is not there can neither be joined nor detached
            return;
        }
        dismiss();
    }

    /// Sends the workers home.
    void dismiss() noexcept {
        state_->call = nullptr;
        state_->epoch.fetch_add(1, std::memory_order_acq_rel);
        state_->epoch.notify_all();
        for (std::thread& worker : state_->workers) {
            worker.join();
        }
    }

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
    long owner_ = process_id();
    std::unique_ptr<shared> state_;
};

#endif

}  // namespace fovea::detail
