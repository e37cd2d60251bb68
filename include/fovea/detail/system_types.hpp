// SPDX-License-Identifier: BSD-3-Clause
// In which words does every system say what a path names?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea::detail::system {

enum class file_kind { none, regular, directory, character_device, block_device, pipe, socket };

struct file_status {
    file_kind kind = file_kind::none;  ///< none: nothing is there, or it may not be asked
    std::uint64_t size = 0;
    unsigned permissions = 0;
};

constexpr std::string_view text_of(file_kind kind) noexcept {
    switch (kind) {
        case file_kind::none: return "nothing";
        case file_kind::regular: return "a regular file";
        case file_kind::directory: return "a directory";
        case file_kind::character_device:
        case file_kind::block_device: return "a device";
        case file_kind::pipe: return "a pipe";
        case file_kind::socket: return "a socket";
    }
    return "";
}

/// The folder in which a path is looked up.
inline std::string_view folder_of(std::string_view path) noexcept {
#if defined(_WIN32)
    const std::size_t slash = path.find_last_of("/\\");
#else
    const std::size_t slash = path.rfind('/');
#endif
    return slash == std::string_view::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace fovea::detail::system
