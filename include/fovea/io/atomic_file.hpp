// SPDX-License-Identifier: BSD-3-Clause
// How does the library touch the disk? Reading from a file whose size is known before anything is allocated, and
// writing so that a crash, a full disk or a missing permission never leaves half a file behind.
#pragma once

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/system.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "the formats in io/ are read and written without swapping");

namespace detail {

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

inline bool file_exists(const std::string& path) noexcept {
    return system::status_of(path).kind != system::file_kind::none;
}

/// Refuses what is there but is not a regular file.
inline void demand_regular(const std::string& path, const char* field, const char* expected, system::file_kind kind) {
    if (kind != system::file_kind::regular && kind != system::file_kind::none) {
        throw FileError(path, field, expected, std::string(system::text_of(kind)),
                        kind == system::file_kind::pipe ? "<(...), >(...) and | are pipes: go by way of a file" : "");
    }
}

}  // namespace detail

/// A regular file open for reading from front to back. Throws FileError for a missing or unreadable file, a directory,
/// device, pipe or socket, none of which is waited for; a short read is an error, too. (/dev/stdin is a regular file if
/// the program was started with `< file`.)
class input_file {
public:
    explicit input_file(std::string path) : path_(std::move(path)) {
        // Before it is opened, too: a device may do something then.
        detail::demand_regular(path_, "open", "a regular file", detail::system::status_of(path_).kind);
        file_ = detail::descriptor(detail::system::open_to_read(path_));
        if (!file_) {
            throw FileError(path_, "open", "a readable file", detail::system::last_error().message());
        }
        const auto status = detail::system::status_of(file_.get());
        detail::demand_regular(path_, "open", "a regular file", status.kind);
        size_ = static_cast<std::size_t>(status.size);
    }

