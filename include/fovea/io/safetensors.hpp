// SPDX-License-Identifier: BSD-3-Clause
// What is in a .safetensors file, and how is one written? Knows names, types, shapes and bytes, nothing of networks.
// Format: README and safetensors/src/tensor.rs of github.com/huggingface/safetensors; the reader makes every check
// that the reference makes and refuses unknown fields besides.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/safetensors_header.hpp>

namespace fovea::safetensors {

/// A tensor of a file: its bytes are row-major, little-endian and, in a file of a foreign writer, perhaps unaligned, so
/// copy them out (`file::floats`) and never reinterpret them.
struct tensor_view {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::size_t> shape;  ///< empty = one element
    std::span<const std::byte> bytes;
};

/// A view of floats, for `write`.
inline tensor_view float_view(std::string name, std::vector<std::size_t> shape, std::span<const float> values) {
    return {std::move(name), dtype::f32, std::move(shape), std::as_bytes(values)};
}

/// The contents of a .safetensors file. Owns the bytes that its views point to; movable, not copyable.
class file {
public:
    /// Takes the bytes of a file and checks all of them; `path` is for messages.
    file(std::string path, std::vector<std::byte> bytes) : path_(std::move(path)), bytes_(std::move(bytes)) {
        const std::size_t length = header_length();
        const std::span<const std::byte> buffer = std::span(bytes_).subspan(8 + length);
        detail::header_reader header(path_, {reinterpret_cast<const char*>(bytes_.data()) + 8, length});

        auto& raw = header.entries;
        std::sort(raw.begin(), raw.end(), detail::entry_order{.by_name = true});
        const auto twin = std::adjacent_find(raw.begin(), raw.end(), [](auto& a, auto& b) { return a.name == b.name; });
        if (twin != raw.end()) {
            header.fail("header", "distinct names", "tensor '" + detail::printable(twin->name) + "' twice");
        }
        std::sort(raw.begin(), raw.end(), detail::entry_order{.by_name = false});

        entries_.reserve(raw.size());
        std::size_t at = 0;  // the tensors must tile the buffer: a hole could hide another file
        for (auto& entry : raw) {
            const std::string where = "tensor '" + detail::printable(entry.name) + "' ";
            if (entry.begin != at || entry.end < entry.begin || entry.end > buffer.size()) {
                header.fail(where + "data_offsets",
                            "a range that begins at " + std::to_string(at) + ", where the one before ends, within " +
                                std::to_string(buffer.size()) + " bytes",
                            range_text(entry.begin, entry.end));
            }
            std::size_t size = 0;
            if (!detail::byte_count(entry.type, entry.shape, size) || size != entry.end - entry.begin) {
                header.fail(where + "shape", std::to_string(entry.end - entry.begin) + " bytes as its data_offsets say",
                            fovea::detail::shape_text(entry.shape) + " of " + std::string(name_of(entry.type)));
            }
            at = entry.end;
            entries_.push_back(
                {std::move(entry.name), entry.type, std::move(entry.shape), buffer.subspan(entry.begin, size)});
        }
        if (at != buffer.size()) {
            header.fail("data", std::to_string(at) + " bytes", std::to_string(buffer.size()) + " bytes",
                        "the file has trailing bytes");
        }
        metadata_ = std::move(header.metadata);
    }

    file(file&&) = default;
    file& operator=(file&&) = default;
    file(const file&) = delete;
    file& operator=(const file&) = delete;

    const std::string& path() const noexcept { return path_; }
    /// All tensors in the order of their bytes.
    const std::vector<tensor_view>& entries() const noexcept { return entries_; }
    const metadata_map& metadata() const noexcept { return metadata_; }

    /// The tensor of that name, or a null pointer.
    const tensor_view* find(std::string_view name) const {
        const auto it = std::find_if(entries_.begin(), entries_.end(), [&](auto& entry) { return entry.name == name; });
        return it == entries_.end() ? nullptr : &*it;
    }

    /// Copies the values of an F32 tensor of this file; any other type is a FileError.
    void copy_floats(const tensor_view& entry, std::span<float> to) const {
        if (entry.type != dtype::f32) {
            throw FileError(path_, "tensor '" + entry.name + "' dtype", "F32", std::string(name_of(entry.type)),
                            "save it as float32");
        }
        if (entry.bytes.size() != to.size_bytes()) {
            throw FileError(path_, "tensor '" + entry.name + "' shape", std::to_string(to.size()) + " elements",
                            fovea::detail::shape_text(entry.shape));
        }
        if (!to.empty()) {
            std::memcpy(to.data(), entry.bytes.data(), entry.bytes.size());
        }
    }
    std::vector<float> floats(const tensor_view& entry) const {
        std::vector<float> values(entry.bytes.size() / sizeof(float));
        copy_floats(entry, values);
        return values;
    }

private:
    static std::string range_text(std::size_t begin, std::size_t end) {
        std::string text = "[";  // not "[" + ...: g++ 12 warns inside std::string then (its bug 105651)
        return text.append(std::to_string(begin)).append(", ").append(std::to_string(end)).append("]");
    }

