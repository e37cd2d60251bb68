// SPDX-License-Identifier: BSD-3-Clause
// How do pictures come from and go to files? The stored values of PNG (by libpng), binary PPM and PGM (by hand).
#pragma once

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <png.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>

namespace fovea {

using picture = xt::xtensor<std::uint8_t, 3>;  ///< (H, W, 3): red, green, blue
using colour = std::array<std::uint8_t, 3>;

inline constexpr colour black{0, 0, 0};
inline constexpr colour white{255, 255, 255};

inline picture make_picture(std::size_t width, std::size_t height, colour c = black) {
    picture p = picture::from_shape({height, width, 3});
    for (std::size_t i = 0; i < p.size(); ++i) {
        p.data()[i] = c[i % 3];
    }
    return p;
}

/// Largest picture that is read, in pixels: a file of a few bytes may announce far more than it holds.
inline constexpr std::size_t max_picture_pixels = std::size_t{1} << 26;

namespace detail {

inline void check_picture_size(const std::string& path, std::size_t width, std::size_t height) {
    if (width == 0 || height == 0 || width > max_picture_pixels / height) {
        throw FileError(path, "picture size", "1 to " + std::to_string(max_picture_pixels) + " pixels",
                        std::to_string(width) + " x " + std::to_string(height));
    }
}

/// The stored samples of a PNG in memory, row by row. libpng tells of an error by a jump to where it was called from:
/// each call of it that can fail is made by run(), with nothing in between that has a destructor.
class png_reader {
public:
    png_reader(const std::string& path, std::span<const std::byte> bytes)
        : path_(path), rest_(bytes), handles_(this), png_(handles_.png), info_(handles_.info) {
        run([this] {
            png_set_read_fn(png_, this, &on_read);
#ifdef PNG_SET_UNKNOWN_CHUNKS_SUPPORTED
            // Nothing but IHDR, PLTE, tRNS, IDAT and IEND: gamma, profiles and texts change no value here.
            png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
#endif
            png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
            png_set_benign_errors(png_, 0);  // else a wrong tRNS is passed over
            png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
            png_read_info(png_, info_);
            png_set_benign_errors(png_, 1);
        });
        width = png_get_image_width(png_, info_);
        height = png_get_image_height(png_, info_);
        depth = png_get_bit_depth(png_, info_);
        channels = png_get_channels(png_, info_);
        interlaced_ = png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE;
        int palette_size = 0;
        png_color* colours = nullptr;
        if (png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE &&
            png_get_PLTE(png_, info_, &colours, &palette_size) != 0) {
            palette = {colours, static_cast<std::size_t>(palette_size)};
        }
        int transparent_size = 0;
        png_byte* alphas = nullptr;
        png_color_16* key = nullptr;
        if (png_get_tRNS(png_, info_, &alphas, &transparent_size, &key) != 0) {
            if (palette.empty()) {
                transparent = key;
            } else {
                palette_alpha = {alphas, static_cast<std::size_t>(transparent_size)};
            }
        }
    }

    std::size_t width = 0;
    std::size_t height = 0;
    unsigned depth = 0;     ///< bits a sample
    unsigned channels = 0;  ///< 1: grey or palette, 2: grey and alpha, 3: RGB, 4: RGB and alpha
    std::span<const png_color> palette;
    std::span<const png_byte> palette_alpha;    ///< of the first colours; the others are opaque
    const png_color_16* transparent = nullptr;  ///< the grey or colour that is transparent

    /// Could the file hold all rows? deflate reaches 1032 : 1 at best (zlib's technical notes).
    bool can_hold_rows(std::size_t file_size) const {
        std::size_t bytes = 0;
        for_each_pass([&](int, std::size_t columns, std::size_t rows) {
            bytes += rows * (1 + (columns * channels * depth + 7) / 8);
        });
        return bytes / 1032 <= file_size;
    }

