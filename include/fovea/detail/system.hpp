// SPDX-License-Identifier: BSD-3-Clause
// What does the library ask of the operating system? All calls that are not C++'s own are made here and in
// system_process.hpp; a new system needs the functions of one of the two files below.
#pragma once

#include <system_error>
#include <utility>

#if defined(_WIN32)
#include <fovea/detail/system_windows.hpp>
#else
#include <fovea/detail/system_posix.hpp>
#endif

namespace fovea::detail {

/// Owns an open file.
class descriptor {
public:
    explicit descriptor(int file = -1) noexcept : file_(file) {}
    descriptor(descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (file_ >= 0) {
            static_cast<void>(system::close(file_));
        }
    }

    explicit operator bool() const noexcept { return file_ >= 0; }
    int get() const noexcept { return file_; }
    int release() noexcept { return std::exchange(file_, -1); }

private:
    int file_;
};

}  // namespace fovea::detail
