// SPDX-License-Identifier: BSD-3-Clause
// How are receptive fields drawn? Their growth over the input, their support with its holes, and how
// much each position counts.
#pragma once

#include <fovea/report/graph.hpp>

namespace fovea::detail {

/// The field of one layer along both axes, from the unit's own position.
struct field_box {
    std::int64_t top = 0, left = 0, height = 1, width = 1;
    bool operator==(const field_box&) const = default;

    static field_box of(const ReceptiveField& f) {
        return {-static_cast<std::int64_t>(f.height.before), -static_cast<std::int64_t>(f.width.before),
                static_cast<std::int64_t>(f.height.size), static_cast<std::int64_t>(f.width.size)};
    }
};

struct field_row {
    field_box box;
    std::size_t layer;  ///< the first that has it
};

inline std::vector<field_row> field_rows(const report_data& r) {
    std::vector<field_row> steps;
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
        const layer_info& l = r.layers[i];
        const field_box b = field_box::of(l.receptive_field);
        if (l.positions && std::none_of(steps.begin(), steps.end(), [&](const field_row& s) { return s.box == b; })) {
            steps.push_back({b, i});
        }
    }
    return steps;
}

/// Fields of all layers over a frame of the input's size, the unit at its centre; in 1-D one bar below the other
/// (causal: the unit is the last step).
inline std::string growth_svg(const report_data& r, std::string_view id) {
    const std::vector<field_row> steps = field_rows(r);
    const auto in_height = static_cast<std::int64_t>(r.input.height),
               in_width = static_cast<std::int64_t>(r.input.width);
    const bool one_d = r.one_dimensional;
    const std::int64_t frame_top = -(in_height / 2);
    const std::int64_t frame_left =
        one_d && r.causal ? 1 - in_width : -(in_width / 2);  // nothing to see behind the last
    const field_box last = field_box::of(r.field);
    // Far larger inputs than fields are not drawn in whole.
    const bool framed = in_height <= 8 * last.height + 64 && in_width <= 8 * last.width + 64;
    std::int64_t top = last.top, left = last.left, bottom = last.top + last.height, right = last.left + last.width;
    if (framed) {
        top = std::min(top, frame_top);
        left = std::min(left, frame_left);
        bottom = std::max(bottom, frame_top + in_height);
        right = std::max(right, frame_left + in_width);
    }
    for (const field_row& s : steps) {
        top = std::min(top, s.box.top);
        left = std::min(left, s.box.left);
        bottom = std::max(bottom, s.box.top + s.box.height);
        right = std::max(right, s.box.left + s.box.width);
    }
    const double size = 360, bar = std::clamp(240.0 / static_cast<double>(steps.size() + 1), 3.0, 18.0);
    const double scale = size / static_cast<double>(one_d ? right - left : std::max(right - left, bottom - top));
    const double width = scale * static_cast<double>(right - left) + 8;
    const double height =
        one_d ? bar * static_cast<double>(steps.size() + 1) + 8 : scale * static_cast<double>(bottom - top) + 8;
    const auto px = [&](std::int64_t v) { return 4 + scale * static_cast<double>(v - left); };
    const auto py = [&](std::int64_t v) { return one_d ? 4.0 : 4 + scale * static_cast<double>(v - top); };

    markup m;
    m << "<svg class=\"fovea growth\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"" << id
      << "ft " << id << "fd\" viewBox=\"0 0 " << width << ' ' << height << "\" data-left=\"" << left << "\" data-top=\""
      << top << "\" data-scale=\"" << fixed_text(scale, 6) << "\" data-bars=\"" << (one_d ? bar : 0.0)
      << "\"><title id=\"" << id << "ft\">Growth of the receptive field of " << escaped(r.title)
      << "</title><desc id=\"" << id << "fd\">" << (framed ? "A dashed frame of the input's size, " : "The input, ")
      << size_text(r.input.height, r.input.width, one_d)
      << (framed ? ", and in it the field of one unit after each layer: "
                 : ", is far larger than the drawing; the field of one unit after each layer: ");
    for (std::size_t i = 0; i < steps.size() && i < 40; ++i) {
        m << (i > 0 ? ", " : "")
          << size_text(static_cast<std::size_t>(steps[i].box.height), static_cast<std::size_t>(steps[i].box.width),
                       one_d);
    }
    m << (steps.size() > 40 ? " and more." : ".") << "</desc>";
    const double full = one_d ? height - 8 : 0;
    if (framed) {
        m << "<rect class=\"inputframe\" x=\"" << px(frame_left) << "\" y=\"" << py(frame_top) << "\" width=\""
          << scale * static_cast<double>(in_width) << "\" height=\""
          << (one_d ? full : scale * static_cast<double>(in_height)) << "\"><title>Input, "
          << size_text(r.input.height, r.input.width, one_d) << "</title></rect>";
    }
    for (std::size_t i = steps.size(); i-- > 0;) {
        const field_row& s = steps[i];
        const std::size_t shade = steps.size() < 2 ? heat_steps / 2 : 3 + i * (heat_steps - 5) / (steps.size() - 1);
        m << "<rect class=\"field s" << shade << "\" x=\"" << px(s.box.left) << "\" y=\""
          << (one_d ? 4 + bar * static_cast<double>(i) : py(s.box.top)) << "\" width=\""
          << scale * static_cast<double>(s.box.width) << "\" height=\""
          << (one_d ? bar * 0.8 : scale * static_cast<double>(s.box.height)) << "\" rx=\"1.5\"><title>"
          << escaped(layer_sentence(r, s.layer)) << "</title></rect>";
    }
    const double own_x = px(0), own_y = py(0);
    m << "<rect class=\"cursor\" x=\"" << own_x << "\" y=\"" << own_y << "\" width=\"0\" height=\"0\" rx=\"1.5\"/>";
    m << "<rect class=\"unit\" x=\"" << own_x + scale / 2 - 2 << "\" y=\"" << (one_d ? 4 : own_y + scale / 2 - 2)
      << "\" width=\"4\" height=\"" << (one_d ? full : 4.0) << "\"><title>The unit's own position</title></rect></svg>";
    return std::move(m.text);
}

