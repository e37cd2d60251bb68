// SPDX-License-Identifier: BSD-3-Clause
// Is a file ever half written? Full disks, missing permissions and exceptions, for each writer of the library.
#include <csignal>
#include <functional>
#include <stdexcept>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fovea/io/atomic_file.hpp>
#include <fovea/io/cifar.hpp>
#include <fovea/io/idx.hpp>
#include <fovea/io/image.hpp>
#include <fovea/io/m2nist.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/npy_mapped.hpp>
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

/// Every way to replace a file, each with what it is to write.
const std::vector<std::function<void(const std::string&)>>& writers() {
    static const xt::xtensor<float, 3> array = xt::ones<float>({2, 20, 50});
    static const std::vector<float> values(5000, 1.0f);
    static const picture noise = [] {
        picture p = make_picture(60, 40);
        std::mt19937 random(1);
        for (auto& byte : p) {
            byte = static_cast<std::uint8_t>(random());
        }
        return p;
    }();
    static const std::vector<std::function<void(const std::string&)>> all{
        [](const std::string& path) { npy::save(path, array); },
        [](const std::string& path) { safetensors::write(path, {{safetensors::float_view("w", {5000}, values)}}); },
        [](const std::string& path) { write_png(path, noise); },
        [](const std::string& path) { write_ppm(path, noise); },
        [](const std::string& path) {
            npy::mapped_result<float> result(path, 2, 20, 50);
            result({0, 20, 0, 50}, array.data());
            result.finish();
        }};
    return all;
}

TEST_CASE("Permissions and symbolic links survive a rewrite, also links to what is not there yet") {
    for (const auto& write : writers()) {
        const scratch dir;
        write(dir / "plain");
        const std::string expected = get(dir / "plain");
        std::filesystem::create_directory(dir / "there");
        put(dir / "there/target", "old");
        ::chmod((dir / "there/target").c_str(), 0640);
        std::filesystem::create_symlink("there/second", dir / "link");
        std::filesystem::create_symlink("target", dir / "there/second");
        std::filesystem::create_symlink(dir / "there/none", dir / "dangling");
        for (int again = 0; again < 2; ++again) {
            write(dir / "link");
            write(dir / "dangling");
            CHECK(std::filesystem::read_symlink(dir / "link") == "there/second");
            CHECK(std::filesystem::read_symlink(dir / "there/second") == "target");
            CHECK(std::filesystem::read_symlink(dir / "dangling") == dir / "there/none");
            CHECK(get(dir / "there/target") == expected);
            CHECK(get(dir / "there/none") == expected);
        }
        struct stat status {};
        ::stat((dir / "there/target").c_str(), &status);
        CHECK((status.st_mode & 0777) == 0640);
        CHECK(dir.names().size() == 4);

        std::filesystem::create_symlink("round", dir / "a");
        std::filesystem::create_symlink("a", dir / "round");
        CHECK(refusal([&] { write(dir / "a"); }).expected == "a link that leads to a file");
    }
}

TEST_CASE("A process that is killed while it writes leaves nothing behind the next write") {
    for (const bool exists : {false, true}) {
        const scratch dir;
        const std::string path = dir / "file";
        const auto killed = [&](auto&& work) {
            const pid_t child = ::fork();
            if (child == 0) {
                work();
                ::kill(::getpid(), SIGKILL);
            }
            int status = 0;
            CHECK((::waitpid(child, &status, 0) == child && WIFSIGNALED(status)));
        };
        if (exists) {
            put(path, "old");
        }
        killed([&] {
            write_atomically(path, [](file_writer& out) {
                out.write(std::string(1'000'000, 'x'));
                ::kill(::getpid(), SIGKILL);
            });
        });
        killed([&] {
            const npy::mapped_result<float> result(path, 1, 100, 1000);
            ::kill(::getpid(), SIGKILL);
        });
        killed([&] { detail::system::create(detail::temporary_name(path, 3)); });
        CHECK((exists ? get(path) == "old" : !std::filesystem::exists(path)));
        REQUIRE(std::filesystem::exists(detail::temporary_name(path, 3)));
        {  // what a living process writes is left alone
            const detail::descriptor mine(detail::system::create(detail::temporary_name(path, 0)));
            write_atomically(path, [](file_writer& out) { out.write("new"); });
            CHECK(std::filesystem::exists(detail::temporary_name(path, 0)));
        }
        CHECK(get(path) == "new");
        write_atomically(path, [](file_writer& out) { out.write("newer"); });
        CHECK(get(path) == "newer");
        CHECK(dir.names() == std::vector<std::string>{"file"});
    }
}

