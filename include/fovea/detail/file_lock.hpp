// SPDX-License-Identifier: BSD-3-Clause
// Does another process use this file? A lock in a file beside it, which ends with its owner whatever ends that.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/process.hpp>

namespace fovea::detail {

/// Holds `path`.lock, which tells who, while it lives; the file is removed with it. One that a killed process left is
/// no lock: the system's is gone. Where a file system knows no locks there is none. A link is locked where it points.
class file_lock {
public:
    /// \throws FileError for `path` if somebody else holds the lock, another object of this process too, or if its file
    /// cannot be made
    explicit file_lock(const std::string& path) : name_(resolved(path) + ".lock") {
        while (fd_ < 0) {
            fd_ = ::open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
            if (fd_ < 0) {
                const int error = errno;
                throw FileError(path, "lock", "to make " + name_, std::generic_category().message(error));
            }
            if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
                const std::string owner = text();
                ::close(fd_);
                throw FileError(path, "lock", "no other run with this file",
                                "one" + (owner.empty() ? "" : ", " + owner), "wait for it or choose another name");
            }
            if (!is_in_place()) {  // whoever held it removed it just now
                ::close(fd_);
                fd_ = -1;
            }
        }
        char host[256] = "";
        static_cast<void>(::gethostname(host, sizeof host - 1));
        const std::string self = "process " + std::to_string(owner_) + " on " + host;
        // For people; a full disk is no reason not to have the lock.
        if (::ftruncate(fd_, 0) == 0) {
            static_cast<void>(!::write(fd_, self.data(), self.size()));
        }
    }
    file_lock(const file_lock&) = delete;
    file_lock& operator=(const file_lock&) = delete;
    ~file_lock() {
        if (owner_ == process_id()) {  // a child made by fork() shares the lock, but it is not the child's
            ::unlink(name_.c_str());
            static_cast<void>(::flock(fd_, LOCK_UN));
        }
        ::close(fd_);
    }

private:
    static std::string resolved(const std::string& path) {
        std::string target = path;
        if (char* real = ::realpath(path.c_str(), nullptr)) {
            target = real;
            std::free(real);
        }
        return target;
    }
    std::string text() const {
        char bytes[400];
        const auto size = ::read(fd_, bytes, sizeof bytes);
        return {bytes, size > 0 ? static_cast<std::size_t>(size) : 0};
    }
    bool is_in_place() const {
        struct stat mine {
        }, there{};
        return ::fstat(fd_, &mine) == 0 && ::stat(name_.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
               mine.st_dev == there.st_dev;
    }

    std::string name_;
    long owner_ = process_id();
    int fd_ = -1;
};

}  // namespace fovea::detail