/// Cells of a histogram, binned so that a drawing stays small.
struct binned {
    std::size_t bin = 1, height = 0, width = 0;
    std::vector<double> value{};     ///< the largest of the bin
    std::vector<double> coverage{};  ///< share of its positions that are seen
};

inline binned bin_of(const report_data& r, std::size_t most_cells) {
    const path_histogram& h = r.paths;
    const auto seen = [&](std::size_t y, std::size_t x) {
        return r.has_support
                   ? r.support.contains(static_cast<std::int64_t>(y) + h.top, static_cast<std::int64_t>(x) + h.left)
                   : h.at(y, x) > 0;
    };
    binned b;
    b.bin = (std::max(h.height, h.width) + most_cells - 1) / most_cells;
    b.height = (h.height + b.bin - 1) / b.bin;
    b.width = (h.width + b.bin - 1) / b.bin;
    b.value.resize(b.height * b.width);
    b.coverage.resize(b.height * b.width);
    for (std::size_t y = 0; y < h.height; ++y) {
        for (std::size_t x = 0; x < h.width; ++x) {
            const std::size_t cell = y / b.bin * b.width + x / b.bin;
            b.value[cell] = std::max(b.value[cell], h.at(y, x));
            const std::size_t rows = std::min(b.bin, h.height - y / b.bin * b.bin);
            const std::size_t columns = std::min(b.bin, h.width - x / b.bin * b.bin);
            b.coverage[cell] += seen(y, x) ? 1.0 / static_cast<double>(rows * columns) : 0;
        }
    }
    return b;
}