    std::size_t header_length() const {
        const auto fail = [&](const char* field, std::string expected, std::string got, const char* remedy) {
            throw FileError(path_, field, std::move(expected), std::move(got), remedy);
        };
        if (bytes_.size() < 8) {
            fail("header length", "8 bytes", std::to_string(bytes_.size()) + " bytes", "the file is truncated");
        }
        std::uint64_t length = 0;
        std::memcpy(&length, bytes_.data(), 8);
        if (length < 2 || length > detail::max_header) {
            fail("header length", "2 to " + std::to_string(detail::max_header), std::to_string(length),
                 "this is not a .safetensors file");
        }
        if (length > bytes_.size() - 8) {
            fail("header length", "at most the " + std::to_string(bytes_.size() - 8) + " bytes that follow",
                 std::to_string(length), "the file is truncated");
        }
        return static_cast<std::size_t>(length);
    }

    std::string path_;
    std::vector<std::byte> bytes_;
    std::vector<tensor_view> entries_;
    metadata_map metadata_;
};

/// Reads and checks a file. Throws FileError that names the tensor and the field that are wrong.
inline file read(const std::string& path) { return file(path, read_file(path)); }

/// Writes tensors atomically. The same tensors and metadata give the same bytes in whichever order they come: sorted as
/// the reference does, by type (largest alignment first) and name, metadata by key.
inline void write(const std::string& path, std::span<const tensor_view> tensors, const metadata_map& metadata = {}) {
    std::vector<const tensor_view*> order;
    for (const tensor_view& tensor : tensors) {
        order.push_back(&tensor);
    }
    std::sort(order.begin(), order.end(), [](const tensor_view* a, const tensor_view* b) {
        return a->type != b->type ? a->type > b->type : a->name < b->name;
    });
    const auto fail = [&](std::string where, std::string expected, std::string got) {
        throw FileError(path, std::move(where), std::move(expected), std::move(got));
    };
    const auto quoted = [&](std::string_view text) {
        std::optional<std::string> json = detail::quoted(text);
        if (!json) {
            fail("name or metadata", "UTF-8", "'" + detail::printable(text) + "'");
        }
        return *std::move(json);
    };
    std::string header = "{";
    if (!metadata.empty()) {
        header += quoted(detail::metadata_key) + ":{";
        for (const auto& [key, value] : metadata) {
            header += header.back() == '{' ? "" : ",";
            header += quoted(key) + ":" + quoted(value);
        }
        header += "}";
    }
    std::size_t at = 0;
    metadata_map names;  // keys alone: the reader has this type, another would be compiled as well
    for (const tensor_view* tensor : order) {
        const std::string where = "tensor '" + detail::printable(tensor->name) + "'";
        if (tensor->name == detail::metadata_key || !names.try_emplace(tensor->name).second) {
            fail(where, "a distinct name other than __metadata__", "that name");
        }
        std::size_t size = 0;
        if (!detail::byte_count(tensor->type, tensor->shape, size) || size != tensor->bytes.size()) {
            fail(where + " shape", std::to_string(tensor->bytes.size()) + " bytes as it has",
                 fovea::detail::shape_text(tensor->shape) + " of " + std::string(name_of(tensor->type)));
        }
        std::string shape;
        for (const std::size_t extent : tensor->shape) {
            shape += shape.empty() ? "" : ",";
            shape += std::to_string(extent);
        }
        header += header.back() == '{' ? "" : ",";
        header += quoted(tensor->name) + ":{\"dtype\":\"" + std::string(name_of(tensor->type)) + "\",\"shape\":[" +
                  shape + "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(at + size) + "]}";
        at += size;
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    if (header.size() > detail::max_header) {
        fail("header length", "at most " + std::to_string(detail::max_header), std::to_string(header.size()));
    }

    write_atomically(path, [&](file_writer& out) {
        const std::uint64_t length = header.size();
        out.write(std::as_bytes(std::span(&length, 1)));
        out.write(header);
        for (const tensor_view* tensor : order) {
            out.write(tensor->bytes);
        }
    });
}

}  // namespace fovea::safetensors
