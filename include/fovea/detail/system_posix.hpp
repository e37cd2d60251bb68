// SPDX-License-Identifier: BSD-3-Clause
// How do POSIX systems open, write, replace, lock and map a file?
#pragma once

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/detail/system_types.hpp>

namespace fovea::detail::system {

inline std::error_code last_error() noexcept { return {errno, std::generic_category()}; }
inline std::error_code error_unless(bool success) noexcept { return success ? std::error_code{} : last_error(); }

// ---- What is there ----

inline file_status status_from(bool known, const struct stat& s) noexcept {
    if (!known) {
        return {};
    }
    const file_kind kind = S_ISREG(s.st_mode)    ? file_kind::regular
                           : S_ISDIR(s.st_mode)  ? file_kind::directory
                           : S_ISCHR(s.st_mode)  ? file_kind::character_device
                           : S_ISFIFO(s.st_mode) ? file_kind::pipe
                           : S_ISSOCK(s.st_mode) ? file_kind::socket
                                                 : file_kind::block_device;
    return {kind, static_cast<std::uint64_t>(s.st_size), static_cast<unsigned>(s.st_mode & 07777)};
}
inline file_status status_of(const std::string& path) noexcept {
    struct stat s {};
    return status_from(::stat(path.c_str(), &s) == 0, s);
}
inline file_status status_of(int file) noexcept {
    struct stat s {};
    return status_from(::fstat(file, &s) == 0, s);
}
inline bool is_writable(const std::string& path) noexcept { return ::access(path.c_str(), W_OK) == 0; }

inline bool is_same_file(const struct stat& a, const struct stat& b) noexcept {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
/// Is an open file still what the path names?
inline bool is_named(int file, const std::string& path) noexcept {
    struct stat mine {
    }, named{};
    return ::fstat(file, &mine) == 0 && ::stat(path.c_str(), &named) == 0 && is_same_file(mine, named);
}

/// Where a file that is written to `path` belongs: `path`, or what the link of that name leads to, there or not yet.
/// Empty if the links go in a circle.
inline std::string link_target(const std::string& path) {
    std::string target = path;
    char text[PATH_MAX];
    for (int followed = 0; followed < 40; ++followed) {  // as many as Linux follows
        const auto length = ::readlink(target.c_str(), text, sizeof text);
        if (length <= 0) {  // no link
            struct stat named {
            }, found{};
            // Links below /proc show texts that are no paths ("pipe:[1]", "/tmp/x (deleted)"): stay with the link.
            const bool differs = ::stat(path.c_str(), &named) == 0 &&
                                 !(::stat(target.c_str(), &found) == 0 && is_same_file(named, found));
            return differs ? path : target;
        }
        const std::string next(text, static_cast<std::size_t>(length));
        target = next.front() == '/' ? next : std::string(folder_of(target)) + "/" + next;
    }
    errno = ELOOP;
    return {};
}

// ---- Opening: never waits for a pipe's other end or a device; -1 is a failure that last_error() names ----

inline int open_to_read(const std::string& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}
/// What is there already: a device, or the end of a file.
inline int open_to_append(const std::string& path) noexcept {
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file >= 0) {
        static_cast<void>(::fcntl(file, F_SETFL, O_APPEND));  // a slow terminal is waited for
    }
    return file;
}
/// Another handle of the program's own output (1) or errors (2).
inline int duplicate(int file) noexcept { return ::fcntl(file, F_DUPFD_CLOEXEC, 3); }

inline std::error_code close(int file) noexcept { return error_unless(::close(file) == 0); }

/// Of all that have this file open, only one has it locked, until it closes it or ends, however it ends.
inline bool try_lock(int file) noexcept { return ::flock(file, LOCK_EX | LOCK_NB) == 0; }

/// Opens a file, made if need be, and locks it, where the disk has locks. -1 with EWOULDBLOCK: somebody else has it
/// locked. Whoever had it locked before may have removed it meanwhile: ask is_named().
inline int open_locked(const std::string& path) noexcept {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (file >= 0 && !try_lock(file) && errno == EWOULDBLOCK) {
        ::close(file);
        errno = EWOULDBLOCK;
        return -1;
    }
    return file;
}
/// The end of it. Children made by fork() have it open, too, but not locked any more.
inline void remove_and_close(int file, const std::string& path) noexcept {
    ::unlink(path.c_str());
    static_cast<void>(::flock(file, LOCK_UN));
    ::close(file);
}

// ---- Temporary files ----

/// A file without a name, which is gone when the program ends, however it ends; -1 where there is no such thing.
inline int create_nameless(const std::string& folder) noexcept {
#ifdef O_TMPFILE
    const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    // It gets its name through /proc, and locked it is never taken for abandoned.
    if (file >= 0 && (::access("/proc/self/fd", X_OK) != 0 || !try_lock(file))) {
        ::close(file);
        return -1;
    }
    return file;
#else
    static_cast<void>(folder);
    return -1;
#endif
}
/// Fails where the name is taken (EEXIST).
inline std::error_code give_name(int file, const std::string& path) noexcept {
    char link[32];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return error_unless(::linkat(AT_FDCWD, link, AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0);
}

/// A new file, which is locked where the disk has locks: who finds it unlocked may remove it. -1 with EEXIST: the name
/// is taken.
inline int create(const std::string& path) noexcept {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    // Between the two calls it is taken for abandoned by who looks for such.
    if (file >= 0 && ((!try_lock(file) && errno == EWOULDBLOCK) || !is_named(file, path))) {
        ::close(file);
        errno = EEXIST;
        return -1;
    }
    return file;
}
/// Removes what create() or give_name() made if the process that made it is gone. True if the name is free now.
inline bool remove_abandoned(const std::string& path) noexcept {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
    if (file < 0) {
        return errno == ENOENT;
    }
    // Locked and still of this name, it keeps the name: its maker is gone, and others who clean up find it locked.
    const bool removed = try_lock(file) && is_named(file, path) && ::unlink(path.c_str()) == 0;
    ::close(file);
    return removed;
}

inline void set_permissions(int file, unsigned permissions) noexcept {
    static_cast<void>(::fchmod(file, static_cast<mode_t>(permissions)));  // best effort: not every disk has them
}

inline std::error_code remove(const std::string& path) noexcept { return error_unless(::unlink(path.c_str()) == 0); }
/// Replaces what is there at once.
inline std::error_code rename(const std::string& from, const std::string& to) noexcept {
    return error_unless(::rename(from.c_str(), to.c_str()) == 0);
}
/// The same of an open, synced file, which is closed. It stays locked until it has its new name.
inline std::error_code rename_and_close(int file, const std::string& from, const std::string& to) noexcept {
    const std::error_code error = rename(from, to);
    ::close(file);
    return error;
}

// ---- Bytes ----

/// While one lives, a file size limit is an error of the call (EFBIG) like a full disk, not the end of the program.
class size_limit_is_an_error {
public:
    size_limit_is_an_error() noexcept {
        sigemptyset(&limit_);
        sigaddset(&limit_, SIGXFSZ);
        ::pthread_sigmask(SIG_BLOCK, &limit_, &before_);
    }
    size_limit_is_an_error(const size_limit_is_an_error&) = delete;
    size_limit_is_an_error& operator=(const size_limit_is_an_error&) = delete;
    ~size_limit_is_an_error() {
        const int error = errno;
        sigset_t waiting;
        if (sigismember(&before_, SIGXFSZ) == 0 && sigpending(&waiting) == 0 && sigismember(&waiting, SIGXFSZ) == 1) {
            int taken = 0;
            sigwait(&limit_, &taken);
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }

private:
    sigset_t limit_;
    sigset_t before_;
};

/// At most `to.size()` bytes; 0 at the end of the file, -1 for an error.
inline std::ptrdiff_t read(int file, std::span<std::byte> to) noexcept {
    ssize_t got = 0;
    do {
        got = ::read(file, to.data(), to.size() < (1u << 30) ? to.size() : (1u << 30));
    } while (got < 0 && errno == EINTR);
    return got;
}
/// At most `from.size()` bytes; -1 for an error.
inline std::ptrdiff_t write(int file, std::span<const std::byte> from) noexcept {
    const size_limit_is_an_error guard;
    ssize_t put = 0;
    do {
        put = ::write(file, from.data(), from.size() < (1u << 30) ? from.size() : (1u << 30));
    } while (put < 0 && errno == EINTR);
    return put;
}
/// Everything written so far survives a power failure.
inline std::error_code sync(int file) noexcept {
#ifdef F_FULLFSYNC  // macOS: fsync leaves the bytes in the drive's cache
    if (::fcntl(file, F_FULLFSYNC) == 0) {
        return {};
    }
#endif
    return error_unless(::fsync(file) == 0);
}
/// So do the names in a folder. Some file systems cannot; files are complete all the same.
inline void sync_folder(const std::string& folder) noexcept {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        static_cast<void>(::fsync(file));
        ::close(file);
    }
}
inline std::error_code truncate(int file, std::uint64_t bytes) noexcept {
    const size_limit_is_an_error guard;
    return error_unless(::ftruncate(file, static_cast<off_t>(bytes)) == 0);
}
/// Makes an empty file so long, on the disk: writing to it cannot find the disk full.
inline std::error_code reserve(int file, std::uint64_t bytes) noexcept {
#if defined(__APPLE__)
    fstore_t request{F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(bytes), 0};
    return ::fcntl(file, F_PREALLOCATE, &request) == -1 ? last_error() : truncate(file, bytes);
#else
    const size_limit_is_an_error guard;
    return {::posix_fallocate(file, 0, static_cast<off_t>(bytes)), std::generic_category()};
#endif
}

// ---- A file in the address space ----

/// Null for a failure that last_error() names.
inline std::byte* map(int file, std::size_t bytes, bool writable) noexcept {
    void* const first = ::mmap(nullptr, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
    return first == MAP_FAILED ? nullptr : static_cast<std::byte*>(first);
}
inline void unmap(std::byte* first, std::size_t bytes) noexcept { ::munmap(first, bytes); }
inline std::error_code sync_map(std::byte* first, std::size_t bytes) noexcept {
    return error_unless(::msync(first, bytes, MS_SYNC) == 0);
}
/// Bytes begin ... end - 1 are not needed soon: the file, or the disk's cache, keeps them. Without this a process holds
/// all pages that it has touched until memory runs out.
inline void release(std::byte* first, std::size_t begin, std::size_t end) noexcept {
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    begin = begin / page * page;
    end = (end + page - 1) / page * page;
    static_cast<void>(::madvise(first + begin, end - begin, MADV_DONTNEED));
}

}  // namespace fovea::detail::system
