// SPDX-License-Identifier: BSD-3-Clause
// Is every damage to a checkpoint noticed, and is there always a whole one?
#include <cstring>
#include <limits>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/train/checkpoint.hpp>
#include "support.hpp"

using namespace fovea;
using train_test::contains;
using train_test::refusal;

namespace {

training_state<float> example(std::uint64_t seed, std::size_t size = 60) {
    detail::random_stream random{seed};
    const auto numbers = [&](std::size_t n) {
        std::vector<float> v(n);
        for (float& x : v) {
            x = static_cast<float>(random.normal());
        }
        return v;
    };
    training_state<float> s;
    s.network = "0.weight [3, 20]";
    s.options = {{"seed", "1"}, {"batch", "32"}};
    s.step = random.below(1000);
    s.running = {random.normal(), static_cast<double>(random.below(100)), static_cast<double>(random.below(100))};
    s.running_seconds = random.uniform();
    s.history.resize(random.below(4));
    for (auto& r : s.history) {
        r = {random.below(10),   random.normal(),    {random.uniform()}, random.normal(),
             {random.uniform()}, random.chance(0.5), random.uniform(),   random.uniform()};
    }
    s.parameters = numbers(size);
    s.buffers = numbers(random.below(5));
    s.optimiser_steps = s.step;
    s.optimiser = {{"first_moment", numbers(size)}, {"second_moment", numbers(size)}};
    if (random.chance(0.5)) {
        s.best = {random.below(9), random.uniform(), numbers(size), numbers(3)};
    }
    return s;
}

training_state<float> parse(const std::vector<std::byte>& bytes) { return parse_checkpoint<float>(bytes, "x.ckpt"); }

void seal(std::vector<std::byte>& bytes) {
    const std::uint32_t crc = detail::crc32_of(std::span{bytes}.first(bytes.size() - 4));
    std::memcpy(bytes.data() + bytes.size() - 4, &crc, 4);
}

}  // namespace

TEST_CASE("a state goes to bytes and back") {
    for (std::uint64_t i = 0; i < 100; ++i) {
        const auto state = example(train_test::seed() + i);
        CHECK(parse(checkpoint_bytes(state)) == state);
    }
    training_state<double> wide;
    wide.parameters = {1.0, std::numeric_limits<double>::infinity()};
    CHECK(parse_checkpoint<double>(checkpoint_bytes(wide), "x") == wide);
    CHECK(contains(refusal<FileError>([&] { parse(checkpoint_bytes(wide)); }), "bytes per number: expected 4, got 8"));
}

TEST_CASE("2,000 flipped bits, 200 truncations and 50 extensions are all noticed") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    const auto good = checkpoint_bytes(example(seed));
    for (int i = 0; i < 2000; ++i) {
        auto bad = good;
        const auto bit = random.below(bad.size() * 8);
        bad[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::byte>(1U << (bit % 8));
        CAPTURE(bit);
        refusal<FileError>([&] { parse(bad); });
    }
    for (int i = 0; i < 200; ++i) {
        auto bad = good;
        const auto size = i < 40 ? i : static_cast<std::ptrdiff_t>(random.below(good.size()));
        bad.erase(bad.begin() + size, bad.end());
        refusal<FileError>([&] { parse(bad); });
    }
    for (int i = 0; i < 50; ++i) {
        auto bad = good;
        bad.resize(good.size() + 1 + static_cast<std::size_t>(random.below(100)));
        refusal<FileError>([&] { parse(bad); });
    }
}

TEST_CASE("a hostile file with a right checksum is read within its bounds") {
    const std::uint64_t seed = train_test::seed();
    CAPTURE(seed);
    detail::random_stream random{seed};
    const auto good = checkpoint_bytes(example(seed, 10));
    const std::uint64_t bad_lengths[] = {0,     1,        1ULL << 31U, 1ULL << 32U, 1ULL << 62U, (1ULL << 62U) + 1,
                                         ~0ULL, ~0ULL / 4};
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
        auto bad = good;
        const auto at = static_cast<std::size_t>(24 + random.below(good.size() - 24 - 4 - 8));
        const std::uint64_t value = random.chance(0.7) ? bad_lengths[random.below(8)] : random.bits();
        std::memcpy(bad.data() + at, &value, 8);
        if (random.chance(0.3)) {
            bad.erase(bad.end() - static_cast<std::ptrdiff_t>(random.below(200)), bad.end());
            const std::uint64_t content = bad.size() - 28;
            std::memcpy(bad.data() + 16, &content, 8);
        }
        seal(bad);
        try {
            parse(bad);
        } catch (const FileError&) {
            ++refused;
        }
    }
    CHECK(refused > 300);
}

TEST_CASE("a file of a later version says so") {
    auto bytes = checkpoint_bytes(example(1));
    bytes[8] = std::byte{3};
    seal(bytes);
    CHECK(contains(refusal<FileError>([&] { parse(bytes); }), "version: expected 2, got 3"));
    CHECK(contains(refusal<FileError>([&] { parse(std::vector<std::byte>(500)); }), "magic"));
}

