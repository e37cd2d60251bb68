// SPDX-License-Identifier: BSD-3-Clause
// Where does memory for vectors come from? An array aligned to a cache line, zeroed, never resized.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace fovea::detail {

inline constexpr std::size_t cache_line = 64;

template <class T>
class aligned_array {
public:
    aligned_array() = default;
    explicit aligned_array(std::size_t size)
        : size_(size), data_(static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{cache_line}))) {
        std::fill_n(data_.get(), size, T{});
    }
    T* data() noexcept { return data_.get(); }
    const T* data() const noexcept { return data_.get(); }
    std::size_t size() const noexcept { return size_; }
    std::span<T> span() noexcept { return {data_.get(), size_}; }
    std::span<const T> span() const noexcept { return {data_.get(), size_}; }

private:
    struct release {
        void operator()(T* p) const noexcept { ::operator delete (p, std::align_val_t{cache_line}); }
    };
    std::size_t size_ = 0;
    std::unique_ptr<T, release> data_;
};

}  // namespace fovea::detail
