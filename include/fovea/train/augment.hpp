// SPDX-License-Identifier: BSD-3-Clause
// How does a stored image become network input? Random shift and flip of image and label map, then bytes to floats of
// mean 0 and deviation 1 per channel.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/number_from_text.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/detail/random.hpp>

namespace fovea {

/// What the network sees of a byte b of channel c: (b / 255 - mean[c]) / deviation[c]; of a float x (x - mean[c]) /
/// deviation[c]. Stored with a trained model.
struct channel_normalisation {
    std::vector<float> mean;
    std::vector<float> deviation;

    friend bool operator==(const channel_normalisation&, const channel_normalisation&) = default;
};

/// Leaves bytes as b / 255, and floats as they are.
inline channel_normalisation unit_normalisation(std::size_t channels) {
    return {std::vector<float>(channels, 0.0F), std::vector<float>(channels, 1.0F)};
}

/// Mean and standard deviation of every channel over all pixels of `count` images, bytes in N,C,H,W order. Exact: from
/// a histogram, so the order of summation does not matter. A constant channel gets deviation 1.
inline channel_normalisation measure_normalisation(const std::uint8_t* images, std::size_t count, std::size_t channels,
                                                   std::size_t plane) {
    std::vector<std::array<std::uint64_t, 256>> histogram(channels);
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t c = 0; c < channels; ++c) {
            const std::uint8_t* pixel = images + (n * channels + c) * plane;
            for (std::size_t i = 0; i < plane; ++i) {
                ++histogram[c][pixel[i]];
            }
        }
    }
    auto result = unit_normalisation(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        double pixels = 0.0;
        double sum = 0.0;
        for (std::size_t b = 0; b < 256; ++b) {
            pixels += static_cast<double>(histogram[c][b]);
            sum += static_cast<double>(histogram[c][b]) * static_cast<double>(b);
        }
        if (pixels == 0.0) {
            continue;
        }
        const double mean = sum / pixels;
        double squares = 0.0;
        for (std::size_t b = 0; b < 256; ++b) {
            const double distance = static_cast<double>(b) - mean;
            squares += static_cast<double>(histogram[c][b]) * distance * distance;
        }
        result.mean[c] = static_cast<float>(mean / 255.0);
        if (squares > 0.0) {
            result.deviation[c] = static_cast<float>(std::sqrt(squares / pixels) / 255.0);
        }
    }
    return result;
}

/// "mean=0.5,0.25;deviation=0.2,0.3": exact, as metadata of a saved model.
inline std::string to_string(const channel_normalisation& n) {
    const auto list = [](const std::vector<float>& values) {
        std::string text;
        for (const float value : values) {
            text += text.empty() ? "" : ",";
            text += detail::exact_text(value);
        }
        return text;
    };
    return std::string{"mean="} + list(n.mean) + ";deviation=" + list(n.deviation);
}

/// The inverse of to_string. \throws Error if the text is not of that form
inline channel_normalisation normalisation_from_string(std::string_view text) {
    const auto fail = [&](const char* why) {
        throw Error{"normalisation '" + std::string{text.substr(0, 200)} + "': " + why +
                    "; expected mean=<numbers>;deviation=<as many positive numbers>"};
    };
    const auto list = [&](std::string_view part) {
        std::vector<float> values;
        std::istringstream in{std::string{part}};
        for (std::string item; std::getline(in, item, ',');) {
            const auto value = detail::number_from_text<float>(item);
            if (!value || !detail::is_finite(*value)) {
                fail("not a number");
            }
            values.push_back(*value);
        }
        return values;
    };
    constexpr std::string_view first = "mean=";
    constexpr std::string_view second = ";deviation=";
    const std::size_t middle = text.find(second);
    if (!text.starts_with(first) || middle == std::string_view::npos) {
        fail("wrong form");
    }
    channel_normalisation result{list(text.substr(first.size(), middle - first.size())),
                                 list(text.substr(middle + second.size()))};
    if (result.mean.empty() || result.mean.size() != result.deviation.size()) {
        fail("wrong number of channels");
    }
    if (std::any_of(result.deviation.begin(), result.deviation.end(), [](float d) { return d <= 0.0F; })) {
        fail("a deviation is not positive");
    }
    return result;
}

