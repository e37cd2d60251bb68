// SPDX-License-Identifier: BSD-3-Clause
// Can any bytes crash a reader? Valid files are mutated; each mutant is loaded or refused with fovea::Error. Any other
// exception fails, so does memory of more than twice the file and 64 MB, and a sanitizer sees the rest.
// FOVEA_FUZZ=<mutants a format> (default 600), FOVEA_SEED repeats.
#include <algorithm>
#include <cstring>
#include <utility>

#include <zlib.h>

#include <fovea/io/cifar.hpp>
#include <fovea/io/idx.hpp>
#include <fovea/io/image.hpp>
#include <fovea/io/m2nist.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/npy_mapped.hpp>
#include <fovea/io/safetensors.hpp>

#include "../execute/allocations.hpp"
#include "png_file.hpp"
#include "support.hpp"

using namespace fovea;
using namespace io_test;

namespace {

/// One to four edits: bits, bytes, numbers, cuts, insertions and pieces copied within the file.
std::string mutate(std::string bytes, std::mt19937& random) {
    static const std::vector<std::string> pieces{"0",
                                                 "1",
                                                 "-1",
                                                 "255",
                                                 "4294967296",
                                                 "9223372036854775807",
                                                 "18446744073709551615",
                                                 "1e400",
                                                 "{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 "(",
                                                 ")",
                                                 "'",
                                                 "\"",
                                                 ",",
                                                 ":",
                                                 "\\u0000",
                                                 "\\ud800",
                                                 "null",
                                                 "True",
                                                 std::string(1, '\0'),
                                                 "\xff\xff\xff\xff",
                                                 "\x7f\xff\xff\xff",
                                                 std::string(300, '['),
                                                 std::string(300, ' ')};
    const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
        // Half of the edits hit the first 200 bytes, where the headers are.
        const std::size_t at = below(random() % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 200));
        const std::size_t length = std::min<std::size_t>(below(30), bytes.size() - at);
        switch (random() % 8) {
            case 0: bytes.resize(at); break;
            case 1: bytes.erase(at, length); break;
            case 2: bytes.insert(at, pieces[random() % pieces.size()]); break;
            case 3: bytes.replace(at, length, pieces[random() % pieces.size()]); break;
            case 4: bytes.insert(below(bytes.size()), bytes.substr(at, length)); break;
            case 5:
                if (!bytes.empty()) {
                    bytes[at] = static_cast<char>(random());
                }
                break;
            case 6:  // a digit becomes another digit, so that texts stay well-formed and numbers go wrong
                if (const auto digit = bytes.find_first_of("0123456789", at); digit != std::string::npos) {
                    bytes[digit] = static_cast<char>('0' + random() % 10);
                }
                break;
            default:
                if (!bytes.empty()) {
                    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
                }
        }
    }
    return bytes;
}

/// What a load took at its most; nothing is counted under AddressSanitizer.
template <class Load>
std::size_t memory_of(Load&& load, const std::string& path) {
    const std::size_t before = test::held_bytes();
    static_cast<void>(test::most_held_bytes());
    try {
        load(path);
    } catch (const Error&) {
    }
    return test::most_held_bytes() - before;
}

/// Correct checksums of the chunks of a PNG, as far as they are there: what is behind them is reached.
std::string with_checksums(std::string png) {
    const auto number = [&](std::size_t at) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            value = value << 8 | static_cast<unsigned char>(png[at + i]);
        }
        return value;
    };
    for (std::size_t at = 8; at + 12 <= png.size() && number(at) <= png.size() - at - 12; at += 12 + number(at)) {
        const std::string whole = chunk(png.substr(at + 4, 4), png.substr(at + 8, number(at)));
        png.replace(at, whole.size(), whole);
    }
    return png;
}

/// Loads mutants of the seeds, mended by `mend`, through `load(path)`; of a slow one only every `share`-th.
template <class Load>
void fuzz(
    const std::vector<std::string>& seeds, Load&& load, unsigned long share = 1,
    std::string (*mend)(std::string) = [](std::string bytes) { return bytes; }) {
    const char* given = std::getenv("FOVEA_FUZZ");
    const unsigned long count = (given ? std::strtoul(given, nullptr, 10) : 600) / share + 1;
    const scratch dir;
    const std::string path = dir / "mutant";
    for (const std::string& bytes : seeds) {
        put(path, bytes);
        CHECK_NOTHROW(load(path));
    }
    CAPTURE(seed());
    std::mt19937 random(seed());
    std::size_t loaded = 0;
    std::string failure;
    for (unsigned long i = 0; i < count && failure.empty(); ++i) {
        const std::string bytes = mend(mutate(seeds[random() % seeds.size()], random));
        put(path, bytes);
        try {
            const std::size_t memory = memory_of([&](const std::string& mutant) { load(mutant), ++loaded; }, path);
            if (memory > 2 * bytes.size() + (64u << 20)) {
                failure = "mutant " + std::to_string(i) + ": " + std::to_string(memory) + " bytes of memory";
            }
        } catch (const std::exception& error) {
            failure = "mutant " + std::to_string(i) + ": " + error.what();
        }
    }
    CHECK(failure == "");
    CHECK(loaded < count);  // else the mutations do not reach what is checked
}

}  // namespace

TEST_CASE("fuzz: npy") {
    std::vector<std::string> seeds;
    for (const char* name : {"f4.npy", "fortran.npy", "version2.npy", "version3.npy", "empty.npy", "scalar.npy"}) {
        seeds.push_back(get(golden(name)));
    }
    fuzz(seeds, [](const std::string& path) {
        const auto array = npy::load<float>(path);
        std::size_t count = 1;
        for (const std::size_t extent : array.shape()) {
            count *= extent;
        }
        if (array.size() != count) {
            throw std::logic_error("the array has another size than its shape");
        }
    });
}