    /// pixel(y, x, samples) for each, in the order of the file.
    template <class Pixel>
    void read(Pixel pixel) {
        run([this] {
            png_set_packing(png_);  // a byte a sample of 1, 2 or 4 bits, not scaled
            png_set_swap(png_);     // samples of 16 bits as this machine has them
            png_read_update_info(png_, info_);
        });
        std::vector<png_byte> row(png_get_rowbytes(png_, info_));
        for_each_pass([&](int pass, std::size_t columns, std::size_t rows) {
            for (std::size_t r = 0; r < rows; ++r) {
                run([&] { png_read_row(png_, row.data(), nullptr); });
                const std::size_t y = interlaced_ ? PNG_ROW_FROM_PASS_ROW(r, pass) : r;
                std::array<unsigned, 4> samples{};
                for (std::size_t c = 0; c < columns; ++c) {
                    for (unsigned k = 0; k < channels; ++k) {
                        samples[k] = sample(row.data(), c * channels + k);
                    }
                    pixel(y, interlaced_ ? PNG_COL_FROM_PASS_COL(c, pass) : c, samples);
                }
            }
        });
        run([this] { png_read_end(png_, nullptr); });
    }

private:
    struct handles {
        explicit handles(png_reader* reader)
            : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, &on_error, &on_warning)),
              info(png != nullptr ? png_create_info_struct(png) : nullptr) {
            if (info == nullptr) {
                png_destroy_read_struct(&png, nullptr, nullptr);
                throw std::bad_alloc();
            }
        }
        handles(const handles&) = delete;
        handles& operator=(const handles&) = delete;
        ~handles() { png_destroy_read_struct(&png, &info, nullptr); }
        png_struct* png;
        png_info* info;
    };

    template <class Call>
    void run(Call call) {
        if (setjmp(png_jmpbuf(png_)) != 0) {
            throw FileError(path_, "PNG data", "an intact picture", message_);
        }
        call();
    }
    [[noreturn]] static void on_error(png_struct* png, const char* message) {
        auto& reader = *static_cast<png_reader*>(png_get_error_ptr(png));
        std::snprintf(reader.message_, sizeof reader.message_, "%s", message);
        png_longjmp(png, 1);
    }
    static void on_warning(png_struct*, const char*) {}
    static void on_read(png_struct* png, png_byte* to, std::size_t count) {
        auto& reader = *static_cast<png_reader*>(png_get_io_ptr(png));
        if (count > reader.rest_.size()) {
            png_error(png, "a truncated one");
        }
        std::memcpy(to, reader.rest_.data(), count);
        reader.rest_ = reader.rest_.subspan(count);
    }

    /// Adam7's passes, of which small pictures lack some, or the whole picture as one.
    template <class Pass>
    void for_each_pass(Pass pass) const {
        if (!interlaced_) {
            pass(0, width, height);
            return;
        }
        for (int number = 0; number < PNG_INTERLACE_ADAM7_PASSES; ++number) {
            const std::size_t columns = PNG_PASS_COLS(width, number), rows = PNG_PASS_ROWS(height, number);
            if (columns > 0 && rows > 0) {
                pass(number, columns, rows);
            }
        }
    }

    unsigned sample(const png_byte* row, std::size_t number) const {
        if (depth < 16) {
            return row[number];
        }
        std::uint16_t value = 0;
        std::memcpy(&value, row + 2 * number, 2);
        return value;
    }

    const std::string& path_;
    std::span<const std::byte> rest_;
    char message_[128] = "";
    handles handles_;
    png_struct* png_;
    png_info* info_;
    bool interlaced_ = false;
};