TEST_CASE("Writers of the same file at the same time: the last one counts") {
    const scratch dir;
    write_atomically(dir / "a", [&](file_writer& outer) {
        outer.write("outer");
        write_atomically(dir / "a", [&](file_writer& inner) { inner.write("inner"); });
        CHECK(get(dir / "a") == "inner");
    });
    CHECK(get(dir / "a") == "outer");
    CHECK(dir.names().size() == 1);
}

TEST_CASE("Pipes and sockets are refused by name, at once, by every reader and writer") {
    const scratch dir;
    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0666) == 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (dir / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    std::filesystem::create_symlink("pipe", dir / "combined.npy");
    std::filesystem::create_symlink("pipe", dir / "batches.meta.txt");
    auto actions = writers();
    actions.insert(actions.end(), {[](const std::string& path) { read_file(path); },
                                   [](const std::string& path) { read_picture(path); },
                                   [](const std::string& path) { load_idx_labels(path); },
                                   [](const std::string& path) { npy::load<float>(path); },
                                   [](const std::string& path) { npy::mapped_image<float>{path}; },
                                   [](const std::string& path) { safetensors::read(path); },
                                   [&](const std::string&) { load_m2nist(dir.path()); },
                                   [&](const std::string&) { load_cifar10(dir.path()); }});
    ::alarm(60);  // to wait for the other end would be for ever
    for (const auto& action : actions) {
        CHECK(contains(refusal([&] { action(dir / "pipe"); }).what(), "got a pipe; <(...)"));
    }
    for (std::size_t i = 0; i + 2 < actions.size(); ++i) {
        CHECK(contains(refusal([&] { actions[i](dir / "socket"); }).got, "a socket"));
    }
    const int reader = ::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
    CHECK(contains(refusal([&] { writers()[0](dir / "pipe"); }).got, "a pipe"));
    ::close(reader);
    ::close(socket);
    ::alarm(0);
}

TEST_CASE("The program's own output is written to as it is, whatever it is") {
    const scratch dir;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    put(dir / "file", "before ");
    const int file = ::open((dir / "file").c_str(), O_WRONLY | O_APPEND);
    std::string piped(3, ' ');
    for (const int output : {ends[1], file}) {
        const int own = ::dup(1);
        ::dup2(output, 1);
        write_atomically("/dev/stdout", [](file_writer& out) { out.write("abc"); });
        ::dup2(own, 1);
        ::close(own);
    }
    CHECK(::read(ends[0], piped.data(), piped.size()) == 3);
    CHECK(piped == "abc");
    CHECK(get(dir / "file") == "before abc");
    CHECK_NOTHROW(write_atomically("/dev/null", [](file_writer& out) { out.write("abc"); }));
    for (const int end : {ends[0], ends[1], file}) {
        ::close(end);
    }
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
    for (const auto& write : writers()) {
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
            CHECK(error.remedy == "a file that was there before is unchanged");
            CHECK(get(path) == "old");
            CHECK(dir.names().size() == 1);
        }
        const full_disk_after limit(whole.size());
        write(path);
        CHECK(get(path) == whole);
    }
    if (std::filesystem::exists("/dev/full")) {
        const FileError error = refusal([&] { writers()[0]("/dev/full"); });
        CHECK(contains(error.got, "No space left"));
        CHECK(error.remedy == "");                               // no file was there before
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
