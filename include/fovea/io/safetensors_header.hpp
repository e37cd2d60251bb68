// SPDX-License-Identifier: BSD-3-Clause
// What may stand in the header of a .safetensors file? Element types, and the handler of the JSON parser's events that
// refuses everything else.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/detail/error.hpp>
#include <fovea/io/atomic_file.hpp>

namespace fovea::safetensors {

/// Element types, in the reference's order of increasing alignment (a writer sorts by it, largest first).
enum class dtype : std::uint8_t {
    boolean,
    f4,
    f6_e2m3,
    f6_e3m2,
    u8,
    i8,
    f8_e5m2,
    f8_e4m3,
    f8_e8m0,
    f8_e4m3fnuz,
    f8_e5m2fnuz,
    i16,
    u16,
    f16,
    bf16,
    i32,
    u32,
    f32,
    c64,
    f64,
    i64,
    u64
};

namespace detail {

struct dtype_row {
    std::string_view name;
    std::size_t bits;
};

inline constexpr std::array<dtype_row, 22> dtypes{{
    {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
    {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64},
}};

inline constexpr std::size_t max_header = 100'000'000;  // the reference's limit
inline constexpr std::string_view metadata_key = "__metadata__";

}  // namespace detail

/// "F32", "BF16" ... as the header spells it.
constexpr std::string_view name_of(dtype type) { return detail::dtypes[static_cast<std::size_t>(type)].name; }

using metadata_map = std::map<std::string, std::string>;

namespace detail {

struct raw_entry {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::size_t> shape;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Takes the events of the JSON parser. The format has two levels of objects and two arrays of unsigned integers, so
/// a state is enough: what does not fit is refused at the event, which bounds depth and memory.
class header_handler {
public:
    explicit header_handler(const std::string& path) : path_(path) {}

    std::vector<raw_entry> entries;
    metadata_map metadata;

    bool null() { return unexpected("null"); }
    bool boolean(bool) { return unexpected("true or false"); }
    bool number_integer(std::int64_t) { return unexpected("a negative number"); }
    bool number_float(double, const std::string&) { return unexpected("a fraction or a number above 2^64"); }
    template <class Binary>
    bool binary(Binary&) {
        return unexpected("binary data");
    }

    bool number_unsigned(std::uint64_t value) {
        if (place_ == place::shape && entries.back().shape.size() < 64) {
            entries.back().shape.push_back(value);
        } else if (place_ == place::offsets && offsets_ < 2) {
            (offsets_++ == 0 ? entries.back().begin : entries.back().end) = value;
        } else if (place_ == place::shape || place_ == place::offsets) {
            fail(field(), place_ == place::shape ? "at most 64 dimensions" : "two offsets", "more");
        } else {
            return unexpected("a number");
        }
        return true;
    }

    bool string(std::string& value) {
        if (place_ == place::metadata) {
            metadata[key_] = value;
        } else if (place_ == place::tensor && key_ == "dtype") {
            const auto row = std::find_if(dtypes.begin(), dtypes.end(), [&](auto& r) { return r.name == value; });
            if (row == dtypes.end()) {
                fail(field(), "a known type such as F32", "'" + printable(value) + "'");
            }
            entries.back().type = static_cast<dtype>(row - dtypes.begin());
        } else {
            return unexpected("a string");
        }
        return true;
    }

    bool key(std::string& name) {
        key_ = name;
        if (place_ == place::tensor) {
            const unsigned bit = name == "dtype" ? 1 : name == "shape" ? 2 : name == "data_offsets" ? 4 : 0;
            if (bit == 0 || (seen_ & bit) != 0) {
                fail("tensor '" + printable(entries.back().name) + "'", "dtype, shape and data_offsets, once each",
                     std::string(bit == 0 ? "an unknown" : "a second") + " field '" + printable(name) + "'");
            }
            seen_ |= bit;
        } else if (place_ == place::metadata && metadata.count(name) != 0) {
            fail("__metadata__", "distinct keys", "'" + printable(name) + "' twice");
        } else if (place_ == place::top && name == metadata_key && have_metadata_) {
            fail("header", "distinct names", "'__metadata__' twice");
        }
        return true;
    }

    bool start_object(std::size_t) {
        if (place_ == place::outside) {
            place_ = place::top;
        } else if (place_ == place::top && key_ == metadata_key) {
            place_ = place::metadata;
            have_metadata_ = true;
        } else if (place_ == place::top) {
            place_ = place::tensor;
            entries.emplace_back().name = key_;
            seen_ = 0;
            offsets_ = 0;
        } else {
            return unexpected("an object");
        }
        return true;
    }

    bool end_object() {
        if (place_ == place::tensor && (seen_ != 7 || offsets_ != 2)) {
            fail("tensor '" + printable(entries.back().name) + "'", "dtype, shape and two data_offsets", "fewer");
        }
        place_ = place_ == place::top ? place::outside : place::top;
        return true;
    }

    bool start_array(std::size_t) {
        if (place_ != place::tensor || key_ == "dtype") {
            return unexpected("an array");
        }
        place_ = key_ == "shape" ? place::shape : place::offsets;
        return true;
    }

    bool end_array() {
        place_ = place::tensor;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
        std::string text = error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 3: ..."
        const std::size_t colon = text.find(": ");
        fail("header", "JSON in UTF-8",
             "a mistake at byte " + std::to_string(position) + " (" +
                 printable(colon == std::string::npos ? text : text.substr(colon + 2)) + ")");
    }

    [[noreturn]] void fail(std::string where, std::string expected, std::string got, std::string remedy = {}) const {
        throw FileError(path_, std::move(where), std::move(expected), std::move(got), std::move(remedy));
    }

    /// At most 100 characters for messages; a cut never matters to UTF-8 since other bytes than ASCII become '?'.
    static std::string printable(std::string_view text) {
        std::string out;
        for (const char c : text.substr(0, 100)) {
            out += c >= ' ' && c <= '~' ? c : '?';
        }
        return text.size() > 100 ? out + "..." : out;
    }

private:
    enum class place { outside, top, metadata, tensor, shape, offsets };

    std::string field() const {
        switch (place_) {
            case place::outside:
            case place::top: return "header";
            case place::metadata: return "__metadata__ '" + printable(key_) + "'";
            default: return "tensor '" + printable(entries.back().name) + "' " + printable(key_);
        }
    }

    bool unexpected(const char* got) const {
        constexpr std::array<const char*, 6> wanted{"an object",         "an object for each tensor",
                                                    "a string",          "a string, then arrays of integers",
                                                    "unsigned integers", "two unsigned integers"};
        fail(field(), wanted[static_cast<std::size_t>(place_)], got);
    }

    const std::string& path_;
    place place_ = place::outside;
    std::string key_;
    unsigned seen_ = 0;
    unsigned offsets_ = 0;
    bool have_metadata_ = false;
};

/// Bytes of a tensor, or false when the product does not fit or the bits do not fill whole bytes.
inline bool byte_count(dtype type, std::span<const std::size_t> shape, std::size_t& bytes) {
    std::size_t bits = dtypes[static_cast<std::size_t>(type)].bits;
    for (const std::size_t extent : shape) {
        if (!fovea::detail::checked_multiply(bits, extent)) {
            return false;
        }
    }
    bytes = bits / 8;
    return bits % 8 == 0;
}

}  // namespace detail

}  // namespace fovea::safetensors
