// SPDX-License-Identifier: BSD-3-Clause
// operator new that counts; in a file of its own, so that no compiler sees through it. AddressSanitizer has its own forms of
// operator new, which must not meet our operator delete: there nothing is counted.
#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {
std::atomic<std::size_t> count{0};
std::atomic<std::size_t> held{0};
std::atomic<std::size_t> most_held{0};
}  // namespace

std::size_t fovea::test::allocations() { return count; }
std::size_t fovea::test::held_bytes() { return held; }
std::size_t fovea::test::most_held_bytes() { return most_held.exchange(held); }

#if !defined(__SANITIZE_ADDRESS__)
namespace {

void* counted(std::size_t size, std::size_t alignment) {
    ++count;
    void* p = std::aligned_alloc(alignment, (size / alignment + 1) * alignment);
    if (p == nullptr) {
        throw std::bad_alloc();
    }
    const std::size_t now = held += malloc_usable_size(p);
    for (std::size_t most = most_held; most < now && !most_held.compare_exchange_weak(most, now);) {
    }
    return p;
}

void release(void* p) noexcept {
    held -= malloc_usable_size(p);  // 0 for a null pointer
    std::free(p);
}

}  // namespace

void* operator new(std::size_t n) { return counted(n, alignof(std::max_align_t)); }
void* operator new(std::size_t n, std::align_val_t a) { return counted(n, static_cast<std::size_t>(a)); }
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
#endif