/// One path for all cells for which `inside` holds: runs of a row are one rectangle.
template <class Inside>
void put_cells(markup& m, const binned& b, std::string_view css, Inside inside) {
    markup d;
    for (std::size_t y = 0; y < b.height; ++y) {
        for (std::size_t x = 0; x < b.width; ++x) {
            std::size_t end = x;
            while (end < b.width && inside(y * b.width + end)) {
                ++end;
            }
            if (end > x) {
                d << 'M' << x << ' ' << y << 'h' << end - x << "v1H" << x << 'z';
                x = end;
            }
        }
    }
    if (!d.text.empty()) {
        m << "<path class=\"" << css << "\" d=\"" << d.text << "\"/>";
    }
}

/// Fine lines between cells, where there are few.
inline void put_grid(markup& m, const binned& b) {
    if (std::max(b.height, b.width) > 48) {
        return;
    }
    markup d;
    for (std::size_t x = 1; x < b.width; ++x) {
        d << 'M' << x << " 0V" << b.height;
    }
    for (std::size_t y = 1; y < b.height; ++y) {
        d << "M0 " << y << 'H' << b.width;
    }
    m << "<path class=\"mesh\" d=\"" << d.text << "\"/>";
}

/// The step of the palette of a share: linear, or its logarithm down to the smallest.
inline std::size_t heat_step(double share, double smallest_log, bool logarithmic) {
    const double v = logarithmic ? (smallest_log < 0 ? 1 - std::log10(share) / smallest_log : 1.0) : share;
    return std::min<std::size_t>(static_cast<std::size_t>(std::clamp(v, 0.0, 1.0) * heat_steps), heat_steps - 1);
}

inline double smallest_log_of(const path_histogram& h) {
    double least = 1;
    for (double s : h.share) {
        least = s > 0 ? std::min(least, s) : least;
    }
    return std::log10(least);
}

inline std::string size_attributes(double width, double height) {
    markup m;
    m << "viewBox=\"-0.5 -0.5 " << width + 1 << ' ' << height + 1 << "\"";
    return std::move(m.text);
}

/// Which positions are seen: filled; holes are crosses. 2-D.
inline std::string support_svg(const report_data& r, std::string_view id) {
    const binned b = bin_of(r, 96);
    const auto w = static_cast<double>(b.width), t = static_cast<double>(b.height);
    markup m;
    m << "<svg class=\"fovea heat\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"" << id << "st "
      << id << "sd\" " << size_attributes(w, t) << "><title id=\"" << id << "st\">Support of the receptive field of "
      << escaped(r.title) << "</title><desc id=\"" << id << "sd\">" << grouped_text(r.seen()) << " of "
      << grouped_text(r.field_positions()) << " positions of the field are seen, " << grouped_text(r.holes())
      << " are holes" << (b.bin > 1 ? "; each cell stands for several positions" : "") << ".</desc>";
    m << "<rect class=\"plate\" width=\"" << w << "\" height=\"" << t << "\"/>";
    put_cells(m, b, "seen", [&](std::size_t c) { return b.coverage[c] > 0.999; });
    put_cells(m, b, "seen part", [&](std::size_t c) { return b.coverage[c] > 0 && b.coverage[c] <= 0.999; });
    put_grid(m, b);
    markup crosses;
    for (std::size_t c = 0; c < b.value.size(); ++c) {
        if (b.coverage[c] == 0) {
            crosses << 'M' << static_cast<double>(c % b.width) + 0.3 << ' ' << static_cast<double>(c / b.width) + 0.3
                    << "l.4 .4m-.4 0l.4-.4";
        }
    }
    if (!crosses.text.empty()) {
        m << "<path class=\"hole\" d=\"" << crosses.text << "\"/>";
    }
    m << "</svg>";
    return std::move(m.text);
}

