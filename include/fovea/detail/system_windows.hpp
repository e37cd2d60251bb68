// SPDX-License-Identifier: BSD-3-Clause
// How does Windows open, write, replace, lock and map a file? With the C library's files, which are numbers there, too.
#pragma once

#if defined(_WIN32)  // elsewhere there is nothing to see

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <io.h>
#include <share.h>
#include <sys/stat.h>

#include <fovea/detail/system_types.hpp>

// As in windows.h, which is not included for the macros that it would bring: min, small, near, ERROR ...
struct _SECURITY_ATTRIBUTES;
extern "C" {
__declspec(dllimport) unsigned long __stdcall GetLastError();
__declspec(dllimport) int __stdcall MoveFileExA(const char*, const char*, unsigned long);
__declspec(dllimport) unsigned long __stdcall GetFileAttributesA(const char*);
__declspec(dllimport) unsigned long __stdcall GetFinalPathNameByHandleA(void*, char*, unsigned long, unsigned long);
__declspec(dllimport) void* __stdcall CreateFileMappingA(void*, _SECURITY_ATTRIBUTES*, unsigned long, unsigned long,
                                                         unsigned long, const char*);
__declspec(dllimport) void* __stdcall MapViewOfFile(void*, unsigned long, unsigned long, unsigned long, std::size_t);
__declspec(dllimport) int __stdcall UnmapViewOfFile(const void*);
__declspec(dllimport) int __stdcall FlushViewOfFile(const void*, std::size_t);
__declspec(dllimport) int __stdcall CloseHandle(void*);
}

