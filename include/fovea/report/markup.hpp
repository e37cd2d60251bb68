// SPDX-License-Identifier: BSD-3-Clause
// How does a report write numbers, names and marked-up text?
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <fovea/detail/number_text.hpp>
#include <fovea/report/data.hpp>

namespace fovea::detail {

/// Grows by <<; numbers are written as plain as they are, with a point in every locale.
struct markup {
    std::string text{};

    markup& operator<<(std::string_view s) {
        text.append(s);
        return *this;
    }
    markup& operator<<(char c) {
        text.push_back(c);
        return *this;
    }
    template <std::integral I>
    markup& operator<<(I n) {
        text.append(std::to_string(n));
        return *this;
    }
    /// At most two decimals.
    markup& operator<<(double n) {
        text.append(trimmed(n));
        return *this;
    }
    static std::string trimmed(double n) {
        std::string s = fixed_text(n, 2);
        s.erase(s.find_last_not_of('0') + 1);
        s.erase(s.find_last_not_of('.') + 1);
        return s == "-0" ? "0" : s;
    }
};

/// For HTML and SVG, between tags and in attributes.
inline std::string escaped(std::string_view s) {
    std::string out;
    for (char c : s) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
        }
    }
    return out;
}

/// A JSON string, quotes included, that is also safe inside a <script> element.
inline std::string json_text(std::string_view s) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (char c : s) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
            out += "\\u00";
            out += digits[u >> 4];
            out += digits[u & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

/// "31 × 31", in 1-D "31".
inline std::string size_text(std::size_t height, std::size_t width, bool one_d) {
    std::string s;
    if (!one_d) {
        s = std::to_string(height);
        s += " × ";
    }
    return s += std::to_string(width);
}
/// Channels first: "16×32×32".
inline std::string shape_text(const Shape& shape, bool one_d) {
    std::string s = std::to_string(shape.channels);
    s += "×";
    if (!one_d) {
        s += std::to_string(shape.height);
        s += "×";
    }
    return s += std::to_string(shape.width);
}
inline std::string ratio_text(const stride_ratio& r) {
    std::string s = std::to_string(r.numerator);
    if (r.denominator != 1) {
        s += '/';
        s += std::to_string(r.denominator);
    }
    return s;
}
inline std::string field_text(const ReceptiveField& f, bool one_d) {
    return size_text(f.height.size, f.width.size, one_d);
}
inline std::string stride_text(const ReceptiveField& f, bool one_d) {
    return one_d || f.height.stride == f.width.stride
               ? ratio_text(f.width.stride)
               : ratio_text(f.height.stride) + " × " + ratio_text(f.width.stride);
}
/// "Conv 3x3 dil 2", as in the table of the compiler.
inline std::string brick_text(const layer_info& l, bool one_d) {
    text<128> t;
    put_brick(t, l, one_d);
    return std::string(t.view());
}

inline std::size_t output_bytes(const layer_info& l) {
    return l.kind == brick_kind::tap ? 0 : sizeof(float) * l.output.size();
}

/// Kinds that are drawn alike: the class of a node, and its name in the legend.
struct kind_style {
    std::string_view css;
    std::string_view label;
};
constexpr kind_style style_of(brick_family f) {
    switch (f) {
        case brick_family::conv: return {"conv", "convolution"};
        case brick_family::up: return {"up", "upsampling, transposed"};
        case brick_family::pool: return {"pool", "pooling"};
        case brick_family::join: return {"join", "join"};
        case brick_family::dense: return {"dense", "dense"};
        case brick_family::activation: return {"act", "activation"};
        case brick_family::norm: return {"norm", "normalisation"};
        case brick_family::pass: return {"pass", "input, tap, identity, dropout"};
    }
    missing_rule();
}
inline constexpr kind_style kind_styles[] = {style_of(brick_family::conv),  style_of(brick_family::up),
                                             style_of(brick_family::pool),  style_of(brick_family::join),
                                             style_of(brick_family::dense), style_of(brick_family::activation),
                                             style_of(brick_family::norm),  style_of(brick_family::pass)};
inline std::string_view kind_css(brick_kind k) { return style_of(facts_of(k).family).css; }

}  // namespace fovea::detail