TEST_CASE("a file of version 1 says so") {
    const std::string path = std::string{FOVEA_TRAIN_TEST_DIR} + "/golden/version1.checkpoint";
    CHECK(contains(refusal<FileError>([&] { load_checkpoint<float>(path); }),
                   "version1.checkpoint: version: expected 2, got 1; resume with the version of fovea that wrote it"));
}

TEST_CASE("sections have any order; one more, one twice and one that is missing are refused by name") {
    const auto state = example(1);
    const auto good = checkpoint_bytes(state);
    // The sections of the file, cut out.
    std::vector<std::pair<std::string, std::vector<std::byte>>> sections;
    for (std::size_t at = 24; at < good.size() - 4;) {
        std::uint64_t name = 0, content = 0;
        std::memcpy(&name, good.data() + at, 8);
        std::memcpy(&content, good.data() + at + 8 + name, 8);
        const auto begin = good.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t size = 16 + name + content;
        sections.emplace_back(std::string(reinterpret_cast<const char*>(good.data()) + at + 8, name),
                              std::vector<std::byte>(begin, begin + static_cast<std::ptrdiff_t>(size)));
        at += size;
    }
    const auto file_of = [&](const auto& parts) {
        std::vector<std::byte> bytes(good.begin(), good.begin() + 24);
        for (const auto& part : parts) {
            bytes.insert(bytes.end(), part.second.begin(), part.second.end());
        }
        const std::uint64_t content = bytes.size() - 24;
        std::memcpy(bytes.data() + 16, &content, 8);
        bytes.resize(bytes.size() + 4);
        seal(bytes);
        return bytes;
    };
    REQUIRE(sections.size() >= 5);
    CHECK(file_of(sections) == good);
    auto changed = sections;
    std::reverse(changed.begin(), changed.end());
    CHECK(parse(file_of(changed)) == state);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const std::string& name = sections[i].first;
        CAPTURE(name);
        changed = sections;
        changed.push_back(sections[i]);
        CHECK(contains(refusal<FileError>([&] { parse(file_of(changed)); }),
                       "section '" + name + "': expected one, got two"));
        changed = sections;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        if (name == "best") {
            CHECK(!parse(file_of(changed)).best);
        } else {
            CHECK(contains(refusal<FileError>([&] { parse(file_of(changed)); }),
                           "section '" + name + "': expected one, got none"));
        }
        changed = sections;
        changed[i].second.push_back(std::byte{0});  // within the section
        std::uint64_t length = 0;
        std::memcpy(&length, changed[i].second.data() + 8 + name.size(), 8);
        ++length;
        std::memcpy(changed[i].second.data() + 8 + name.size(), &length, 8);
        CHECK(contains(refusal<FileError>([&] { parse(file_of(changed)); }),
                       "section '" + name + "': expected nothing behind its last field, got 1 bytes"));
    }
    detail::state_writer more;
    more.section("masks", [&] { more.number(std::uint32_t{7}); });
    changed = sections;
    changed.emplace_back("masks", more.release());
    CHECK(contains(
        refusal<FileError>([&] { parse(file_of(changed)); }),
        "section 'masks': expected one of this version's, got one that it does not know; resume with the version"));
}

TEST_CASE("the one before is kept, and stands in for a damaged one with a message") {
    const train_test::scratch dir;
    const std::string path = dir / "run.ckpt";
    CHECK(!checkpoint_exists(path));
    CHECK(contains(refusal<FileError>([&] { load_checkpoint<float>(path); }), "no such file"));
    const auto one = example(1), two = example(2), three = example(3);
    save_checkpoint(path, one);
    CHECK(load_checkpoint<float>(path) == one);
    save_checkpoint(path, two);
    save_checkpoint(path, three);
    CHECK(load_checkpoint<float>(path) == three);
    CHECK(load_checkpoint<float>(path + ".previous") == two);
    CHECK(!std::filesystem::exists(path + ".new"));

    std::string message;
    const auto listen = [&](const std::string& text) { message += text; };
    auto bytes = train_test::get(path);
    bytes[100] ^= 1;
    train_test::put(path, bytes);
    CHECK(load_checkpoint<float>(path, listen) == two);
    CHECK(contains(message, "run.ckpt: CRC-32"));
    CHECK(contains(message, "going on from " + path + ".previous"));

    // killed between the two renames: the newest is still called .new
    std::filesystem::remove(path);
    train_test::put(path + ".new", [&] {
        const auto b = checkpoint_bytes(three);
        return std::string{reinterpret_cast<const char*>(b.data()), b.size()};
    }());
    CHECK(load_checkpoint<float>(path) == three);
    CHECK(checkpoint_exists(path));

    // the damaged one is not what is kept when the next one is written
    train_test::put(path, bytes);
    save_checkpoint(path, one);
    CHECK(load_checkpoint<float>(path) == one);

    train_test::put(path, "rubbish");
    train_test::put(path + ".previous", "rubbish");
    CHECK(contains(refusal<FileError>([&] { load_checkpoint<float>(path); }), "run.ckpt: magic"));
}

