// SPDX-License-Identifier: BSD-3-Clause
// PNG files of every kind, and the picture that each must give.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <zlib.h>

#include <fovea/io/image.hpp>

#include "support.hpp"

namespace io_test {

inline std::string big_endian(std::size_t value, unsigned bytes = 4) {
    std::string text;
    for (unsigned i = bytes; i-- > 0;) {
        text += static_cast<char>(value >> (8 * i));
    }
    return text;
}

inline std::string chunk(const std::string& type, const std::string& data) {
    const std::string body = type + data;
    return big_endian(data.size()) + body +
           big_endian(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
}

inline std::string deflated(const std::string& bytes) {
    uLongf size = compressBound(static_cast<uLong>(bytes.size()));
    std::string packed(size, '\0');
    REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                     static_cast<uLong>(bytes.size())) == Z_OK);
    packed.resize(size);
    return packed;
}

/// What a PNG file says, before it is packed.
struct png_facts {
    std::size_t width = 1, height = 1;
    unsigned depth = 8;
    unsigned type = 0;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
    bool interlaced = false;
    std::vector<unsigned> samples{};  ///< height x width x channels()
    std::string palette{}, transparent{}, others{};

    unsigned channels() const { return type == 0 || type == 3 ? 1 : type == 4 ? 2 : type == 2 ? 3 : 4; }
    unsigned most() const { return (1u << depth) - 1; }

    std::string rows(std::size_t y0, std::size_t x0, std::size_t dy, std::size_t dx) const {
        std::string bytes;
        for (std::size_t y = y0; y < height && x0 < width; y += dy) {
            bytes += '\0';  // no filter
            unsigned bits = 0, filled = 0;
            for (std::size_t x = x0; x < width; x += dx) {
                for (unsigned c = 0; c < channels(); ++c) {
                    bits = bits << depth | samples[(y * width + x) * channels() + c];
                    filled += depth;
                    for (; filled >= 8; filled -= 8) {
                        bytes += static_cast<char>(bits >> (filled - 8));
                    }
                }
            }
            bytes += filled > 0 ? std::string(1, static_cast<char>(bits << (8 - filled))) : "";
        }
        return bytes;
    }
    std::string file() const {
        std::string data = interlaced ? "" : rows(0, 0, 1, 1);
        if (interlaced) {
            data = rows(0, 0, 8, 8) + rows(0, 4, 8, 8) + rows(4, 0, 8, 4) + rows(0, 2, 4, 4) + rows(2, 0, 4, 2) +
                   rows(0, 1, 2, 2) + rows(1, 0, 2, 1);
        }
        return "\x89PNG\r\n\x1a\n" +
               chunk("IHDR", big_endian(width) + big_endian(height) + big_endian(depth, 1) + big_endian(type, 1) +
                                 std::string(2, '\0') + big_endian(interlaced, 1)) +
               others + (palette.empty() ? "" : chunk("PLTE", palette)) +
               (transparent.empty() ? "" : chunk("tRNS", transparent)) + chunk("IDAT", deflated(data)) +
               chunk("IEND", "");
    }
    /// Channel c of a pixel as it must be read, in floating point: each value a share of the largest one.
    int expected(std::size_t y, std::size_t x, std::size_t c, const fovea::colour& background) const {
        const unsigned* pixel = samples.data() + (y * width + x) * channels();
        const auto byte = [](const std::string& text, std::size_t at) {
            return at < text.size() ? static_cast<unsigned char>(text[at]) : 255u;
        };
        const unsigned stored = channels() >= 3 ? pixel[c] : pixel[0];
        double value = static_cast<double>(stored) / most();
        double alpha = channels() % 2 == 0 ? static_cast<double>(pixel[channels() - 1]) / most() : 1.0;
        if (type == 3) {
            value = byte(palette, 3 * stored + c) / 255.0;
            alpha = byte(transparent, stored) / 255.0;
        } else if (!transparent.empty()) {
            bool equal = true;
            for (unsigned k = 0; k < channels(); ++k) {
                equal = equal && pixel[k] == (byte(transparent, 2 * k) << 8 | byte(transparent, 2 * k + 1));
            }
            alpha = equal ? 0.0 : 1.0;
        }
        return static_cast<int>(std::floor(255.0 * value * alpha + background[c] * (1.0 - alpha) + 0.5 + 1e-9));
    }
};

}  // namespace io_test
