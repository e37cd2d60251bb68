// SPDX-License-Identifier: BSD-3-Clause
// How does the library touch the disk? Reading from a file whose size is known before anything is allocated, and
// writing so that a crash, a full disk or a missing permission never leaves half a file behind.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/detail/error.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "the formats in io/ are read and written without swapping");

namespace detail {

inline std::string errno_text(int error) { return std::generic_category().message(error); }

/// Owns a file descriptor.
class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    int get() const noexcept { return fd_; }
    /// Closes now; the error that close() reports (delayed writes on network file systems), or 0.
    int close() noexcept { return ::close(std::exchange(fd_, -1)) == 0 ? 0 : errno; }

private:
    int fd_;
};

/// a * b * c ... as a size, or false when it does not fit into std::size_t.
inline bool checked_multiply(std::size_t& product, std::size_t factor) noexcept {
    return !__builtin_mul_overflow(product, factor, &product);
}

inline std::string shape_text(std::span<const std::size_t> shape) {
    std::string text = "[";
    for (const std::size_t extent : shape) {
        text += text.size() > 1 ? ", " : "";  // apart: g++ 12 warns of an overlap in "..." + std::to_string(...) at -O3
        text += std::to_string(extent);
    }
    return text + "]";
}

}  // namespace detail

/// A regular file open for reading from front to back. Throws FileError for a missing or unreadable file, a directory
/// or a device; a short read is an error, too.
class input_file {
public:
    explicit input_file(std::string path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat status {};
        if (fd_.get() < 0 || ::fstat(fd_.get(), &status) != 0) {
            const int error = errno;
            throw FileError(path_, "open", "a readable file", detail::errno_text(error));
        }
        if (!S_ISREG(status.st_mode)) {
            throw FileError(path_, "open", "a regular file",
                            S_ISDIR(status.st_mode) ? "a directory" : "a device, pipe or socket");
        }
        size_ = static_cast<std::size_t>(status.st_size);
    }

    const std::string& path() const noexcept { return path_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t remaining() const noexcept { return size_ - position_; }
    /// Open as long as the object lives.
    int descriptor() const noexcept { return fd_.get(); }

    /// Fills `to`; `field` names what is being read, for the message of a truncated file.
    void read(std::span<std::byte> to, std::string_view field) {
        if (to.size() > remaining()) {
            throw FileError(path_, std::string(field), std::to_string(to.size()) + " bytes",
                            std::to_string(remaining()) + " bytes", "the file is truncated");
        }
        while (!to.empty()) {
            const auto got = ::read(fd_.get(), to.data(), std::min<std::size_t>(to.size(), 1u << 30));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                const int error = errno;
                throw FileError(path_, std::string(field), std::to_string(to.size()) + " more bytes",
                                got < 0 ? detail::errno_text(error) : "end of file",
                                got < 0 ? "" : "the file shrank while it was read");
            }
            to = to.subspan(static_cast<std::size_t>(got));
            position_ += static_cast<std::size_t>(got);
        }
    }

private:
    std::string path_;
    detail::descriptor fd_;
    std::size_t size_ = 0;
    std::size_t position_ = 0;
};

/// The whole file. Refuses, before allocating, a file of more than `max_bytes`.
inline std::vector<std::byte> read_file(const std::string& path, std::size_t max_bytes = std::size_t{1} << 40) {
    input_file in(path);
    if (in.size() > max_bytes) {
        throw FileError(path, "file size", "at most " + std::to_string(max_bytes) + " bytes",
                        std::to_string(in.size()) + " bytes");
    }
    std::vector<std::byte> bytes(in.size());
    in.read(bytes, "contents");
    return bytes;
}

/// Where the callback of `write_atomically` puts its bytes. Buffered, so small writes are cheap.
class file_writer {
public:
    file_writer(const std::string& path, int fd) : path_(path), fd_(fd) { buffer_.reserve(capacity); }

    void write(std::span<const std::byte> bytes) {
        if (buffer_.size() + bytes.size() > capacity) {
            flush();
        }
        if (bytes.size() >= capacity) {
            put(bytes);
        } else {
            buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        }
    }
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    void flush() {
        put(buffer_);
        buffer_.clear();
    }

private:
    static constexpr std::size_t capacity = 1u << 16;

    void put(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const auto put = ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30));
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put <= 0) {
                const int error = put < 0 ? errno : ENOSPC;
                throw FileError(path_, "write", std::to_string(bytes.size()) + " more bytes on the disk",
                                detail::errno_text(error), "a file that was there before is unchanged");
            }
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        }
    }

    const std::string& path_;
    int fd_;
    std::vector<std::byte> buffer_;
};