namespace fovea::detail::system {

inline std::error_code last_error() noexcept { return {errno, std::generic_category()}; }
inline std::error_code error_unless(bool success) noexcept { return success ? std::error_code{} : last_error(); }
inline std::error_code windows_error_unless(bool success) noexcept {
    return success ? std::error_code{} : std::error_code{static_cast<int>(GetLastError()), std::system_category()};
}

// ---- What is there ----

inline file_status status_from(bool known, const struct _stat64& s) noexcept {
    if (!known) {
        return {};
    }
    const auto format = s.st_mode & _S_IFMT;
    const file_kind kind = format == _S_IFREG   ? file_kind::regular
                           : format == _S_IFDIR ? file_kind::directory
                           : format == _S_IFIFO ? file_kind::pipe
                                                : file_kind::character_device;
    return {kind, static_cast<std::uint64_t>(s.st_size), static_cast<unsigned>(s.st_mode & 0777)};
}
inline file_status status_of(const std::string& path) noexcept {
    struct _stat64 s {};
    return status_from(::_stat64(path.c_str(), &s) == 0, s);
}
inline file_status status_of(int file) noexcept {
    struct _stat64 s {};
    return status_from(::_fstat64(file, &s) == 0, s);
}
inline bool is_writable(const std::string& path) noexcept { return ::_access(path.c_str(), 2) == 0; }

inline void* handle_of(int file) noexcept { return reinterpret_cast<void*>(::_get_osfhandle(file)); }

inline std::error_code close(int file) noexcept { return error_unless(::_close(file) == 0); }

// ---- Opening; -1 is a failure that last_error() names ----

inline int open_as(const std::string& path, int flags, int share) noexcept {
    int file = -1;
    ::_sopen_s(&file, path.c_str(), flags | _O_BINARY | _O_NOINHERIT, share, _S_IREAD | _S_IWRITE);
    return file;
}
inline int open_to_read(const std::string& path) noexcept { return open_as(path, _O_RDONLY, _SH_DENYNO); }
/// What is there already: a device, or the end of a file.
inline int open_to_append(const std::string& path) noexcept { return open_as(path, _O_WRONLY | _O_APPEND, _SH_DENYNO); }
/// Another handle of the program's own output (1) or errors (2).
inline int duplicate(int file) noexcept {
    const int copy = ::_dup(file);
    if (copy >= 0) {
        ::_setmode(copy, _O_BINARY);
    }
    return copy;
}

/// Opens a file, made if need be, and locks it. -1 with EWOULDBLOCK: somebody else has it locked.
inline int open_locked(const std::string& path) noexcept {
    const int file = open_as(path, _O_RDWR | _O_CREAT, _SH_DENYWR);
    if (file < 0 && errno == EACCES && status_of(path).kind == file_kind::regular && is_writable(path)) {
        errno = EWOULDBLOCK;
    }
    return file;
}

/// The end of it.
inline void remove_and_close(int file, const std::string& path) noexcept {
    ::_close(file);
    ::_unlink(path.c_str());
}

/// Is an open file still what the path names? Nobody can rename or remove it.
inline bool is_named(int, const std::string&) noexcept { return true; }

/// Where a file that is written to `path` belongs: `path`, or what the link of that name leads to.
inline std::string link_target(const std::string& path) {
    constexpr unsigned long link = 0x400;  // FILE_ATTRIBUTE_REPARSE_POINT
    const unsigned long attributes = GetFileAttributesA(path.c_str());
    const int file = attributes != ~0ul && (attributes & link) != 0 ? open_to_read(path) : -1;
    if (file < 0) {
        return path;
    }
    char name[4096];
    const unsigned long length = GetFinalPathNameByHandleA(handle_of(file), name, sizeof name, 0);
    ::_close(file);
    return length > 0 && length < sizeof name ? std::string(name, length) : path;
}

// ---- Temporary files ----

/// There are no files without a name here.
inline int create_nameless(const std::string&) noexcept { return -1; }
inline std::error_code give_name(int, const std::string&) noexcept {
    return std::make_error_code(std::errc::operation_not_supported);
}

/// A new file, which nobody can remove as long as it is open. -1 with EEXIST: the name is taken.
inline int create(const std::string& path) noexcept { return open_as(path, _O_RDWR | _O_CREAT | _O_EXCL, _SH_DENYWR); }
/// Removes what create() made if the process that made it is gone. True if the name is free now.
inline bool remove_abandoned(const std::string& path) noexcept {
    return ::_unlink(path.c_str()) == 0 || errno == ENOENT;
}

inline void set_permissions(int, unsigned) noexcept {}  // a file that was read-only is not replaced

inline std::error_code remove(const std::string& path) noexcept { return error_unless(::_unlink(path.c_str()) == 0); }
/// Replaces what is there at once.
inline std::error_code rename(const std::string& from, const std::string& to) noexcept {
    constexpr unsigned long replace_and_write_through = 1 | 8;  // MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH
    return windows_error_unless(MoveFileExA(from.c_str(), to.c_str(), replace_and_write_through) != 0);
}
/// The same of an open, synced file, which is closed: an open one keeps its name here.
inline std::error_code rename_and_close(int file, const std::string& from, const std::string& to) noexcept {
    const std::error_code error = close(file);
    return error ? error : rename(from, to);
}

// ---- Bytes ----

/// At most `to.size()` bytes; 0 at the end of the file, -1 for an error.
inline std::ptrdiff_t read(int file, std::span<std::byte> to) noexcept {
    return ::_read(file, to.data(), static_cast<unsigned>(to.size() < (1u << 30) ? to.size() : (1u << 30)));
}
/// At most `from.size()` bytes; -1 for an error.
inline std::ptrdiff_t write(int file, std::span<const std::byte> from) noexcept {
    return ::_write(file, from.data(), static_cast<unsigned>(from.size() < (1u << 30) ? from.size() : (1u << 30)));
}
/// Everything written so far survives a power failure.
inline std::error_code sync(int file) noexcept { return error_unless(::_commit(file) == 0); }
/// Names are written through when they change.
inline void sync_folder(const std::string&) noexcept {}
inline std::error_code truncate(int file, std::uint64_t bytes) noexcept {
    return {::_chsize_s(file, static_cast<long long>(bytes)), std::generic_category()};
}
/// Makes an empty file so long, on the disk: writing to it cannot find the disk full.
inline std::error_code reserve(int file, std::uint64_t bytes) noexcept { return truncate(file, bytes); }

// ---- A file in the address space ----

/// Null for a failure that last_error() names.
inline std::byte* map(int file, std::size_t bytes, bool writable) noexcept {
    constexpr unsigned long page_read = 2, page_write = 4, map_write = 2, map_read = 4;
    void* const mapping = CreateFileMappingA(handle_of(file), nullptr, writable ? page_write : page_read,
                                             static_cast<unsigned long>(std::uint64_t{bytes} >> 32),
                                             static_cast<unsigned long>(bytes & 0xffff'ffff), nullptr);
    void* const first =
        mapping != nullptr ? MapViewOfFile(mapping, writable ? map_write : map_read, 0, 0, bytes) : nullptr;
    if (mapping != nullptr) {
        CloseHandle(mapping);  // the view keeps it
    }
    if (first == nullptr) {
        errno = ENOMEM;
    }
    return static_cast<std::byte*>(first);
}
inline void unmap(std::byte* first, std::size_t) noexcept { UnmapViewOfFile(first); }
inline std::error_code sync_map(std::byte* first, std::size_t bytes) noexcept {
    return windows_error_unless(FlushViewOfFile(first, bytes) != 0);
}
/// Windows drops pages of a mapped file by itself when memory runs short.
inline void release(std::byte*, std::size_t, std::size_t) noexcept {}

}  // namespace fovea::detail::system

#endif
