// SPDX-License-Identifier: BSD-3-Clause
// How do arrays come from and go to NumPy? A reader of .npy files that trusts nothing in them, and a writer.
// Format: NumPy Enhancement Proposal 1 and numpy/lib/format.py, versions 1.0, 2.0 and 3.0.
// xtensor's own load_npy (0.24 to 0.27) accepts truncated files and overflows on hostile shapes, hence a reader here.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>

namespace fovea::npy {

/// What a file says about its array.
struct header {
    std::string dtype;               ///< normalised NumPy code: "<f4", "|u1", "<i8", "|b1" ...
    std::size_t item_size = 0;       ///< bytes an element
    bool fortran_order = false;      ///< first index fastest; `load` transposes such data
    std::vector<std::size_t> shape;  ///< empty = one element
    std::size_t count = 1;           ///< elements
};

/// NumPy's code of an element type.
template <class T>
constexpr std::string_view dtype_of() {
    if constexpr (std::is_same_v<T, bool>) {
        return "|b1";
    } else if constexpr (std::is_floating_point_v<T>) {
        static_assert(sizeof(T) == 4 || sizeof(T) == 8, "npy: float and double are supported");
        return sizeof(T) == 4 ? "<f4" : "<f8";
    } else {
        static_assert(std::is_integral_v<T> && sizeof(T) <= 8, "npy: bool, integers, float and double are supported");
        constexpr std::array<std::string_view, 8> codes{"|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8"};
        return codes[(std::is_signed_v<T> ? 4u : 0u) + static_cast<unsigned>(std::countr_zero(sizeof(T)))];
    }
}

namespace detail {

inline constexpr std::size_t max_header = 10'000;  // NumPy's own limit (max_header_size)
inline constexpr std::size_t max_rank = 64;        // NumPy 2's own limit

/// Reads the Python dictionary of a header: three known keys in any order, strings, True/False and a tuple of integers.
class dictionary_parser {
public:
    dictionary_parser(const std::string& path, std::string_view text) : path_(path), text_(text) {}

    header parse() {
        header result;
        bool have_dtype = false;
        bool have_order = false;
        bool have_shape = false;
        demand('{');
        while (!accept('}')) {
            const std::string key = quoted("header key");
            demand(':');
            if (key == "descr" && !have_dtype) {
                result.dtype = dtype(result.item_size);
                have_dtype = true;
            } else if (key == "fortran_order" && !have_order) {
                result.fortran_order = boolean();
                have_order = true;
            } else if (key == "shape" && !have_shape) {
                result.shape = tuple();
                have_shape = true;
            } else {
                fail("header key", "'descr', 'fortran_order' and 'shape', once each", "'" + printable(key) + "'");
            }
            if (!accept(',')) {
                demand('}');
                break;
            }
        }
        skip_space();
        if (at_ != text_.size()) {
            fail("header", "nothing after the dictionary", rest());
        }
        if (!have_dtype || !have_order || !have_shape) {
            fail("header", "'descr', 'fortran_order' and 'shape'",
                 std::string("no ") + (!have_dtype   ? "'descr'"
                                       : !have_order ? "'fortran_order'"
                                                     : "'shape'"));
        }
        return result;
    }

private:
    [[noreturn]] void fail(std::string field, std::string expected, std::string got, std::string remedy = {}) const {
        throw FileError(path_, std::move(field), std::move(expected), std::move(got), std::move(remedy));
    }

    static std::string printable(std::string_view text) {
        std::string out;
        for (const char c : text.substr(0, 40)) {
            out += c >= ' ' && c <= '~' ? c : '?';
        }
        return text.size() > 40 ? out + "..." : out;
    }
    std::string rest() const { return at_ < text_.size() ? "'" + printable(text_.substr(at_)) + "'" : "its end"; }

    void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    bool accept(char c) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void demand(char c) {
        if (!accept(c)) {
            fail("header", std::string("'") + c + "'", rest());
        }
    }
    bool accept_word(std::string_view word) {
        skip_space();
        if (text_.substr(at_, word.size()) == word) {
            at_ += word.size();
            return true;
        }
        return false;
    }

    std::string quoted(const char* field) {
        const char quote = accept('\'') ? '\'' : accept('"') ? '"' : '\0';
        const std::size_t end = quote == '\0' ? std::string_view::npos : text_.find(quote, at_);
        if (end == std::string_view::npos) {
            fail(field, "a quoted string", rest());
        }
        const std::string value(text_.substr(at_, end - at_));
        at_ = end + 1;
        return value;
    }

    bool boolean() {
        if (accept_word("True")) {
            return true;
        }
        if (!accept_word("False")) {
            fail("fortran_order", "True or False", rest());
        }
        return false;
    }