TEST_CASE("a checkpoint behind a link: the link stays, all files are where it points") {
    const train_test::scratch dir;
    const auto one = example(1), two = example(2), three = example(3);
    std::filesystem::create_directory(dir / "disk");
    std::filesystem::create_symlink("disk/real.ckpt", dir / "run.ckpt");
    const auto check_link = [&] { CHECK(std::filesystem::read_symlink(dir / "run.ckpt") == "disk/real.ckpt"); };
    CHECK(!checkpoint_exists(dir / "run.ckpt"));
    for (const auto& state : {one, two, three}) {
        save_checkpoint(dir / "run.ckpt", state);
        check_link();
        CHECK(load_checkpoint<float>(dir / "run.ckpt") == state);
        CHECK(load_checkpoint<float>(dir / "disk/real.ckpt") == state);
    }
    CHECK(load_checkpoint<float>(dir / "disk/real.ckpt.previous") == two);
    std::filesystem::remove(dir / "disk/real.ckpt");
    CHECK(checkpoint_exists(dir / "run.ckpt"));
    CHECK(load_checkpoint<float>(dir / "run.ckpt") == two);  // the one before, found through the dangling link
    check_link();
    CHECK(!std::filesystem::exists(dir / "run.ckpt.previous"));

    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0666) == 0);
    ::alarm(60);  // to wait for the other end would be for ever
    CHECK(contains(refusal<FileError>([&] { save_checkpoint(dir / "pipe", one); }), "got a pipe"));
    CHECK(contains(refusal<FileError>([&] { load_checkpoint<float>(dir / "pipe"); }), "got a pipe"));
    ::alarm(0);
    CHECK(std::filesystem::is_fifo(dir / "pipe"));
}

TEST_CASE("entries that take more memory than bytes in the file are few") {
    auto state = example(1);
    state.options.assign(10'000, {"", ""});
    CHECK(parse(checkpoint_bytes(state)) == state);
    state.options.emplace_back();
    CHECK(contains(refusal<FileError>([&] { parse(checkpoint_bytes(state)); }), "options: expected at most 10000"));
    state = example(1);
    state.optimiser.resize(10'001);
    CHECK(contains(refusal<FileError>([&] { parse(checkpoint_bytes(state)); }), "optimiser: expected at most 10000"));
}

TEST_CASE("what a full disk refuses leaves the old checkpoints alone") {
    const train_test::scratch dir;
    const std::string path = dir / "run.ckpt";
    const auto one = example(1), two = example(2), big = example(3, 100'000);
    save_checkpoint(path, one);
    save_checkpoint(path, two);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit limit = before;
    limit.rlim_cur = 100'000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::string text;
    try {
        save_checkpoint(path, big);
    } catch (const FileError& error) {
        text = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(contains(text, "File too large"));
    CHECK(load_checkpoint<float>(path) == two);
    CHECK(load_checkpoint<float>(path + ".previous") == one);
    CHECK(!std::filesystem::exists(path + ".new"));
}

TEST_CASE("a checkpoint of another run is refused by the first fact that differs") {
    const auto state = example(1);
    const auto same = [&](const std::string& network, const fingerprint& options) {
        require_same_run("x.ckpt", state, network, options);
    };
    CHECK_NOTHROW(same(state.network, state.options));
    CHECK(contains(refusal<FileError>([&] { same("0.weight [3, 21]", state.options); }),
                   "x.ckpt: network: expected 0.weight [3, 21], got 0.weight [3, 20]"));
    CHECK(contains(refusal<FileError>([&] {
                       same(state.network, {{"seed", "1"}, {"batch", "64"}});
                   }),
                   "x.ckpt: option 'batch': expected 64, got 32; a run must be resumed with"));
    CHECK(contains(refusal<FileError>([&] { same(state.network, {{"seed", "1"}}); }), "got batch 32"));
    CHECK(contains(refusal<FileError>([&] {
                       same(state.network, {{"seed", "1"}, {"batch", "32"}, {"x", "y"}});
                   }),
                   "option 'x': expected y, got further option none"));
    // long texts are shown where they begin to differ
    const std::string long_a = std::string(500, 'a') + "one" + std::string(500, 'b');
    const std::string long_b = std::string(500, 'a') + "two" + std::string(500, 'b');
    auto other = state;
    other.network = long_a;
    const auto text = refusal<FileError>([&] { require_same_run("x", other, long_b, state.options); });
    CHECK(contains(text, "aatwobb"));
    CHECK(text.size() < 500);
}