inline picture decode_png(const std::string& path, std::span<const std::byte> bytes, const colour& background) {
    png_reader in(path, bytes);
    check_picture_size(path, in.width, in.height);
    if (!in.can_hold_rows(bytes.size())) {
        throw FileError(path, "picture size",
                        "a picture that a file of " + std::to_string(bytes.size()) + " bytes can hold",
                        std::to_string(in.width) + " x " + std::to_string(in.height));
    }
    const std::uint64_t most = (1u << (in.palette.empty() ? in.depth : 8)) - 1;  // of a sample, and of alpha
    const auto is_key = [&](const std::array<unsigned, 4>& samples) {
        if (in.transparent == nullptr) {
            return false;
        }
        const png_color_16& key = *in.transparent;  // of which the low bits count
        return in.channels == 1 ? samples[0] == (key.gray & most)
                                : samples[0] == (key.red & most) && samples[1] == (key.green & most) &&
                                      samples[2] == (key.blue & most);
    };
    picture result = picture::from_shape({in.height, in.width, 3});
    in.read([&](std::size_t y, std::size_t x, const std::array<unsigned, 4>& samples) {
        std::array<std::uint64_t, 3> rgb{samples[0], samples[0], samples[0]};
        std::uint64_t alpha = is_key(samples) ? 0 : most;
        if (!in.palette.empty()) {
            if (samples[0] >= in.palette.size()) {
                throw FileError(path, "palette index at row " + std::to_string(y) + ", column " + std::to_string(x),
                                "below " + std::to_string(in.palette.size()), std::to_string(samples[0]));
            }
            const png_color& c = in.palette[samples[0]];
            rgb = {c.red, c.green, c.blue};
            alpha = samples[0] < in.palette_alpha.size() ? in.palette_alpha[samples[0]] : most;
        } else if (in.channels >= 3) {
            rgb = {samples[0], samples[1], samples[2]};
        }
        if (in.channels % 2 == 0) {
            alpha = samples[in.channels - 1];
        }
        std::uint8_t* const to = result.data() + 3 * (y * in.width + x);
        if (most == 255 && alpha == most) {  // most pictures: no division
            std::transform(rgb.begin(), rgb.end(), to, [](std::uint64_t v) { return static_cast<std::uint8_t>(v); });
            return;
        }
        for (std::size_t c = 0; c < 3; ++c) {  // rounded once
            const std::uint64_t sum = 255 * rgb[c] * alpha + background[c] * most * (most - alpha);
            to[c] = static_cast<std::uint8_t>((2 * sum + most * most) / (2 * most * most));
        }
    });
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
    check_picture_size(path, width, height);
    if (at > bytes.size() || bytes.size() - at != width * height * channels) {
        fail("data", std::to_string(width * height * channels) + " bytes",
             std::to_string(bytes.size() - std::min(at, bytes.size())) + " bytes");
    }
    picture result = picture::from_shape({height, width, 3});
    for (std::size_t i = 0; i < result.size(); ++i) {
        result.data()[i] = static_cast<std::uint8_t>(bytes[at + (channels == 3 ? i : i / 3)]);
    }
    return result;
}

}  // namespace detail

/// Reads PNG, PPM or PGM of 8 bits as RGB of 8 bits, the values as they are stored: without gamma or colour profiles.
/// PNG: any colour type and depth, interlaced or not; a sample v of b bits becomes round(v * 255 / (2^b - 1)), of 16
/// bits round(v / 257). Where it is transparent (alpha, tRNS) `background` shows through in proportion, also of stored
/// values; its own background (bKGD) is not looked at.
inline picture read_picture(const std::string& path, const colour& background = white) {
    const std::vector<std::byte> bytes = read_file(path, std::size_t{1} << 30);
    const auto first = bytes.size() < 2 ? std::byte{0} : bytes[0];
    if (first == std::byte{'P'} && (bytes[1] == std::byte{'5'} || bytes[1] == std::byte{'6'})) {
        return detail::decode_pnm(path, bytes);
    }
    if (first == std::byte{0x89} && bytes[1] == std::byte{'P'}) {
        return detail::decode_png(path, bytes, background);
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
