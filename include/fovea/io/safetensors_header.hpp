// SPDX-License-Identifier: BSD-3-Clause
// What may stand in the header of a .safetensors file? Element types, and a reader of just the JSON that the format
// has: a JSON library takes g++ 3.6 s to parse, half of what io/weights.hpp took.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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

/// By name, or by the place of the bytes. One type for both: std::sort is compiled for each.
struct entry_order {
    bool by_name;

    bool operator()(const raw_entry& a, const raw_entry& b) const {
        if (!by_name && (a.begin != b.begin || a.end != b.end)) {
            return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
        }
        return a.name < b.name;
    }
};

/// Tensors, and metadata entries, that a file may have. Files of the largest models have some 10,000 tensors; the limit
/// keeps the memory of a header of millions of empty ones within twice the file's size.
inline constexpr std::size_t max_entries = 100'000;

/// At most 100 characters for messages; a cut never matters to UTF-8 since other bytes than ASCII become '?'.
inline std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 100)) {
        out += c >= ' ' && c <= '~' ? c : '?';
    }
    return text.size() > 100 ? out + "..." : out;
}

/// Bytes of the UTF-8 character at the front of the text (Unicode 15, table 3-7); 0 if there is none.
constexpr std::size_t utf8_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto between = [](unsigned value, unsigned low, unsigned high) { return low <= value && value <= high; };
    const auto tail = [&](std::size_t i) { return between(byte(i), 0x80, 0xBF); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (between(first, 0xC2, 0xDF)) {
        return tail(1) ? 2 : 0;
    }
    if (between(first, 0xE0, 0xEF)) {  // no longer form of a shorter one, no surrogates
        return between(byte(1), first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
    }
    if (between(first, 0xF0, 0xF4)) {  // up to U+10FFFF
        return between(byte(1), first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

/// The text as a JSON string, or nothing if it is not UTF-8.
inline std::optional<std::string> quoted(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    constexpr std::string_view marks = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t size = utf8_size(text);
        if (size == 0) {
            return std::nullopt;
        }
        const char c = text.front();
        if (const std::size_t mark = marks.find(c); mark != std::string_view::npos) {
            out += {'\\', letters[mark]};
        } else if (size == 1 && static_cast<unsigned char>(c) < 0x20) {
            out +=
                {'\\', 'u', '0', '0', hex[static_cast<unsigned char>(c) / 16], hex[static_cast<unsigned char>(c) % 16]};
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return out + '"';
}

/// Reads the header's JSON: an object of objects with a string and two arrays of unsigned integers each, and one of
/// strings. What does not fit is refused where it stands, which bounds depth and memory. As strict as RFC 8259: no
/// comma at the end, no second value, UTF-8 only, and no name twice.
class header_reader {
public:
    std::vector<raw_entry> entries;
    metadata_map metadata;

    /// Reads all of `text`; `path` is for messages.
    header_reader(const std::string& path, std::string_view text) : path_(path), text_(text) {
        if (text.front() != '{') {
            fail("header", "'{' as its first byte", "'" + printable(text.substr(0, 1)) + "'");
        }
        bool have_metadata = false;
        each_member([&](std::string& name) {
            if (name != metadata_key) {
                read_tensor(std::move(name));
            } else if (std::exchange(have_metadata, true)) {
                fail("header", "distinct names", "'__metadata__' twice");
            } else {
                read_metadata();
            }
        });
        if (next() != end_of_text) {
            mistake("nothing behind the object");
        }
    }

    [[noreturn]] void fail(std::string where, std::string expected, std::string got, std::string remedy = {}) const {
        throw FileError(path_, std::move(where), std::move(expected), std::move(got), std::move(remedy));
    }

private:
    static constexpr int end_of_text = -1;

    void read_metadata() {
        if (take_word("null")) {  // what the reference writes for none
            return;
        }
        want('{', "header", "an object for __metadata__");
        each_member([&](std::string& key) {
            if (metadata.size() == max_entries) {
                fail("__metadata__", "at most " + std::to_string(max_entries) + " entries", "more");
            }
            const std::string where = "__metadata__ '" + printable(key) + "'";
            const auto [place, is_new] = metadata.try_emplace(std::move(key));
            if (!is_new) {
                fail("__metadata__", "distinct keys", "'" + printable(place->first) + "' twice");
            }
            want('"', where, "a string");
            place->second = read_string();
        });
    }

    void read_tensor(std::string name) {
        if (entries.size() == max_entries) {
            fail("header", "at most " + std::to_string(max_entries) + " tensors", "more");
        }
        raw_entry& entry = entries.emplace_back();
        entry.name = std::move(name);
        const std::string where = "tensor '" + printable(entry.name) + "'";
        unsigned seen = 0;
        std::size_t offsets = 0;
        want('{', "header", "an object for each tensor");
        each_member([&](const std::string& key) {
            const unsigned bit = key == "dtype" ? 1 : key == "shape" ? 2 : key == "data_offsets" ? 4 : 0;
            if (bit == 0 || (seen & bit) != 0) {
                fail(where, "dtype, shape and data_offsets, once each",
                     std::string(bit == 0 ? "an unknown" : "a second") + " field '" + printable(key) + "'");
            }
            seen |= bit;
            const std::string field = where + " " + key;
            if (bit == 1) {
                want('"', field, "a string");
                const std::string value = read_string();
                const auto row = std::find_if(dtypes.begin(), dtypes.end(), [&](auto& r) { return r.name == value; });
                if (row == dtypes.end()) {
                    fail(field, "a known type such as F32", "'" + printable(value) + "'");
                }
                entry.type = static_cast<dtype>(row - dtypes.begin());
            } else if (bit == 2) {
                each_number(field, "unsigned integers", [&](std::uint64_t value) {
                    if (entry.shape.size() == 64) {
                        fail(field, "at most 64 dimensions", "more");
                    }
                    entry.shape.push_back(as_size(value, field));
                });
            } else {
                each_number(field, "two unsigned integers", [&](std::uint64_t value) {
                    if (offsets == 2) {
                        fail(field, "two offsets", "more");
                    }
                    (offsets++ == 0 ? entry.begin : entry.end) = as_size(value, field);
                });
            }
        });
        if (seen != 7 || offsets != 2) {
            fail(where, "dtype, shape and two data_offsets", "fewer");
        }
    }

    /// A 32-bit system has smaller sizes than the format.
    std::size_t as_size(std::uint64_t value, const std::string& field) const {
        if (!std::in_range<std::size_t>(value)) {
            fail(field, "at most " + std::to_string(std::numeric_limits<std::size_t>::max()), std::to_string(value));
        }
        return static_cast<std::size_t>(value);
    }

    // The grammar. Each function begins at its first character and ends behind its last.

    template <class Member>
    void each_member(Member member) {
        take('{');
        if (next() == '}') {
            ++at_;
            return;
        }
        do {
            if (next() != '"') {
                mistake("a name in quotes");
            }
            std::string name = read_string();
            take(':');
            member(name);
        } while (comes_more('}'));
    }

    template <class Take>
    void each_number(const std::string& field, const char* wanted, Take value) {
        want('[', field, wanted);
        ++at_;
        if (next() == ']') {
            ++at_;
            return;
        }
        do {
            value(read_number(field, wanted));
        } while (comes_more(']'));
    }

    std::uint64_t read_number(const std::string& field, const char* wanted) {
        const int first = next();
        if (first < '0' || first > '9') {
            want('0', field, wanted);
        }
        const std::string_view digits = text_.substr(at_);
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        const auto size = static_cast<std::size_t>(end - digits.data());
        const char behind = size < digits.size() ? digits[size] : ' ';
        if (error != std::errc{} || behind == '.' || behind == 'e' || behind == 'E') {
            fail(field, wanted, "a fraction or a number above 2^64");
        }
        if (first == '0' && size > 1) {
            mistake("no digit behind the first 0");
        }
        at_ += size;
        return value;
    }

    std::string read_string() {
        std::string out;
        ++at_;
        while (at_ < text_.size() && text_[at_] != '"') {
            const std::string_view rest = text_.substr(at_);
            if (rest.front() == '\\') {
                read_escape(out);
                continue;
            }
            const std::size_t size = utf8_size(rest);
            if (size == 0 || static_cast<unsigned char>(rest.front()) < 0x20) {
                mistake(size == 0 ? "UTF-8" : "no control character in a string");
            }
            out += rest.substr(0, size);
            at_ += size;
        }
        if (at_ == text_.size()) {
            mistake("the end of a string");
        }
        ++at_;
        return out;
    }

    void read_escape(std::string& out) {
        constexpr std::string_view letters = "\"\\/bfnrt", marks = "\"\\/\b\f\n\r\t";
        const char letter = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
        if (const std::size_t mark = letters.find(letter); mark != std::string_view::npos) {
            out += marks[mark];
            at_ += 2;
            return;
        }
        unsigned code = read_code_unit();
        if (code >= 0xDC00 && code <= 0xDFFF) {
            mistake("the first half of a surrogate pair");
        }
        if (code >= 0xD800 && code <= 0xDBFF) {
            const unsigned low = read_code_unit();
            if (low < 0xDC00 || low > 0xDFFF) {
                mistake("the second half of a surrogate pair");
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        // UTF-8: the first byte says by its leading ones how many follow, six bits each.
        const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        constexpr std::array<unsigned, 4> lead{0, 0xC0, 0xE0, 0xF0};
        out += static_cast<char>(lead[static_cast<std::size_t>(more)] | (code >> (6 * more)));
        for (int i = more - 1; i >= 0; --i) {
            out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
        }
    }

    /// \uXXXX
    unsigned read_code_unit() {
        const std::string_view rest = text_.substr(at_, 6);
        unsigned code = 0;
        if (rest.size() < 6 || rest.substr(0, 2) != "\\u" ||
            std::from_chars(rest.data() + 2, rest.data() + 6, code, 16).ptr != rest.data() + 6) {
            mistake("an escape of JSON");
        }
        at_ += 6;
        return code;
    }

    /// The next character that is no white space, or end_of_text.
    int next() {
        at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
        return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : end_of_text;
    }

    void take(char c) {
        if (next() != static_cast<unsigned char>(c)) {
            mistake(std::string("'") + c + "'");
        }
        ++at_;
    }

    bool take_word(std::string_view word) {
        next();
        const bool is_there = text_.substr(at_).starts_with(word);
        at_ += is_there ? word.size() : 0;
        return is_there;
    }

    /// Takes a comma, behind which another element must follow, or the end of the object or array.
    bool comes_more(char end) {
        const int c = next();
        if (c != ',' && c != end) {
            mistake(std::string("',' or '") + end + "'");
        }
        ++at_;
        return c == ',';
    }

    /// Refuses a value that does not begin with this character, and says of which kind it is.
    void want(char first, const std::string& field, const char* wanted) {
        const int c = next();
        if (c == static_cast<unsigned char>(first)) {
            return;
        }
        switch (c) {
            case '{': fail(field, wanted, "an object");
            case '[': fail(field, wanted, "an array");
            case '"': fail(field, wanted, "a string");
            case 't':
            case 'f': fail(field, wanted, "true or false");
            case 'n': fail(field, wanted, "null");
            case '-': fail(field, wanted, "a negative number");
            default: break;
        }
        if (c >= '0' && c <= '9') {
            fail(field, wanted, "a number");
        }
        mistake(wanted);
    }

    [[noreturn]] void mistake(const std::string& wanted) const {
        const std::string got = at_ < text_.size() ? "'" + printable(text_.substr(at_, 1)) + "'" : "its end";
        fail("header", "JSON in UTF-8", got + " at byte " + std::to_string(at_) + ", where it needs " + wanted);
    }

    const std::string& path_;
    std::string_view text_;
    std::size_t at_ = 0;
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