    std::size_t integer() {
        skip_space();
        std::size_t value = 0;
        const std::size_t first = at_;
        for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
            if (__builtin_mul_overflow(value, std::size_t{10}, &value) ||
                __builtin_add_overflow(value, static_cast<std::size_t>(text_[at_] - '0'), &value)) {
                at_ = first;
                fail("shape", "extents below 2^64", rest());
            }
        }
        if (at_ == first) {
            fail("shape", "non-negative integers", rest());
        }
        accept_word("L");  // Python 2 wrote its long integers so
        return value;
    }

    std::vector<std::size_t> tuple() {
        std::vector<std::size_t> shape;
        demand('(');
        while (!accept(')')) {
            shape.push_back(integer());
            if (shape.size() > max_rank) {
                fail("shape", "at most " + std::to_string(max_rank) + " dimensions", "more");
            }
            if (!accept(',')) {
                demand(')');
                if (shape.size() == 1) {
                    fail("shape", "a tuple", "a parenthesised number", "a tuple of one is written (3,)");
                }
                break;
            }
        }
        return shape;
    }

    std::string dtype(std::size_t& item_size) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == '[') {
            fail("dtype", "one number type", "a structured dtype", "save each field as an array of its own");
        }
        const std::string code = quoted("dtype");
        const auto refuse = [&](std::string remedy) {
            fail("dtype", "one of <f4 <f8 |b1 |u1 |i1 <u2 <i2 <u4 <i4 <u8 <i8", "'" + printable(code) + "'",
                 std::move(remedy));
        };
        if (code.find('O') != std::string::npos) {
            refuse("Python objects need unpickling, which runs code from the file; convert with .astype('<f4')");
        }
        if (code.size() != 3) {
            refuse("convert with .astype('<f4')");
        }
        const char kind = code[1];
        const char size = code[2];
        const bool integer = kind == 'u' || kind == 'i';
        const std::string_view sizes = kind == 'f' ? "48" : kind == 'b' ? "1" : integer ? "1248" : "";
        if (sizes.find(size) == std::string_view::npos) {
            refuse("convert with .astype('<f4')");
        }
        if (code[0] == '>' && size != '1') {
            refuse("big-endian data; convert with .astype('<" + code.substr(1) + "')");
        }
        if (code[0] != '<' && code[0] != '=' && code[0] != '>' && !(code[0] == '|' && size == '1')) {
            refuse("convert with .astype('<f4')");
        }
        item_size = static_cast<std::size_t>(size - '0');
        return (size == '1' ? '|' : '<') + code.substr(1);
    }

    const std::string& path_;
    std::string_view text_;
    std::size_t at_ = 0;
};

/// What stands before the data of a row-major array: a multiple of 64 bytes.
inline std::string header_of(std::string_view dtype, std::span<const std::size_t> shape) {
    std::string text = "{'descr': '" + std::string(dtype) + "', 'fortran_order': False, 'shape': (";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        text += axis == 0 ? "" : ", ";
        text += std::to_string(shape[axis]);
    }
    text += shape.size() == 1 ? ",), }" : "), }";
    text.resize((10 + text.size() + 1 + 63) / 64 * 64 - 10, ' ');
    text.back() = '\n';
    const char length[2] = {static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
    return std::string("\x93NUMPY\x01\x00", 8) + std::string(length, 2) + text;
}

}  // namespace detail