TEST_CASE("fuzz: safetensors") {
    fuzz({get(golden("mixed.safetensors"))}, [](const std::string& path) {
        const auto file = safetensors::read(path);
        volatile std::size_t sum = 0;  // every byte is read
        for (const auto& entry : file.entries()) {
            for (const std::byte byte : entry.bytes) {
                sum = sum + static_cast<std::size_t>(byte);
            }
            if (entry.type == safetensors::dtype::f32) {
                sum = sum + file.floats(entry).size();
            }
        }
        // What is read can be written, and reads the same.
        const std::string again = path + ".again";
        safetensors::write(again, file.entries(), file.metadata());
        if (safetensors::read(again).entries().size() != file.entries().size()) {
            throw std::logic_error("a file changed when it was written again");
        }
    });
}

TEST_CASE("fuzz: idx, plain and gzipped, with zeros behind") {
    const std::string plain = std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x04\0\0\0\x05", 16) + std::string(60, '\x01');
    const scratch dir;
    for (const auto& part : {plain.substr(0, 20), plain.substr(20)}) {  // two packed streams
        gzFile file = gzopen((dir / "gz").c_str(), "ab");
        gzwrite(file, part.data(), static_cast<unsigned>(part.size()));
        gzclose(file);
    }
    fuzz({plain, get(dir / "gz"), get(dir / "gz") + std::string(50, '\0')},
         [](const std::string& path) { load_idx_images(path); });
}

TEST_CASE("fuzz: cifar") {
    fuzz({std::string(3073 * 2, '\x01')},
         [](const std::string& path) { detail::load_cifar({path}, 1, 0, std::vector<std::string>(10)); });
}

TEST_CASE("fuzz: m2nist masks") {
    const scratch dir;
    npy::save(dir / "combined.npy", xt::xtensor<std::uint8_t, 3>(xt::zeros<std::uint8_t>({1, 64, 84})));
    xt::xtensor<std::uint8_t, 4> masks = xt::zeros<std::uint8_t>({1, 64, 84, 11});
    xt::view(masks, xt::all(), xt::all(), xt::all(), 10) = 1;
    npy::save(dir / "segmented.npy", masks);
    const std::string whole = get(dir / "segmented.npy");
    fuzz(
        {whole},
        [&](const std::string& path) {
            std::filesystem::copy_file(path, dir / "segmented.npy", std::filesystem::copy_options::overwrite_existing);
            load_m2nist(dir.path());
        },
        5);
}

TEST_CASE("fuzz: pictures") {
    const scratch dir;
    picture p = make_picture(12, 9, colour{10, 20, 30});
    p(4, 5, 1) = 200;
    write_png(dir / "a.png", p);
    write_ppm(dir / "a.ppm", p);
    std::vector<std::string> seeds{get(dir / "a.png")};
    std::mt19937 random(seed());
    for (const auto& [type, depth] : {std::pair{3u, 4u}, {3u, 8u}, {0u, 1u}, {0u, 16u}, {2u, 16u}, {6u, 8u}}) {
        png_facts png{.width = 9, .height = 7, .depth = depth, .type = type, .interlaced = depth != 4};
        for (std::size_t i = 0; i < 9 * 7 * png.channels(); ++i) {
            png.samples.push_back(static_cast<unsigned>(random()) & (type == 3 ? 3u : png.most()));
        }
        png.palette = type == 3 ? "red, green 12" : "";
        png.palette.resize(type == 3 ? 12 : 0);
        png.transparent = type == 3 ? "ab" : type == 0 ? std::string("\0\1", 2) : "";
        png.others = chunk("gAMA", big_endian(45'455)) + chunk("tEXt", "a");
        seeds.push_back(png.file());
    }
    const auto load = [](const std::string& path) { read_picture(path); };
    fuzz(seeds, load);
    fuzz(seeds, load, 1, with_checksums);
    fuzz({get(dir / "a.ppm"), "P5 2 2 255 1234"}, load);
}

TEST_CASE("fuzz: what a file only announces takes no memory") {
    const scratch dir;
    const std::string path = dir / "a";
    const auto takes_none = [&](const std::string& bytes, auto load) {
        put(path, bytes);
        CHECK_THROWS_AS(load(path), FileError);
        CHECK(memory_of(load, path) < (1u << 20));
    };
    const auto picture_of_file = [](const std::string& file) { read_picture(file); };
    takes_none("P6 8000 8000 255 123", picture_of_file);
    takes_none("P5 8000 8000 255 123", picture_of_file);
    for (const unsigned type : {0u, 2u, 6u}) {
        const std::string png = png_facts{.type = type, .samples = {1, 2, 3, 4}}.file();
        const std::string size = big_endian(8000) + big_endian(8000);
        takes_none(png.substr(0, 8) + chunk("IHDR", size + png.substr(24, 5)) + png.substr(33), picture_of_file);
    }
    const auto idx_of_file = [](const std::string& file) { load_idx_images(file); };
    const std::string idx("\0\0\x08\x03\0\x0f\xff\xff\0\0\0\x04\0\0\0\x05 and a few bytes", 32);
    takes_none(idx, idx_of_file);
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, idx.data(), static_cast<unsigned>(idx.size()));
    gzclose(file);
    takes_none(get(path), idx_of_file);
    npy::save(path, xt::xtensor<float, 1>{1, 2, 3});
    std::string npy = get(path);
    npy.replace(npy.find("(3,)"), 11, "(99999999,)");
    takes_none(npy, [](const std::string& array) { npy::load<float>(array); });
    takes_none(npy, [](const std::string& array) { npy::mapped_image<float>{array}; });
}