/// Random changes to training images, drawn anew for every sample of the stream.
struct augment_options {
    /// Largest shift as a share of width and of height. The shift is drawn uniformly from [-shift, shift] times the
    /// extent, as Keras's ImageDataGenerator(width_shift_range, height_shift_range) does, then rounded to whole pixels
    /// where Keras interpolates: so label maps stay exact. Pixels shifted in repeat the edge (fill_mode='nearest').
    double shift = 0.0;
    /// Mirror left and right with probability 1/2.
    bool flip = false;
    /// A further change of your own, applied to the bytes of one image (C,H,W) and its labels (one, or H,W; bytes, too)
    /// after shift and flip. Randomness must come from the given stream alone, or a resumed run differs. Called from
    /// the loading thread. `custom_name` stands for it in the checkpoint's options.
    std::function<void(std::span<std::uint8_t> image, std::span<std::uint8_t> labels, detail::random_stream& random)>
        custom{};
    std::string custom_name{};

    bool any() const { return shift != 0.0 || flip || custom; }
};

/// The usual one for small pictures (Keras's CIFAR-10 example): shift by up to 10 %, flip.
inline augment_options shift_and_flip() { return {.shift = 0.1, .flip = true}; }

inline std::string to_string(const augment_options& o) {
    return "shift=" + detail::exact_text(o.shift) + ",flip=" + (o.flip ? "1" : "0") +
           (o.custom ? ",custom=" + o.custom_name : "");
}

namespace detail {

/// Where the content of one sample goes: down and right by whole pixels, then mirrored.
struct placement {
    std::ptrdiff_t down = 0;
    std::ptrdiff_t right = 0;
    bool mirrored = false;

    friend bool operator==(const placement&, const placement&) = default;
};

inline placement draw_placement(const augment_options& o, std::size_t height, std::size_t width,
                                random_stream& random) {
    placement p;
    if (o.shift != 0.0) {  // floor(x + 0.5), not lround: no dependence on a rounding mode, and one definition of ties
        p.down = static_cast<std::ptrdiff_t>(std::floor(random.symmetric(o.shift * static_cast<double>(height)) + 0.5));
        p.right = static_cast<std::ptrdiff_t>(std::floor(random.symmetric(o.shift * static_cast<double>(width)) + 0.5));
    }
    p.mirrored = o.flip && (random.bits() >> 63U) != 0;
    return p;
}

/// For every target column the source column (and likewise rows, never mirrored).
inline void source_indices(std::span<std::size_t> source, std::ptrdiff_t shift, bool mirrored) {
    const auto last = static_cast<std::ptrdiff_t>(source.size()) - 1;
    for (std::ptrdiff_t i = 0; i <= last; ++i) {
        const std::ptrdiff_t at = (mirrored ? last - i : i) - shift;
        source[static_cast<std::size_t>(i)] = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, last));
    }
}

/// to[y][x] = convert(from[rows[y]][columns[x]])
template <class From, class To, class Convert>
void place_plane(const From* from, To* to, std::span<const std::size_t> rows, std::span<const std::size_t> columns,
                 Convert convert) {
    const std::size_t width = columns.size();
    for (const std::size_t row : rows) {
        const From* line = from + row * width;
        for (std::size_t x = 0; x < width; ++x) {
            to[x] = convert(line[columns[x]]);
        }
        to += width;
    }
}

/// Byte to network input, one table of 256 values a channel.
template <class T>
class byte_table {
public:
    byte_table() = default;
    explicit byte_table(const channel_normalisation& n) : values_(n.mean.size() * 256) {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const std::size_t c = i / 256;
            values_[i] = static_cast<T>((static_cast<double>(i % 256) / 255.0 - static_cast<double>(n.mean[c])) /
                                        static_cast<double>(n.deviation[c]));
        }
    }
    const T* channel(std::size_t c) const { return values_.data() + c * 256; }

private:
    std::vector<T> values_;
};

}  // namespace detail

}  // namespace fovea
