// SPDX-License-Identifier: BSD-3-Clause
// Is a file ever half written? Full disks, missing permissions and exceptions, for each writer of the library.
#include <functional>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

#include <fovea/io/atomic_file.hpp>
#include <fovea/io/image.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/safetensors.hpp>

#include "support.hpp"

using namespace fovea;
using namespace io_test;

TEST_CASE("write_atomically replaces a file and leaves nothing else behind") {
    const scratch dir;
    const std::string path = dir / "a.bin";
    write_atomically(path, [](file_writer& out) { out.write("old"); });
    CHECK(get(path) == "old");
    const std::string large(300'000, 'x');  // larger than the buffer
    write_atomically(path, [&](file_writer& out) {
        CHECK(get(path) == "old");
        for (int i = 0; i < 3; ++i) {
            out.write("123");
            out.write(large);
        }
    });
    CHECK(get(path) == "123" + large + "123" + large + "123" + large);
    write_atomically(path, [](file_writer&) {});
    CHECK(get(path).empty());
    CHECK(dir.names() == std::vector<std::string>{"a.bin"});
}

TEST_CASE("A relative path without a directory is written to the working directory") {
    const scratch dir;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(dir.path());
    write_atomically("plain", [](file_writer& out) { out.write("x"); });
    std::filesystem::current_path(before);
    CHECK(get(dir / "plain") == "x");
}

TEST_CASE("Permissions and symbolic links survive a rewrite") {
    const scratch dir;
    put(dir / "target", "old");
    ::chmod((dir / "target").c_str(), 0640);
    std::filesystem::create_symlink("target", dir / "link");
    write_atomically(dir / "link", [](file_writer& out) { out.write("new"); });
    CHECK(get(dir / "target") == "new");
    CHECK(std::filesystem::is_symlink(dir / "link"));
    struct stat status {};
    ::stat((dir / "target").c_str(), &status);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("An exception of the callback leaves the old file") {
    const scratch dir;
    put(dir / "a", "old");
    CHECK_THROWS_AS(write_atomically(dir / "a",
                                     [](file_writer& out) {
                                         out.write(std::string(100'000, 'x'));
                                         throw std::logic_error("mine");
                                     }),
                    std::logic_error);
    CHECK(get(dir / "a") == "old");
    CHECK(dir.names().size() == 1);
}

TEST_CASE("A full disk leaves the old file, whichever byte is the last that fits") {
    const scratch dir;
    const xt::xtensor<float, 2> array = xt::ones<float>({100, 50});
    const std::vector<float> values(5000, 1.0f);
    const std::vector<safetensors::tensor_view> tensors{safetensors::float_view("w", {5000}, values)};
    picture noise = make_picture(60, 40);
    std::mt19937 random(1);
    for (auto& byte : noise) {
        byte = static_cast<std::uint8_t>(random());
    }
    const std::function<void(const std::string&)> writers[] = {
        [&](const std::string& path) { npy::save(path, array); },
        [&](const std::string& path) { safetensors::write(path, tensors); },
        [&](const std::string& path) { write_png(path, noise); },
        [&](const std::string& path) { write_ppm(path, noise); },
    };
    for (const auto& write : writers) {
        const std::string path = dir / "file";
        write(path);
        const std::string whole = get(path);
        put(path, "old");
        for (std::size_t room = 0; room < whole.size(); room += 1 + whole.size() / 50) {
            const FileError error = refusal([&] {
                const full_disk_after limit(room);
                write(path);
            });
            CHECK(error.file == path);
            CHECK(error.field == "write");
            CHECK(get(path) == "old");
            CHECK(dir.names().size() == 1);
        }
        const full_disk_after limit(whole.size());
        write(path);
        CHECK(get(path) == whole);
    }
    if (std::filesystem::exists("/dev/full")) {
        const FileError error = refusal([&] { npy::save("/dev/full", array); });
        CHECK(contains(error.got, "No space left"));
        CHECK(std::filesystem::is_character_file("/dev/full"));  // and not replaced
    }
}

TEST_CASE("What cannot be opened is refused with its reason") {
    const scratch dir;
    const auto nothing = [](file_writer&) {};
    CHECK(contains(refusal([&] { read_file(dir / "none"); }).got, "No such file"));
    CHECK(contains(refusal([&] { read_file(dir.path()); }).got, "directory"));
    CHECK(contains(refusal([&] { read_file("/dev/null"); }).got, "device"));
    CHECK(contains(refusal([&] { write_atomically(dir / "none/a", nothing); }).got, "No such file"));
    CHECK(contains(refusal([&] { write_atomically(dir.path(), nothing); }).got, "directory"));
    put(dir / "a", "12345");
    CHECK(refusal([&] { read_file(dir / "a", 4); }).field == "file size");
    CHECK(read_file(dir / "a", 5).size() == 5);

    ::chmod(dir.path().c_str(), 0555);
    ::chmod((dir / "a").c_str(), 0000);
    const bool root = ::geteuid() == 0;  // who may do anything: be nobody for a moment
    if (!root || ::seteuid(65534) == 0) {
        CHECK(contains(refusal([&] { read_file(dir / "a"); }).got, "Permission denied"));
        CHECK(contains(refusal([&] { write_atomically(dir / "b", nothing); }).got, "Permission denied"));
        if (root) {
            CHECK(::seteuid(0) == 0);
        }
    }
    ::chmod(dir.path().c_str(), 0755);
}
