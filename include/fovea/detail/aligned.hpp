// SPDX-License-Identifier: BSD-3-Clause
// Where does memory for vectors come from? An array aligned to a cache line, zeroed, never resized; large ones on huge
// pages where the system has them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace fovea::detail {

inline constexpr std::size_t cache_line = 64;
/// A convolution of 48 channels reads 144 rows at a time, each on a page of its own: more than the processor's first
/// table of pages holds.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

template <class T>
class aligned_array {
public:
    aligned_array() = default;
    explicit aligned_array(std::size_t size) : size_(size), data_(allocate(size * sizeof(T))) {
        std::fill_n(data_.get(), size, T{});
    }
    aligned_array(aligned_array&& other) noexcept
        : size_(std::exchange(other.size_, 0)), data_(std::move(other.data_)) {}
    aligned_array& operator=(aligned_array&& other) noexcept {
        size_ = std::exchange(other.size_, 0);
        data_ = std::move(other.data_);
        return *this;
    }
    T* data() noexcept { return data_.get(); }
    const T* data() const noexcept { return data_.get(); }
    std::size_t size() const noexcept { return size_; }
    std::span<T> span() noexcept { return {data_.get(), size_}; }
    std::span<const T> span() const noexcept { return {data_.get(), size_}; }

private:
    struct release {
        std::align_val_t alignment{cache_line};
        void operator()(T* p) const noexcept { ::operator delete(p, alignment); }
    };
    using pointer = std::unique_ptr<T, release>;

    static pointer allocate(std::size_t bytes) {
        const std::align_val_t alignment{bytes >= 2 * huge_page ? huge_page : cache_line};
        pointer p(static_cast<T*>(::operator new(bytes, alignment)), release{alignment});
#if defined(__linux__)
        if (bytes >= 2 * huge_page) {
            static_cast<void>(::madvise(p.get(), bytes / huge_page * huge_page, MADV_HUGEPAGE));  // a wish
        }
#endif
        return p;
    }
    std::size_t size_ = 0;
    pointer data_;
};

}  // namespace fovea::detail
