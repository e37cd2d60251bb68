// SPDX-License-Identifier: BSD-3-Clause
// What do the tests of io/ share? A scratch directory, a full disk, bytes to and from files, and the
// refusal of a bad file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <stdlib.h>
#include <sys/resource.h>

#include <catch.hpp>
#include <fovea/detail/error.hpp>

namespace io_test {

/// An empty directory that lives as long as the object.
class scratch {
public:
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "fovea-io-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() { std::filesystem::remove_all(path_); }

    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }
    std::vector<std::string> names() const {
        std::vector<std::string> list;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            list.push_back(entry.path().filename().string());
        }
        return list;
    }

private:
    std::string path_;
};

inline void put(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string get(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// No file may grow beyond `bytes` while this lives: a disk that is full at that byte, without needing a disk. (What
/// the system does then by default, ending the program, is left as it is.)
class full_disk_after {
public:
    explicit full_disk_after(std::size_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &old_);
        rlimit small = old_;
        small.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~full_disk_after() { ::setrlimit(RLIMIT_FSIZE, &old_); }

private:
    rlimit old_{};
};

/// The FileError that `action` throws. None, or another exception, fails the test.
template <class Action>
fovea::FileError refusal(Action&& action) {
    try {
        action();
    } catch (const fovea::FileError& error) {
        CHECK(std::string(error.what()).find(error.field) != std::string::npos);
        return error;
    }
    FAIL("nothing was refused");
    throw 0;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A fresh seed each run, printed when a test fails; FOVEA_SEED repeats a run.
inline std::uint32_t seed() {
    static const std::uint32_t value = [] {
        const char* given = std::getenv("FOVEA_SEED");
        return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
    }();
    return value;
}

inline std::string golden(const std::string& name) { return std::string(FOVEA_GOLDEN_DIR) + "/" + name; }

/// A directory below FOVEA_DATA with a real data set, if it is there.
inline std::optional<std::string> real_data(const std::string& name) {
    const char* base = std::getenv("FOVEA_DATA");
    const std::string path = base ? std::string(base) + "/" + name : "";
    if (base && std::filesystem::is_directory(path)) {
        return path;
    }
    WARN("skipped: set FOVEA_DATA to a directory that contains " << name);
    return std::nullopt;
}

}  // namespace io_test
