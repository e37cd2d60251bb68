// SPDX-License-Identifier: BSD-3-Clause
// Do pictures survive a round trip, and are broken ones refused?
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include <fovea/io/image.hpp>

#include "png_file.hpp"
#include "support.hpp"

using namespace fovea;
using namespace io_test;

namespace {

picture noise(std::mt19937& random, std::size_t width, std::size_t height) {
    picture p = make_picture(width, height);
    for (auto& byte : p) {
        byte = static_cast<std::uint8_t>(random());
    }
    return p;
}

colour at(const picture& p, std::size_t x, std::size_t y) { return {p(y, x, 0), p(y, x, 1), p(y, x, 2)}; }

}  // namespace

TEST_CASE("image: PNG and PPM give back what was written") {
    const scratch dir;
    CAPTURE(seed());
    std::mt19937 random(seed());
    for (int round = 0; round < 10; ++round) {
        const picture p = noise(random, 1 + random() % 40, 1 + random() % 40);
        write_png(dir / "a.png", p);
        CHECK((read_picture(dir / "a.png") == p));
        write_ppm(dir / "a.ppm", p);
        CHECK((read_picture(dir / "a.ppm") == p));
    }
}

TEST_CASE("image: every kind of PNG is read as its bytes say") {
    const scratch dir;
    CAPTURE(seed());
    std::mt19937 random(seed());
    constexpr std::pair<unsigned, unsigned> kinds[] = {{0, 1}, {0, 2}, {0, 4},  {0, 8}, {0, 16}, {3, 1}, {3, 2}, {3, 4},
                                                       {3, 8}, {4, 8}, {4, 16}, {2, 8}, {2, 16}, {6, 8}, {6, 16}};
    for (int round = 0; round < 4 * 15 * 6; ++round) {
        png_facts png;
        std::tie(png.type, png.depth) = kinds[round / 4 % 15];
        png.interlaced = round % 2 == 1;
        const bool keyed = round / 2 % 2 == 1;  // tRNS
        png.width = 1 + random() % 19;
        png.height = 1 + random() % 19;
        const std::size_t colours = 1 + random() % (png.most() + 1u);
        for (std::size_t i = 0; i < png.width * png.height * png.channels(); ++i) {
            const bool end = random() % 8 == 0;  // 0 and the largest value, often
            png.samples.push_back(png.type == 3 ? static_cast<unsigned>(random() % colours)
                                  : end         ? static_cast<unsigned>(random() % 2) * png.most()
                                                : static_cast<unsigned>(random()) & png.most());
        }
        const auto bytes = [&](std::size_t count) {
            std::string text;
            while (text.size() < count) {
                text += static_cast<char>(random());
            }
            return text;
        };
        png.palette = bytes(png.type == 3 ? 3 * colours : 0);
        if (keyed && png.type == 3) {
            png.transparent = bytes(1 + random() % colours);
        } else if (keyed && png.channels() % 2 == 1) {
            const std::size_t pixel = random() % (png.width * png.height);
            for (unsigned c = 0; c < png.channels(); ++c) {
                png.transparent += big_endian(png.samples[pixel * png.channels() + c], 2);
            }
        }
        if (random() % 2 == 0) {  // what a viewer would use, and what nobody can
            png.others = chunk("gAMA", big_endian(100'000)) + chunk("iCCP", "no profile") + chunk("tEXt", "a");
        }
        put(dir / "a.png", png.file());
        const colour background{static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random()), 255};
        const picture p = read_picture(dir / "a.png", background);
        REQUIRE((p.shape()[0] == png.height && p.shape()[1] == png.width && p.shape()[2] == 3));
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            const std::size_t y = i / 3 / png.width, x = i / 3 % png.width;
            wrong += p.data()[i] != png.expected(y, x, i % 3, background);
        }
        CAPTURE(png.type, png.depth, png.interlaced, keyed, png.width, png.height);
        CHECK(wrong == 0);
    }
    const png_facts half{.type = 4, .samples = {10, 100}};
    put(dir / "a.png", half.file());
    CHECK(at(read_picture(dir / "a.png"), 0, 0) == colour{159, 159, 159});  // on white: 255 + (10 - 255) 100 / 255
    put(dir / "a.pgm", "P5 # a comment\n2\n1 255\n\x07\x08");
    CHECK(at(read_picture(dir / "a.pgm"), 1, 0) == colour{8, 8, 8});
}

TEST_CASE("image: hostile and broken files are refused with the field that is wrong") {
    const scratch dir;
    std::mt19937 random(1);
    write_png(dir / "a.png", noise(random, 20, 20));
    const std::string good = get(dir / "a.png");
    std::string wrong = good;
    wrong[good.size() / 2] = static_cast<char>(wrong[good.size() / 2] ^ 1);
    const auto sized = [&](std::size_t width, std::size_t height) {  // with a correct checksum of the header
        return good.substr(0, 8) + chunk("IHDR", big_endian(width) + big_endian(height) + good.substr(24, 5)) +
               good.substr(33);
    };
    const png_facts outside{.type = 3, .samples = {1}, .palette = "abc"};
    png_facts wrong_key{.samples = {1}, .transparent = "abc"};
    png_facts short_data{.width = 2, .height = 1000, .samples = std::vector<unsigned>(2000)};
    std::string short_file = short_data.file();
    short_file.replace(8, 25, chunk("IHDR", big_endian(3) + big_endian(1000) + std::string("\x08\0\0\0\0", 5)));
    struct {
        std::string bytes;
        const char* field;
    } const cases[] = {
        {"", "format"},
        {"GIF89a", "format"},
        {good.substr(0, good.size() / 2), "PNG data"},
        {good.substr(0, 40), "PNG data"},
        {good.substr(0, 8), "PNG data"},
        {wrong, "PNG data"},
        {sized(983'060, 983'060), "picture size"},  // 2.9 TB
        {sized(8192, 8192), "picture size"},        // few enough pixels, but not in so small a file
        {sized(21, 20), "PNG data"},
        {good.substr(0, good.size() - 1), "PNG data"},
        {short_file, "PNG data"},
        {outside.file(), "palette index at row 0, column 0"},
        {wrong_key.file(), "PNG data"},
        {"P6", "width"},
        {"P6 x", "width"},
        {"P6 2", "height"},
        {"P6 2 -1", "height"},
        {"P6 1 1 65535 123456", "largest value"},
        {"P6 1 1 255", "largest value"},
        {"P6 1 1 255 12", "data"},
        {"P6 1 1 255 1234", "data"},
        {"P6 1 1 255 # no comment here", "data"},
        {"P6 0 1 255 ", "picture size"},
        {"P6 999999999 999999999 255 ", "picture size"},
        {"P6 299099 99 255 1", "data"},  // 89 MB
        {"P6 9999999999 1 255 ", "width"},
    };
    for (const auto& [bytes, field] : cases) {
        CAPTURE(bytes);
        put(dir / "b", bytes);
        const FileError error = refusal([&] { read_picture(dir / "b"); });
        CAPTURE(error.what());
        CHECK(error.field == field);
    }
    CHECK(refusal([&] { write_png(dir / "c", picture::from_shape({3, 0, 3})); }).field == "picture");
    CHECK(refusal([&] { write_png(dir / "c", picture::from_shape({3, 3, 1})); }).field == "picture");
}
