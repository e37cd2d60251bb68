// SPDX-License-Identifier: BSD-3-Clause
// What does training learn from? Views of samples in memory that somebody else owns: inputs, and what each head is to
// give.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/detail/joined.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/infer/shape.hpp>

namespace fovea {

/// The numbers that inputs and labels consist of.
enum class number_kind : unsigned char { uint8, uint16, int32, float32 };

template <class V>
concept sample_number = std::same_as<V, std::uint8_t> || std::same_as<V, std::uint16_t> ||
    std::same_as<V, std::int32_t> || std::same_as<V, float>;

template <sample_number V>
inline constexpr number_kind kind_of_number = std::same_as<V, std::uint8_t>    ? number_kind::uint8
                                              : std::same_as<V, std::uint16_t> ? number_kind::uint16
                                              : std::same_as<V, std::int32_t>  ? number_kind::int32
                                                                               : number_kind::float32;

constexpr std::size_t bytes_of(number_kind k) { return k == number_kind::uint8 ? 1 : k == number_kind::uint16 ? 2 : 4; }
constexpr std::string_view name_of(number_kind k) {
    constexpr std::string_view names[] = {"uint8", "uint16", "int32", "float32"};
    return names[static_cast<std::size_t>(k)];
}

/// Numbers of one of these kinds, one behind the other.
class number_view {
public:
    number_view() = default;
    template <sample_number V>
    number_view(const V* values) : data_(values), kind_(kind_of_number<V>) {}

    const void* data() const { return data_; }
    number_kind kind() const { return kind_; }
    /// Null if they are of another kind.
    template <sample_number V>
    const V* as() const {
        return kind_ == kind_of_number<V> ? static_cast<const V*>(data_) : nullptr;
    }
    /// For messages.
    std::string text(std::size_t i) const {
        switch (kind_) {
            case number_kind::uint8: return std::to_string(as<std::uint8_t>()[i]);
            case number_kind::uint16: return std::to_string(as<std::uint16_t>()[i]);
            case number_kind::int32: return std::to_string(as<std::int32_t>()[i]);
            case number_kind::float32: return detail::exact_text(as<float>()[i]);
        }
        return {};
    }

private:
    const void* data_ = nullptr;
    number_kind kind_ = number_kind::uint8;
};

/// Bytes, which are scaled on their way to the network, or floats, which arrive as they are unless a normalisation is
/// given.
struct input_view : number_view {
    input_view() = default;
    input_view(const std::uint8_t* bytes) : number_view(bytes) {}
    input_view(const float* floats) : number_view(floats) {}
};

/// What one head is to give: `shape` numbers a sample. A class an image is 1x1x1, a class a position 1xHxW, the targets
/// of a regression have the output's shape.
struct label_view : number_view {
    template <sample_number V>
    label_view(const V* values, Shape of_one = {1, 1, 1}) : number_view(values), shape(of_one) {}

    Shape shape;
};

/// The labels of a data set: `labels`, `{labels, {1, 6, 8}}`, or several, `{{classes}, {boxes, {4, 1, 1}}}`, in the
/// order of the heads that they are for.
class label_set {
public:
    label_set() = default;
    template <sample_number V>
    label_set(const V* values, Shape of_one = {1, 1, 1}) : views_{label_view(values, of_one)} {}
    label_set(std::initializer_list<label_view> views) : views_(views) {}

    std::size_t size() const { return views_.size(); }
    const label_view& operator[](std::size_t i) const { return views_[i]; }
    auto begin() const { return views_.begin(); }
    auto end() const { return views_.end(); }

private:
    std::vector<label_view> views_;
};

/// Samples in memory, owned by somebody else: inputs in N,C,H,W order (a signal has height 1), and labels.
struct sample_view {
    input_view images{};
    label_set labels{};
    std::size_t count = 0;
    std::size_t channels = 0;
    std::size_t height = 1;
    std::size_t width = 0;

    Shape image_shape() const { return {channels, height, width}; }
    std::size_t image_size() const { return channels * height * width; }
};

namespace detail {

/// Where labels of this kind begin in a sample's record of labels, whose others end at `end`: where a struct of these
/// members would have them.
constexpr std::size_t record_offset(std::size_t end, number_kind k) {
    return (end + bytes_of(k) - 1) / bytes_of(k) * bytes_of(k);
}

/// The record of one sample's labels.
struct label_record {
    std::vector<std::size_t> offsets;  ///< of each view's, in bytes
    std::size_t size = 0;              ///< from one sample's record to the next one's
};
inline label_record record_of(const label_set& labels) {
    label_record r;
    std::size_t largest = 1;
    for (const label_view& l : labels) {
        r.offsets.push_back(record_offset(r.size, l.kind()));
        r.size = r.offsets.back() + l.shape.size() * bytes_of(l.kind());
        largest = bytes_of(l.kind()) > largest ? bytes_of(l.kind()) : largest;
    }
    r.size = (r.size + largest - 1) / largest * largest;
    return r;
}

inline std::string text_of(const Shape& s) {
    return joined({std::to_string(s.channels), "x", std::to_string(s.height), "x", std::to_string(s.width)});
}

}  // namespace detail
}  // namespace fovea
