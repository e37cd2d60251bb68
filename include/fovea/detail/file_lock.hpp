// SPDX-License-Identifier: BSD-3-Clause
// Does another process use this file? A lock in a file beside it, which ends with its owner whatever ends that.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>

#include <fovea/detail/error.hpp>
#include <fovea/detail/process.hpp>
#include <fovea/detail/system.hpp>
#include <fovea/detail/system_process.hpp>

namespace fovea::detail {

/// Holds `path`.lock, which tells who, while it lives; the file is removed with it. One that a killed process left is
/// no lock: the system's is gone. Where a file system knows no locks there is none. A link is locked where it points.
class file_lock {
public:
    /// \throws FileError for `path` if somebody else holds the lock, another object of this process too, or if its file
    /// cannot be made
    explicit file_lock(const std::string& path) {
        const std::string target = system::link_target(path);
        name_ = (target.empty() ? path : target) + ".lock";
        do {  // again if whoever held it removed it just now
            file_ = descriptor(system::open_locked(name_));
            if (!file_) {
                refuse(path, system::last_error());
            }
        } while (!system::is_named(file_.get(), name_));
        const std::string self = "process " + std::to_string(owner_) + " on " + system::host_name();
        // For people; a full disk is no reason not to have the lock.
        if (!system::truncate(file_.get(), 0)) {
            static_cast<void>(system::write(file_.get(), std::as_bytes(std::span(self))));
        }
    }
    file_lock(const file_lock&) = delete;
    file_lock& operator=(const file_lock&) = delete;
    ~file_lock() {
        if (owner_ == process_id()) {  // a child made by fork() shares the lock, but it is not the child's
            system::remove_and_close(file_.release(), name_);
        }
    }

private:
    [[noreturn]] void refuse(const std::string& path, std::error_code error) const {
        if (error != std::errc::operation_would_block) {
            throw FileError(path, "lock", "to make " + name_, error.message());
        }
        std::array<char, 400> owner{};
        const descriptor file(system::open_to_read(name_));
        const auto size = file ? system::read(file.get(), std::as_writable_bytes(std::span(owner))) : 0;
        throw FileError(path, "lock", "no other run with this file",
                        "one" + (size > 0 ? ", " + std::string(owner.data(), static_cast<std::size_t>(size)) : ""),
                        "wait for it or choose another name");
    }

    std::string name_;
    long owner_ = process_id();
    descriptor file_;
};

}  // namespace fovea::detail