/// How many paths reach each position, linear and logarithmic, and the ellipse of two standard deviations. 2-D.
inline std::string effective_svg(const report_data& r, std::string_view id) {
    const path_histogram& h = r.paths;
    const binned b = bin_of(r, 96);
    const auto w = static_cast<double>(b.width), t = static_cast<double>(b.height), bin = static_cast<double>(b.bin);
    const double least = smallest_log_of(h);
    markup m;
    m << "<svg class=\"fovea heat\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"" << id << "et "
      << id << "ed\" " << size_attributes(w, t) << "><title id=\"" << id << "et\">Effective receptive field of "
      << escaped(r.title) << "</title><desc id=\"" << id
      << "ed\">Paths to each position of the field; standard deviation " << std::sqrt(h.variance_y) << " rows and "
      << std::sqrt(h.variance_x)
      << " columns. The ellipse has two standard deviations.</desc><rect class=\"plate\" width=\"" << w
      << "\" height=\"" << t << "\"/>";
    for (const bool logarithmic : {false, true}) {
        m << "<g class=\"" << (logarithmic ? "log" : "linear") << "\">";
        for (std::size_t s = 0; s < heat_steps; ++s) {
            markup css;
            css << 'h' << s;
            put_cells(m, b, css.text,
                      [&](std::size_t c) { return b.value[c] > 0 && heat_step(b.value[c], least, logarithmic) == s; });
        }
        m << "</g>";
    }
    put_grid(m, b);
    // Axes of the covariance.
    const double middle = (h.variance_x + h.variance_y) / 2, half = (h.variance_x - h.variance_y) / 2;
    const double radius = std::sqrt(half * half + h.covariance * h.covariance);
    // A circle has no direction: what is left of one is rounding.
    const bool round = radius < 1e-9 * middle;
    const double angle =
        round ? 0 : 0.5 * std::atan2(2 * h.covariance, h.variance_x - h.variance_y) * 180 / std::acos(-1.0);
    const double cx = (h.mean_x - static_cast<double>(h.left) + 0.5) / bin,
                 cy = (h.mean_y - static_cast<double>(h.top) + 0.5) / bin;
    for (const char* css : {"halo", "ellipse"}) {
        m << "<ellipse class=\"" << css << "\" cx=\"" << cx << "\" cy=\"" << cy << "\" rx=\""
          << 2 * std::sqrt(middle + radius) / bin << "\" ry=\"" << 2 * std::sqrt(std::max(0.0, middle - radius)) / bin
          << "\" transform=\"rotate(" << angle << ' ' << cx << ' ' << cy << ")\"/>";
    }
    m << "</svg>";
    return std::move(m.text);
}

/// 1-D: the counts as bars over time, holes as marks below.
inline std::string histogram_svg(const report_data& r, std::string_view id) {
    const path_histogram& h = r.paths;
    const binned b = bin_of(r, 512);
    const double least = smallest_log_of(h);
    const auto w = static_cast<double>(b.width);
    markup m;
    m << "<svg class=\"fovea strip\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"" << id
      << "et " << id << "ed\" preserveAspectRatio=\"none\" viewBox=\"0 0 " << w << " 108\"><title id=\"" << id
      << "et\">Effective receptive field of " << escaped(r.title) << "</title><desc id=\"" << id
      << "ed\">Paths to each of " << h.width << " time steps, oldest on the left; standard deviation "
      << std::sqrt(h.variance_x) << " steps; " << r.holes() << " holes.</desc><rect class=\"plate\" width=\"" << w
      << "\" height=\"100\"/>";
    for (const bool logarithmic : {false, true}) {
        markup d;
        for (std::size_t x = 0; x < b.width; ++x) {
            if (b.value[x] > 0) {
                const double v = logarithmic ? (least < 0 ? 0.03 + 0.97 * (1 - std::log10(b.value[x]) / least) : 1.0)
                                             : std::max(b.value[x], 0.005);
                d << 'M' << x << " 100h1V" << 100 - 100 * v << "h-1z";
            }
        }
        m << "<path class=\"seen " << (logarithmic ? "log" : "linear") << "\" d=\"" << d.text << "\"/>";
    }
    put_cells(m << "<g class=\"holes\" transform=\"translate(0 101)scale(1 7)\">", b, "unit",
              [&](std::size_t c) { return b.coverage[c] < 0.999; });
    m << "</g></svg>";
    return std::move(m.text);
}

}  // namespace fovea::detail