    const std::string& path() const noexcept { return path_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t remaining() const noexcept { return size_ - position_; }
    /// Open as long as the object lives.
    int descriptor() const noexcept { return file_.get(); }

    /// Fills `to`; `field` names what is being read, for the message of a truncated file.
    void read(std::span<std::byte> to, std::string_view field) {
        if (to.size() > remaining()) {
            throw FileError(path_, std::string(field), std::to_string(to.size()) + " bytes",
                            std::to_string(remaining()) + " bytes", "the file is truncated");
        }
        while (!to.empty()) {
            const auto got = detail::system::read(file_.get(), to);
            if (got <= 0) {
                throw FileError(path_, std::string(field), std::to_string(to.size()) + " more bytes",
                                got < 0 ? detail::system::last_error().message() : "end of file",
                                got < 0 ? "" : "the file shrank while it was read");
            }
            to = to.subspan(static_cast<std::size_t>(got));
            position_ += static_cast<std::size_t>(got);
        }
    }

private:
    std::string path_;
    detail::descriptor file_;
    std::size_t size_ = 0;
    std::size_t position_ = 0;
};

/// The whole file. Refuses, before allocating, a file of more than `max_bytes`.
inline std::vector<std::byte> read_file(const std::string& path, std::uint64_t max_bytes = std::uint64_t{1} << 40) {
    input_file in(path);
    if (in.size() > max_bytes) {
        throw FileError(path, "file size", "at most " + std::to_string(max_bytes) + " bytes",
                        std::to_string(in.size()) + " bytes");
    }
    std::vector<std::byte> bytes(in.size());
    in.read(bytes, "contents");
    return bytes;
}

namespace detail {

inline constexpr const char* old_file_is_whole = "a file that was there before is unchanged";

/// Throws what `error` says of a step of writing `path`.
inline void demand_written(const std::string& path, std::error_code error, std::string expected, const char* remedy) {
    if (error) {
        throw FileError(path, "write", std::move(expected), error.message(), remedy);
    }
}

/// All of `bytes` into an open file. `remedy` is what the error says about the state that the file is left in.
inline void write_all(const std::string& path, int file, std::span<const std::byte> bytes, const char* remedy) {
    while (!bytes.empty()) {
        const auto put = system::write(file, bytes);
        if (put <= 0) {
            const auto error = put < 0 ? system::last_error() : std::make_error_code(std::errc::no_space_on_device);
            demand_written(path, error, std::to_string(bytes.size()) + " more bytes on the disk", remedy);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

}  // namespace detail

/// Where the callback of `write_atomically` puts its bytes. Buffered, so small writes are cheap.
class file_writer {
public:
    file_writer(const std::string& path, int file, const char* remedy) : path_(path), file_(file), remedy_(remedy) {
        buffer_.reserve(capacity);
    }

    void write(std::span<const std::byte> bytes) {
        if (buffer_.size() + bytes.size() > capacity) {
            flush();
        }
        if (bytes.size() >= capacity) {
            detail::write_all(path_, file_, bytes, remedy_);
        } else {
            buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        }
    }
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    void flush() {
        detail::write_all(path_, file_, buffer_, remedy_);
        buffer_.clear();
    }

private:
    static constexpr std::size_t capacity = 1u << 16;

    const std::string& path_;
    int file_;
    const char* remedy_;
    std::vector<std::byte> buffer_;
};

namespace detail {

/// Where a file that is written to `path` belongs: links keep pointing where they do, what they name is replaced.
inline std::string target_of(const std::string& path) {
    std::string target = system::link_target(path);
    if (target.empty()) {
        demand_written(path, system::last_error(), "a link that leads to a file", "");
    }
    return target;
}

/// The same of a path that is a regular file or none yet, and may be replaced: rename would not ask.
inline std::string replaceable(const std::string& path) {
    const auto kind = system::status_of(path).kind;
    demand_regular(path, "write", "a regular file, or none yet", kind);
    if (kind == system::file_kind::regular && !system::is_writable(path)) {
        demand_written(path, system::last_error(), "a writable file", "");
    }
    return target_of(path);
}

/// The few names that a file may have before it is `target`.
inline std::string temporary_name(const std::string& target, unsigned number) {
    const std::string folder(system::folder_of(target));
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: a name is not longer than a system takes
    for (const char c : std::string_view(target).substr(target.find_last_of('/') + 1)) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    char name[64];
    std::snprintf(name, sizeof name, "/.fovea-%016llx-%u.tmp", static_cast<unsigned long long>(hash), number);
    return folder + name;
}

/// A new file that is to replace `target`, and that is gone unless it does. Where the system has files without a name,
/// it has none until it is complete. Elsewhere its name is one of a few that belong to the target: what a killed
/// process left there is removed by the next one that writes the target. A process has its file locked while it lives.
class temporary_file {
public:
    /// `path` is for messages.
    temporary_file(const std::string& path, const std::string& target)
        : path_(path), target_(target), folder_(system::folder_of(target)) {
        for (unsigned number = 0; number < 8; ++number) {
            system::remove_abandoned(numbered(number));
        }
        file_ = descriptor(system::create_nameless(folder_));
        for (unsigned number = 0; !file_; ++number) {
            name_ = numbered(number);
            file_ = descriptor(system::create(name_));
            if (!file_ && errno != EEXIST) {
                name_.clear();
                demand_written(path_, system::last_error(), "a writable directory '" + folder_ + "'", "");
            }
        }
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() {
        file_ = descriptor();  // some systems do not remove an open file
        if (!name_.empty()) {
            static_cast<void>(system::remove(name_));
        }
    }

    int file() const noexcept { return file_.get(); }

    void replace_target() {
        demand(system::sync(file_.get()), "sync");
        if (name_.empty()) {
            std::error_code error = system::give_name(file_.get(), target_);
            if (!error) {  // there was none before
                file_ = descriptor();
                return;
            }
            for (unsigned number = 0; error == std::errc::file_exists; ++number) {
                error = system::give_name(file_.get(), numbered(number));
                name_ = error ? "" : numbered(number);
            }
            demand(error, "naming");
        }
        demand(system::rename_and_close(file_.release(), name_, target_), "rename");
        name_.clear();
    }

private:
    std::string numbered(unsigned number) const { return temporary_name(target_, number); }
    void demand(std::error_code error, const char* step) const {
        demand_written(path_, error, std::string(step) + " to succeed", old_file_is_whole);
    }

    const std::string& path_;
    const std::string& target_;
    std::string folder_;
    std::string name_;  ///< empty: it has none
    descriptor file_;
};

/// A regular file, or none yet, that is to be replaced by another one at once: what is written into file() takes its
/// place with finish(), and is gone without.
class replacement_file {
public:
    explicit replacement_file(const std::string& path)
        : path_(path), target_(replaceable(path)), temporary_(path_, target_) {
        if (const auto old = system::status_of(target_); old.kind == system::file_kind::regular) {
            system::set_permissions(temporary_.file(), old.permissions);
        }
    }

    int file() const noexcept { return temporary_.file(); }

    void finish() {
        temporary_.replace_target();
        system::sync_folder(std::string(system::folder_of(target_)));
    }

private:
    std::string path_;
    std::string target_;
    temporary_file temporary_;
};

/// What is written to as it is, since it cannot be replaced: the program's own output (/dev/stdout, /dev/stderr,
/// whatever they are), a terminal, /dev/null. None for any other path.
inline descriptor open_stream(const std::string& path) {
    const bool is_output = path == "/dev/stdout";
    if (!is_output && path != "/dev/stderr" && system::status_of(path).kind != system::file_kind::character_device) {
        return descriptor();
    }
    descriptor stream(is_output               ? system::duplicate(1)
                      : path == "/dev/stderr" ? system::duplicate(2)
                                              : system::open_to_append(path));
    if (!stream) {
        demand_written(path, system::last_error(), "a writable device", "");
    }
    return stream;
}

}  // namespace detail

/// Writes a file so that readers see the old contents or all of the new ones, also after a crash or a power failure:
/// `fill(file_writer&)` writes to a temporary file in the same directory, which is synced and renamed over `path`.
/// Whatever throws, including `fill`, the old file stays as it was; of a process that is killed no file is left, or one
/// (`.fovea-*.tmp`) that the next write to this path removes.
///
/// A symbolic link keeps pointing where it did (what it names is replaced, or made) and a replaced file keeps its
/// permissions; other hard links keep the old contents. The program's own output (/dev/stdout, /dev/stderr), terminals
/// and /dev/null are written directly. Directories, disks, sockets and other pipes are refused, and never waited for.
template <class Fill>
void write_atomically(const std::string& path, Fill&& fill) {
    if (const detail::descriptor stream = detail::open_stream(path)) {
        file_writer writer(path, stream.get(), "");
        std::forward<Fill>(fill)(writer);
        writer.flush();
        return;
    }
    detail::replacement_file file(path);
    file_writer writer(path, file.file(), detail::old_file_is_whole);
    std::forward<Fill>(fill)(writer);
    writer.flush();
    file.finish();
}

}  // namespace fovea