/// An open .npy file whose header was read and checked against the file's size; elements follow from front to back.
class reader {
public:
    explicit reader(const std::string& path) : in_(path) {
        std::array<unsigned char, 12> lead{};
        read_bytes(lead.data(), 8, "magic");
        constexpr std::array<unsigned char, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
        if (std::memcmp(lead.data(), magic.data(), magic.size()) != 0) {
            fail("magic", "\\x93NUMPY", "other bytes", "this is not a .npy file");
        }
        const unsigned major = lead[6];
        const unsigned minor = lead[7];
        if (major < 1 || major > 3 || minor != 0) {
            fail("version", "1.0, 2.0 or 3.0", std::to_string(major) + "." + std::to_string(minor));
        }
        read_bytes(lead.data() + 8, major == 1 ? 2 : 4, "header length");
        std::size_t length = lead[8] | static_cast<std::size_t>(lead[9]) << 8;
        if (major > 1) {
            length |= static_cast<std::size_t>(lead[10]) << 16 | static_cast<std::size_t>(lead[11]) << 24;
        }
        if (length > detail::max_header) {
            fail("header length", "at most " + std::to_string(detail::max_header) + " bytes", std::to_string(length));
        }
        std::string text(length, ' ');
        read_bytes(text.data(), length, "header");
        header_ = detail::dictionary_parser(in_.path(), text).parse();

        // The product must fit even with empty extents left out, because strides are computed from it.
        std::size_t bound = header_.item_size;
        for (const std::size_t extent : header_.shape) {
            header_.count *= extent;
            if (!fovea::detail::checked_multiply(bound, std::max<std::size_t>(extent, 1)) ||
                bound > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max())) {
                fail("shape", "an array that fits into memory", fovea::detail::shape_text(header_.shape));
            }
        }
        const std::size_t bytes = header_.count * header_.item_size;
        if (bytes != in_.remaining()) {
            fail("data",
                 std::to_string(bytes) + " bytes for shape " + fovea::detail::shape_text(header_.shape) + " of " +
                     header_.dtype,
                 std::to_string(in_.remaining()) + " bytes",
                 bytes > in_.remaining() ? "the file is truncated" : "the file has trailing bytes");
        }
    }

    const npy::header& header() const noexcept { return header_; }
    const std::string& path() const noexcept { return in_.path(); }
    const input_file& file() const noexcept { return in_; }

    /// Refuses any other element type; nothing is ever converted silently.
    template <class T>
    void demand_dtype() const {
        if (header_.dtype != dtype_of<T>()) {
            fail("dtype", std::string(dtype_of<T>()), header_.dtype,
                 "convert with .astype('" + std::string(dtype_of<T>()) + "') or load that type");
        }
    }

    /// The next elements, in the order of the file. `to` is a pointer to T, whose dtype was checked.
    template <class T>
    void read(T* to, std::size_t count) {
        if constexpr (std::is_same_v<T, bool>) {  // a bool that holds 2 is undefined behaviour
            std::vector<unsigned char> bytes(count);
            read_bytes(bytes.data(), count, "data");
            for (std::size_t i = 0; i < count; ++i) {
                to[i] = bytes[i] != 0;
            }
        } else {
            read_bytes(to, count * sizeof(T), "data");
        }
    }

private:
    void read_bytes(void* to, std::size_t count, const char* field) {
        in_.read(std::span(static_cast<std::byte*>(to), count), field);
    }
    [[noreturn]] void fail(std::string field, std::string expected, std::string got, std::string remedy = {}) const {
        throw FileError(in_.path(), std::move(field), std::move(expected), std::move(got), std::move(remedy));
    }

    input_file in_;
    npy::header header_;
};

/// dtype and shape, to choose the T of `load`. The whole header and the file's size are checked.
inline header info(const std::string& path) { return reader(path).header(); }

/// The array of a .npy file, row-major (data in Fortran order are transposed). The dtype must be T's.
template <class T>
xt::xarray<T> load(const std::string& path) {
    reader in(path);
    in.template demand_dtype<T>();
    const npy::header& head = in.header();
    auto result = xt::xarray<T>::from_shape(head.shape);
    if (!head.fortran_order || head.shape.size() < 2) {
        in.read(result.data(), head.count);
        return result;
    }
    const auto columns = std::make_unique_for_overwrite<T[]>(head.count);
    in.read(columns.get(), head.count);
    const std::size_t rank = head.shape.size();
    std::vector<std::size_t> step(rank, 1);  // in the row-major result, of each index
    for (std::size_t axis = rank - 1; axis > 0; --axis) {
        step[axis - 1] = step[axis] * head.shape[axis];
    }
    std::vector<std::size_t> index(rank, 0);
    std::size_t to = 0;
    for (std::size_t from = 0; from < head.count; ++from) {
        result.data()[to] = columns[from];
        for (std::size_t axis = 0; axis < rank; ++axis) {  // the first index runs fastest
            to += step[axis];
            if (++index[axis] < head.shape[axis]) {
                break;
            }
            to -= step[axis] * head.shape[axis];
            index[axis] = 0;
        }
    }
    return result;
}

/// Writes any xtensor expression, row-major, atomically. The bytes are NumPy's own: `np.load(path)` reads them.
template <class E>
void save(const std::string& path, const xt::xexpression<E>& expression) {
    const E& array = expression.derived_cast();
    using value = std::remove_cv_t<typename E::value_type>;
    const std::vector<std::size_t> shape(array.shape().begin(), array.shape().end());
    write_atomically(path, [&](file_writer& out) {
        out.write(detail::header_of(dtype_of<value>(), shape));
        std::vector<std::conditional_t<std::is_same_v<value, bool>, unsigned char, value>> chunk;
        chunk.reserve(4096);
        const auto flush = [&] {
            out.write(std::as_bytes(std::span(chunk)));
            chunk.clear();
        };
        const auto end = array.template end<xt::layout_type::row_major>();
        for (auto it = array.template begin<xt::layout_type::row_major>(); it != end; ++it) {
            chunk.push_back(*it);
            if (chunk.size() == chunk.capacity()) {
                flush();
            }
        }
        flush();
    });
}

}  // namespace fovea::npy