namespace detail {

/// A file of a fresh name in `directory`, removed again unless it is renamed.
class temporary_file {
public:
    /// replaced: the permissions of the file that it will replace, or 0.
    temporary_file(const std::string& path, const std::string& directory, mode_t mode, mode_t replaced) : fd_(-1) {
        static std::atomic<unsigned> counter{0};
        do {  // O_EXCL: a name that another process took is never opened, the next one is tried
            name_ = directory + "/.fovea-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
            fd_ = descriptor(::open(name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        } while (fd_.get() < 0 && errno == EEXIST);
        if (fd_.get() < 0) {
            const int error = errno;
            name_.clear();
            throw FileError(path, "write", "a writable directory '" + directory + "'", errno_text(error));
        }
        if (replaced != 0) {
            static_cast<void>(::fchmod(fd_.get(), replaced));  // best effort: not every disk has modes
        }
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() {
        if (!name_.empty()) {
            ::unlink(name_.c_str());
        }
    }

    int fd() const noexcept { return fd_.get(); }

    void rename_to(const std::string& path, const std::string& target) {
        const auto check = [&](int error, const char* step) {
            if (error != 0) {
                throw FileError(path, "write", std::string(step) + " to succeed", errno_text(error),
                                "a file that was there before is unchanged");
            }
        };
        check(::fsync(fd_.get()) == 0 ? 0 : errno, "fsync");
        check(fd_.close(), "close");
        check(::rename(name_.c_str(), target.c_str()) == 0 ? 0 : errno, "rename");
        name_.clear();
    }

private:
    std::string name_;
    descriptor fd_;
};

/// A regular file, or none yet, that is to be replaced by another one at once: what is written into fd() takes its
/// place with finish(), and is gone without.
class replacement_file {
public:
    explicit replacement_file(const std::string& path) : path_(path), target_(path), temporary_(open()) {}

    int fd() const noexcept { return temporary_.fd(); }

    void finish() {
        temporary_.rename_to(path_, target_);
        // The rename itself lives in the directory. Some file systems cannot sync one; the file is complete all the
        // same.
        const descriptor parent(::open(directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (parent.get() >= 0) {
            static_cast<void>(::fsync(parent.get()));
        }
    }

private:
    std::string directory() const {
        const std::size_t slash = target_.rfind('/');
        return slash == std::string::npos ? "." : slash == 0 ? "/" : target_.substr(0, slash);
    }
    temporary_file open() {
        struct stat status {};
        const bool exists = ::stat(path_.c_str(), &status) == 0;
        if (exists && !S_ISREG(status.st_mode)) {
            throw FileError(path_, "write", "a regular file, or none yet",
                            S_ISDIR(status.st_mode) ? "a directory" : "a device, pipe or socket");
        }
        if (exists) {
            if (::access(path_.c_str(), W_OK) != 0) {  // rename() would replace a write-protected file without asking
                const int error = errno;
                throw FileError(path_, "write", "a writable file", errno_text(error));
            }
            if (char* resolved = ::realpath(path_.c_str(), nullptr)) {
                target_ = resolved;
                std::free(resolved);
            }
        }
        return temporary_file(path_, directory(), 0666, exists ? status.st_mode & 07777 : 0);
    }

    std::string path_;
    std::string target_;
    temporary_file temporary_;
};

}  // namespace detail

/// Writes a file so that readers see the old contents or all of the new ones, also after a crash or a power failure:
/// `fill(file_writer&)` writes to a temporary file in the same directory, which is synced and renamed over `path`.
/// Whatever throws, including `fill`, the temporary file is removed and the old file stays as it was.
///
/// A symbolic link keeps pointing where it did (its target is replaced) and a replaced file keeps its permissions.
/// A path that is a device or pipe (/dev/stdout) is written directly.
template <class Fill>
void write_atomically(const std::string& path, Fill&& fill) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        detail::descriptor fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));  // EISDIR for a directory
        if (fd.get() < 0) {
            const int error = errno;
            throw FileError(path, "write", "a writable file", detail::errno_text(error));
        }
        file_writer writer(path, fd.get());
        std::forward<Fill>(fill)(writer);
        writer.flush();
        return;
    }
    detail::replacement_file file(path);
    file_writer writer(path, file.fd());
    std::forward<Fill>(fill)(writer);
    writer.flush();
    file.finish();
}

}  // namespace fovea
