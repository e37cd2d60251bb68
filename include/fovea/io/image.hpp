// SPDX-License-Identifier: BSD-3-Clause
// How do pictures come from and go to files? PNG by libpng's simplified interface, binary PPM and PGM by hand.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <png.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/draw.hpp>

namespace fovea {

/// Largest picture that is read, in pixels: a file of a few bytes may announce far more than it holds.
inline constexpr std::size_t max_picture_pixels = std::size_t{1} << 26;

namespace detail {

inline picture checked_picture(const std::string& path, std::size_t width, std::size_t height) {
    if (width == 0 || height == 0 || width > max_picture_pixels / height) {
        throw FileError(path, "picture size", "1 to " + std::to_string(max_picture_pixels) + " pixels",
                        std::to_string(width) + " x " + std::to_string(height));
    }
    return picture::from_shape({height, width, 3});
}

inline picture decode_png(const std::string& path, std::span<const std::byte> bytes) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const auto fail = [&] {
        const std::string message = image.message;
        png_image_free(&image);
        throw FileError(path, "PNG data", "an intact picture", message);
    };
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
        fail();
    }
    image.format = PNG_FORMAT_RGB;
    picture result;
    try {
        result = checked_picture(path, image.width, image.height);
    } catch (...) {
        png_image_free(&image);
        throw;
    }
    const png_color background{255, 255, 255};  // shows through transparent pixels
    if (png_image_finish_read(&image, &background, result.data(), 0, nullptr) == 0) {
        fail();
    }
    return result;
}

/// P5 (grey) and P6 (colour) with 8 bits: "P6 <width> <height> 255" between white space and # comments, then bytes.
inline picture decode_pnm(const std::string& path, std::span<const std::byte> bytes) {
    std::size_t at = 2;
    const auto fail = [&](const char* field, std::string expected, std::string got) {
        throw FileError(path, field, std::move(expected), std::move(got));
    };
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
    const auto is_space = [](unsigned c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const auto number = [&](const char* field) {
        while (is_space(byte(at)) || byte(at) == '#') {
            if (byte(at) == '#') {
                while (at < bytes.size() && byte(at) != '\n') {
                    ++at;
                }
            } else {
                ++at;
            }
        }
        std::size_t value = 0;
        const std::size_t first = at;
        for (; byte(at) >= '0' && byte(at) <= '9' && at - first < 9; ++at) {
            value = value * 10 + (byte(at) - '0');
        }
        if (at == first || (byte(at) >= '0' && byte(at) <= '9')) {
            fail(field, "a number below 10^9", at == first ? "other text" : "more digits");
        }
        return value;
    };
    const std::size_t width = number("width");
    const std::size_t height = number("height");
    const std::size_t largest = number("largest value");
    if (largest != 255 || !is_space(byte(at))) {
        fail("largest value", "255 and a white space", std::to_string(largest));
    }
    ++at;
    const std::size_t channels = byte(1) == '6' ? 3 : 1;
    picture result = checked_picture(path, width, height);
    if (at > bytes.size() || bytes.size() - at != width * height * channels) {
        fail("data", std::to_string(width * height * channels) + " bytes",
             std::to_string(bytes.size() - std::min(at, bytes.size())) + " bytes");
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
        result.data()[i] = static_cast<std::uint8_t>(bytes[at + (channels == 3 ? i : i / 3)]);
    }
    return result;
}

}  // namespace detail

/// Reads PNG (any depth, palette, grey or alpha: becomes 8-bit RGB, transparent parts on white), PPM or PGM.
inline picture read_picture(const std::string& path) {
    const std::vector<std::byte> bytes = read_file(path, std::size_t{1} << 30);
    const auto first = bytes.size() < 2 ? std::byte{0} : bytes[0];
    if (first == std::byte{'P'} && (bytes[1] == std::byte{'5'} || bytes[1] == std::byte{'6'})) {
        return detail::decode_pnm(path, bytes);
    }
    if (first == std::byte{0x89} && bytes[1] == std::byte{'P'}) {
        return detail::decode_png(path, bytes);
    }
    throw FileError(path, "format", "PNG, PPM (P6) or PGM (P5)", "something else");
}

/// Writes a PNG atomically.
inline void write_png(const std::string& path, const picture& p) {
    if (p.shape()[2] != 3 || p.size() == 0) {
        throw FileError(path, "picture", "[H, W, 3]",
                        detail::shape_text(std::array{p.shape()[0], p.shape()[1], p.shape()[2]}));
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(p.shape()[1]);
    image.height = static_cast<png_uint_32>(p.shape()[0]);
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::vector<std::byte> bytes(size);
    if (png_image_write_to_memory(&image, bytes.data(), &size, 0, p.data(), 0, nullptr) == 0) {
        throw FileError(path, "PNG", "a picture that can be encoded", image.message);
    }
    write_atomically(path, [&](file_writer& out) { out.write(std::span(bytes).first(size)); });
}

/// Writes a binary PPM atomically: for where no PNG viewer is at hand.
inline void write_ppm(const std::string& path, const picture& p) {
    write_atomically(path, [&](file_writer& out) {
        out.write("P6\n" + std::to_string(p.shape()[1]) + " " + std::to_string(p.shape()[0]) + "\n255\n");
        out.write(std::as_bytes(std::span(p.data(), p.size())));
    });
}

}  // namespace fovea
