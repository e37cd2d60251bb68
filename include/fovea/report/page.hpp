// SPDX-License-Identifier: BSD-3-Clause
// What stands on a report's page? One file without anything from outside, for one network or for two side by side.
#pragma once

#include <fovea/report/script.hpp>
#include <fovea/report/text.hpp>
#include <fovea/version.hpp>

namespace fovea::detail {

inline std::string figure_text(const report_figure& f, bool exact) {
    return f.unit == "bytes" ? (exact ? grouped_text(f.value) + " bytes" : byte_count(f.value))
                             : (exact || f.value < 100'000 ? grouped_text(f.value) : brief_count(f.value));
}

inline void put_page_start(markup& m, std::string_view title, std::string_view eyebrow, std::string_view lede) {
    m << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"generator\" content=\"fovea\">\n<link rel=\"icon\" href=\"data:,\">\n<title>"
      << escaped(title) << "</title>\n<style>" << drawing_style() << page_style
      << "</style>\n</head>\n<body>\n<a class=\"skiplink\" href=\"#main\">Skip to the figures</a>\n<header>\n"
         "<p class=\"eyebrow\">"
      << eyebrow << "</p>\n<h1>" << escaped(title) << "</h1>\n<p class=\"lede\">" << lede << "</p>\n</header>\n"
      << "<main id=\"main\">\n";
}

inline void put_page_end(markup& m) {
    m << "</main>\n<footer><p>fovea " << FOVEA_VERSION_MAJOR << '.' << FOVEA_VERSION_MINOR << '.' << FOVEA_VERSION_PATCH
      << ", compiled by "
#if defined(__clang__)
      << "clang " << __clang_major__ << '.' << __clang_minor__
#elif defined(__GNUC__)
      << "g++ " << __GNUC__ << '.' << __GNUC_MINOR__
#endif
      << ". Figures are constants of the network's type, known before the program ran; only the counts of paths were "
         "taken while this page was written.</p></footer>\n<script>"
      << page_script << "</script>\n</body>\n</html>\n";
}

inline void put_json(markup& m, const report_data& r, std::string_view id) {
    m << "<script type=\"application/json\" id=\"" << id << "data\">" << json_of(r) << "</script>\n";
}

inline std::string outputs_text(const report_data& r) {
    std::string s;
    for (std::size_t o : r.outputs) {
        s += s.empty() ? "" : " and ";
        s += shape_text(r.shape(o), r.one_dimensional);
    }
    return s;
}

/// What the network sees, in a sentence.
inline std::string summary_sentence(const report_data& r) {
    const bool one_d = r.one_dimensional;
    markup m;
    const bool larger = r.field.height.size > r.input.height || r.field.width.size > r.input.width;
    m << (larger ? "The field of one output unit is <strong>" : "One output unit sees <strong>")
      << field_text(r.field, one_d) << (larger ? "</strong>, wider than the input's " : "</strong> of ")
      << size_text(r.input.height, r.input.width, one_d) << (one_d ? " time steps" : " positions");
    if (r.seen() > 0) {
        if (r.holes() == 0) {
            m << ", without a hole";
        } else {
            m << ", with <strong>" << grouped_text(r.holes()) << (r.holes() == 1 ? " hole" : " holes") << "</strong>";
        }
    }
    m << '.';
    if (r.has_support && r.subnets > 1) {
        m << " It falls into <strong>" << grouped_text(r.subnets) << " networks that never exchange anything</strong>.";
    }
    if (one_d && r.causal) {
        m << " It looks at no later sample.";
    }
    if (!r.aligned) {
        m << " Some branches meet with shifted centres.";
    }
    return std::move(m.text);
}

inline void put_totals(markup& m, const report_data& r) {
    const bool one_d = r.one_dimensional;
    m << "<section aria-labelledby=\"totals\"><h2 id=\"totals\">At a glance</h2><dl class=\"cards\">";
    const auto card = [&](std::string_view key, std::string_view label, const std::string& big, const std::string& note,
                          std::size_t value, bool main) {
        m << "<div class=\"card" << (main ? " main" : "") << "\"><dt>" << label << "</dt><dd class=\"big\" data-key=\""
          << key << "\" data-value=\"" << value << "\">" << big << "</dd><dd class=\"note\">" << note << "</dd></div>";
    };
    markup note;
    note << "stride " << stride_text(r.field, one_d) << ", "
         << (r.sees_whole_input ? "covers the input" : "smaller than the input");
    card("receptive_field", "Receptive field", field_text(r.field, one_d), note.text, r.field.width.size, true);
    if (r.paths.height > 0) {
        const axis_field &h = r.field.height, &w = r.field.width;
        const double e = 4 * std::sqrt(r.paths.variance_x), size = static_cast<double>(w.size);
        const double e_rows = 4 * std::sqrt(r.paths.variance_y);
        const auto brief = [](double v) { return fixed_text(v, v < 99.95 ? 1 : 0); };
        markup big, small;
        if (!one_d) {
            big << brief(e_rows) << " × ";
        }
        big << brief(e);
        const std::string rows = percent(e_rows / static_cast<double>(h.size)), columns = percent(e / size);
        small << "4 σ, " << (one_d || rows == columns ? "" : rows + " and ") << columns << " of it";
        card("effective_field", "Effective field", big.text, small.text, static_cast<std::size_t>(e), true);
    }
    for (const report_figure& f : r.figures) {
        const std::string exact = figure_text(f, true), brief = figure_text(f, false);
        card(f.key, f.label, brief, exact == brief ? std::string(f.note) : exact + "; " + std::string(f.note), f.value,
             f.key == "parameters" || f.key == "macs");
    }
    m << "</dl></section>\n";
}

inline void put_lints(markup& m, const report_data& r) {
    m << "<ul class=\"lints\">";
    if (r.lints.empty()) {
        m << "<li class=\"clean\"><p>No lint has anything to say.</p></li>";
    }
    for (const report_lint& l : r.lints) {
        m << "<li><strong>" << escaped(l.name) << "</strong>";
        m << " at <code>" << escaped(l.layer) << "</code> (" << escaped(l.brick) << ")<p>" << escaped(l.finding)
          << "</p><p><b>Remedy:</b> " << escaped(l.remedy) << "</p></li>";
    }
    m << "</ul>";
}

inline void put_slider(markup& m, const report_data& r, std::string_view id) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
        last = r.layers[i].positions ? i : last;
    }
    m << "<div class=\"controls\" data-network=\"" << id << "\"><label for=\"" << id
      << "slider\">Layer</label><input id=\"" << id << "slider\" type=\"range\" min=\"0\" max=\"" << r.layers.size() - 1
      << "\" value=\"" << last << "\"><button type=\"button\" aria-label=\"Play through the layers of "
      << escaped(r.title) << "\">Play</button><output for=\"" << id << "slider\"></output></div>";
}

inline void put_growth(markup& m, const report_data& r, std::string_view id) {
    m << "<figure data-of=\"" << id << "\">" << growth_svg(r, id) << "<figcaption>"
      << (r.one_dimensional
              ? "From top to bottom the field after each layer that widens it, over time; the line is the "
                "unit's own step."
              : "Each outline is the field after one more layer that widens it, from light to strong "
                "contrast; the dashed frame is the whole input, the dot the unit's own position.")
      << "</figcaption></figure>";
}

inline void put_ramp(markup& m) {
    m << "<p class=\"ramp\"><span>few paths</span><svg viewBox=\"0 0 12 1\" preserveAspectRatio=\"none\" "
         "aria-hidden=\"true\">";
    for (std::size_t s = 0; s < heat_steps; ++s) {
        m << "<rect class=\"h" << s << "\" x=\"" << s << "\" width=\"1.05\" height=\"1\"/>";
    }
    m << "</svg><span>many</span></p>";
}

inline void put_scale_switch(markup& m, std::string_view id) {
    m << "<fieldset class=\"switch\"><legend class=\"label\">Scale</legend><label><input type=\"radio\" name=\"" << id
      << "scale\" value=\"linear\" checked>linear</label><label><input type=\"radio\" name=\"" << id
      << "scale\" value=\"log\">logarithmic</label></fieldset>";
}

inline std::string support_caption(const report_data& r) {
    markup m;
    m << grouped_text(r.seen()) << " of " << grouped_text(r.field_positions())
      << (r.one_dimensional ? " time steps" : " positions") << " are seen ("
      << percent(static_cast<double>(r.seen()) / static_cast<double>(r.field_positions())) << "); "
      << (r.holes() == 0 ? std::string("no holes.")
                         : grouped_text(r.holes()) + (r.holes() == 1 ? " hole, marked" : " holes, marked") +
                               (r.one_dimensional ? " below the bars." : " with a cross."));
    return std::move(m.text);
}

inline void put_support(markup& m, const report_data& r, std::string_view id) {
    const path_histogram& h = r.paths;
    if (h.height == 0) {
        m << "<p class=\"panel\">The field has more than " << grouped_text(path_histogram::most)
          << " positions; its support is not drawn.</p>";
        return;
    }
    markup effective;
    effective << "Standard deviation "
              << (r.one_dimensional ? "" : markup::trimmed(std::sqrt(h.variance_y)) + " rows, ")
              << markup::trimmed(std::sqrt(h.variance_x)) << (r.one_dimensional ? " steps" : " columns") << "; 4 σ is "
              << percent(4 * std::sqrt(h.variance_x) / static_cast<double>(r.field.width.size))
              << " of the field's width. Centre of mass "
              << (r.one_dimensional ? "" : markup::trimmed(h.mean_y - h.own_y) + " rows and ")
              << markup::trimmed(h.mean_x - h.own_x) << (r.one_dimensional ? " steps" : " columns")
              << " from the unit.";
    if (h.counted_phases < h.phases) {
        effective << " Counted for " << h.counted_phases << " of " << h.phases << " phases of the output's units.";
    }
    if (r.one_dimensional) {
        m << "<div class=\"panel scales\"><figure>" << histogram_svg(r, id);
        put_scale_switch(m, id);
        m << "<figcaption>" << support_caption(r)
          << " Bars: how many paths of taps lead from each step to the unit, oldest on the left. " << effective.text
          << "</figcaption></figure></div>";
        return;
    }
    m << "<div class=\"pair\"><figure class=\"panel\"><h3>Support: what is seen at all</h3>" << support_svg(r, id)
      << "<figcaption>" << support_caption(r)
      << "</figcaption></figure><figure class=\"panel scales\"><h3>Effective field: what counts how much</h3>";
    m << effective_svg(r, id);
    put_ramp(m);
    put_scale_switch(m, id);
    m << "<figcaption>Paths of taps that lead from a position to the unit; the ellipse has two standard deviations. "
      << effective.text << "</figcaption></figure></div>";
}

/// A chart along the layers: its heading is text of the page, so that the bars alone are stretched.
template <class Value>
inline void put_bars(markup& m, const report_data& r, std::string_view name, std::string_view unit, Value value) {
    const std::size_t n = r.layers.size();
    std::size_t most = 0, where = 0, sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t v = value(r.layers[i]).first;
        sum += v;
        if (v > most) {
            most = v;
            where = i;
        }
    }
    const auto written = [&](std::size_t v) { return unit == "bytes" ? byte_count(v) : brief_count(v); };
    m << "<div class=\"chart\"><h3>" << name << "<span>";
    if (most == 0) {
        m << "none";
    } else {
        m << written(sum) << " in all; largest: " << escaped(r.layers[where].path) << ' '
          << escaped(brick_text(r.layers[where], r.one_dimensional)) << ", " << written(most) << " ("
          << percent(static_cast<double>(most) / static_cast<double>(sum)) << ')';
    }
    m << "</span></h3><svg class=\"bars\" preserveAspectRatio=\"none\" viewBox=\"0 0 " << n << " 100\" role=\"img\" "
      << "aria-label=\"" << name
      << " of each layer, in data-flow order\"><rect class=\"here\" width=\"0\" height=\"100\"/>";
    for (std::size_t i = 0; i < n; ++i) {
        const auto [v, inside] = value(r.layers[i]);
        if (v == 0) {
            continue;
        }
        const double height = 100 * static_cast<double>(v) / static_cast<double>(most);
        const double full = height * static_cast<double>(inside) / static_cast<double>(v);
        m << "<rect class=\"" << (inside < v ? "waste" : "bar") << "\" x=\"" << static_cast<double>(i) + 0.1
          << "\" y=\"" << 100 - height << "\" width=\".8\" height=\"" << height << "\"><title>"
          << escaped(r.layers[i].path) << ' ' << escaped(brick_text(r.layers[i], r.one_dimensional)) << ": "
          << grouped_text(v) << "</title></rect>";
        if (inside < v) {
            m << "<rect class=\"inside\" x=\"" << static_cast<double>(i) + 0.1 << "\" y=\"" << 100 - full
              << "\" width=\".8\" height=\"" << full << "\"/>";
        }
    }
    m << "</svg></div>";
}

/// The curve of the field's width; of two networks over the same axes (each over its own depth).
inline void put_curve(markup& m, const report_data& r, const report_data* other) {
    const auto widest = [](const report_data& d) {
        std::size_t w = d.field.width.size;
        for (const layer_info& l : d.layers) {
            w = std::max(w, l.receptive_field.width.size);
        }
        return w;
    };
    const std::size_t field = std::max(widest(r), other == nullptr ? 0 : widest(*other));
    const std::size_t input = r.input.width;
    const bool limit = input <= 3 * field;
    const double most = 1.06 * static_cast<double>(limit ? std::max(field, input) : field);
    const std::size_t n = r.layers.size();
    m << "<div class=\"chart\"><h3>Width of the field<span>";
    if (other == nullptr) {
        m << "up to " << grouped_text(field) << (r.one_dimensional ? " time steps" : " positions");
    } else {
        m << "solid: " << escaped(r.title) << ", dashed: " << escaped(other->title);
    }
    m << "; " << (limit ? "dashed level: " : "") << "the input's width, " << grouped_text(input)
      << "</span></h3><svg class=\"bars tall\" preserveAspectRatio=\"none\" viewBox=\"0 0 " << n
      << " 100\" role=\"img\" aria-label=\"Width of the receptive field after each layer\"><rect class=\"here\" "
         "width=\"0\" height=\"100\"/>";
    const auto line = [&](const report_data& d) {
        markup p;
        const double step = static_cast<double>(n) / static_cast<double>(d.layers.size());
        p << "M0 " << fixed_text(100 - 100 / most, 2);
        for (std::size_t i = 0; i < d.layers.size(); ++i) {
            p << 'L' << step * static_cast<double>(i) << ' '
              << 100 - 100 * static_cast<double>(d.layers[i].receptive_field.width.size) / most << 'H'
              << step * static_cast<double>(i + 1);
        }
        return p.text;
    };
    const std::string path = line(r);
    m << "<path class=\"area\" d=\"" << path << "V100H0z\"/><path class=\"curve\" d=\"" << path << "\"/>";
    if (other != nullptr) {
        m << "<path class=\"curve second\" d=\"" << line(*other) << "\"/>";
    }
    if (limit) {
        const double y = 100 - 100 * static_cast<double>(input) / most;
        m << "<path class=\"limit\" d=\"M0 " << y << 'H' << n << "\"/>";
    }
    m << "</svg></div>";
}

inline void put_charts(markup& m, const report_data& r) {
    using pair = std::pair<std::size_t, std::size_t>;
    put_bars(m, r, "Parameters", "", [](const layer_info& l) { return pair{l.parameters, l.parameters}; });
    put_bars(m, r, "MACs (pale: taps in the padding)", "", [](const layer_info& l) {
        return pair{l.macs, executed_macs(l)};
    });
    put_bars(m, r, "Memory of the outputs", "bytes", [](const layer_info& l) {
        return pair{output_bytes(l), output_bytes(l)};
    });
}

inline void put_table(markup& m, const report_data& r, std::string_view id) {
    const bool one_d = r.one_dimensional;
    m << "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Layers of " << escaped(r.title)
      << "\"><table class=\"layers\"><caption>Layers of " << escaped(r.title)
      << " in data-flow order. Paths are the prefixes of the weights' names.</caption><thead><tr>"
         "<th class=\"l\" scope=\"col\">Path</th><th class=\"l\" scope=\"col\">Brick</th><th scope=\"col\">Output</th>"
         "<th scope=\"col\">Field</th><th scope=\"col\">Stride</th><th scope=\"col\">Parameters</th>"
         "<th scope=\"col\">MACs</th><th scope=\"col\">Valid taps</th><th scope=\"col\">Bytes</th></tr></thead><tbody>";
    const auto number = [&](std::size_t v) {
        m << (v == 0 ? "<td class=\"zero\">" : "<td>") << grouped_text(v) << "</td>";
    };
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
        const layer_info& l = r.layers[i];
        m << "\n<tr id=\"" << id << 'L' << i << "\"><th class=\"l\" scope=\"row\">" << escaped(l.path)
          << "</th><td class=\"l\"><span class=\"k\" style=\"background:var(--k-" << kind_css(l) << ")\"></span>"
          << escaped(brick_text(l, one_d)) << "</td><td>" << shape_text(l.output, one_d) << "</td><td>"
          << field_text(l.receptive_field, one_d) << "</td><td>" << stride_text(l.receptive_field, one_d) << "</td>";
        number(l.parameters);
        number(l.macs);
        m << (l.macs == 0 ? "<td class=\"zero\">–</td>" : "<td>" + percent(valid_share(l)) + "</td>");
        number(output_bytes(l));
        m << "</tr>";
    }
    const std::size_t macs = r.figure("macs");
    m << "</tbody><tfoot><tr><th class=\"l\" scope=\"row\">total</th><td></td><td>" << outputs_text(r) << "</td><td>"
      << field_text(r.field, one_d) << "</td><td>" << stride_text(r.field, one_d) << "</td>";
    number(r.figure("parameters"));
    number(macs);
    m << "<td>"
      << (macs == 0 ? std::string("–")
                    : percent(static_cast<double>(r.figure("executed_macs")) / static_cast<double>(macs)))
      << "</td>";
    number(r.figure("activation_bytes"));
    m << "</tr></tfoot></table></div>";
}

inline void put_graph(markup& m, const report_data& r, std::string_view id) {
    m << graph_legend(r) << "<div class=\"scroll graphbox\" role=\"region\" tabindex=\"0\" aria-label=\"Graph of "
      << escaped(r.title) << "\">" << graph_svg(r, id, true) << "</div>";
}

inline void put_heading(markup& m, std::string_view id, std::string_view title, std::string_view hint) {
    m << "<section aria-labelledby=\"" << id << "\"><h2 id=\"" << id << "\">" << title << "</h2><p class=\"hint\">"
      << hint << "</p>";
}

inline std::string report_page(const report_data& r) {
    markup m;
    markup lede;
    lede << shape_text(r.input, r.one_dimensional) << " in, " << outputs_text(r) << " out, " << r.layers.size()
         << " layers. " << summary_sentence(r);
    put_page_start(m, r.title, "fovea report", lede.text);
    put_totals(m, r);
    put_heading(m, "lints", "Lints",
                "What the compiler can tell of this design before it is trained, and what mends it.");
    put_lints(m, r);
    m << "</section>\n";
    put_heading(m, "growth", "How the field grows", "The part of the input that one unit sees, layer by layer.");
    put_slider(m, r, "a");
    m << "<div class=\"pair\"><div class=\"panel\">";
    put_growth(m, r, "a");
    m << "</div><div class=\"panel\" data-of=\"a\">";
    put_curve(m, r, nullptr);
    m << "<p class=\"hint\">Least along any path: "
      << size_text(r.field.height.least, r.field.width.least, r.one_dimensional)
      << ", most: " << field_text(r.field, r.one_dimensional) << ". Neighbouring units stand "
      << stride_text(r.field, r.one_dimensional) << " apart. The unit sees "
      << (r.one_dimensional
              ? std::to_string(r.field.width.before) + " steps before its own and " +
                    std::to_string(r.field.width.after) + " behind"
              : std::to_string(r.field.height.before) + " rows above, " + std::to_string(r.field.height.after) +
                    " below, " + std::to_string(r.field.width.before) + " columns to the left, " +
                    std::to_string(r.field.width.after) + " to the right")
      << ".</p></div></div></section>\n";
    put_heading(
        m, "support", "What is seen, and how much it counts",
        "Far from the borders, for one output unit; where strides make units differ, for all of them together.");
    put_support(m, r, "a");
    m << "</section>\n";
    put_heading(m, "cost", "Where the cost is",
                "Along the layers, in data-flow order; the slider above marks one of them.");
    m << "<div class=\"panel\" data-of=\"a\">";
    put_charts(m, r);
    m << "</div></section>\n";
    put_heading(
        m, "graph", "The graph",
        "In data-flow order; normalisation and activations stand in the box of the layer before them. A box leads to "
        "its row in the table.");
    put_graph(m, r, "a");
    m << "</section>\n";
    put_heading(m, "layers", "Layer by layer", "");
    put_table(m, r, "a");
    m << "</section>\n";
    put_json(m, r, "a");
    put_page_end(m);
    return std::move(m.text);
}

/// "+12 %", "× 3.2", "same"
inline std::string difference(std::size_t a, std::size_t b) {
    if (a == b) {
        return "same";
    }
    if (a == 0 || b == 0) {
        return b > a ? "+" + grouped_text(b) : "−" + grouped_text(a);
    }
    const double ratio = static_cast<double>(b) / static_cast<double>(a);
    if (ratio >= 2) {
        return "× " + fixed_text(ratio, ratio < 99.5 ? 1 : 0);
    }
    if (ratio <= 0.5) {
        return "÷ " + fixed_text(1 / ratio, 1 / ratio < 99.5 ? 1 : 0);
    }
    return (ratio > 1 ? "+" : "−") + percent(std::abs(ratio - 1));
}

inline void put_comparison(markup& m, const report_data& a, const report_data& b) {
    m << "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Totals of both\"><table><caption>Totals of "
      << escaped(a.title) << " and " << escaped(b.title)
      << "; the last column is the second against the first.</caption><thead><tr><th class=\"l\" "
         "scope=\"col\">Figure</th>"
         "<th scope=\"col\">"
      << escaped(a.title) << "</th><th scope=\"col\">" << escaped(b.title)
      << "</th><th scope=\"col\">Difference</th></tr></thead><tbody>";
    const auto row = [&](std::string_view label, const std::string& x, const std::string& y, const std::string& d) {
        m << "<tr><th class=\"l\" scope=\"row\">" << label << "</th><td>" << x << "</td><td>" << y
          << "</td><td class=\"diff\">" << d << "</td></tr>";
    };
    row("Input", shape_text(a.input, a.one_dimensional), shape_text(b.input, b.one_dimensional),
        a.input == b.input ? "same" : "");
    row("Output", outputs_text(a), outputs_text(b), "");
    row("Receptive field", field_text(a.field, a.one_dimensional), field_text(b.field, b.one_dimensional),
        difference(a.field.width.size, b.field.width.size));
    row("Stride", stride_text(a.field, a.one_dimensional), stride_text(b.field, b.one_dimensional), "");
    if (a.paths.height > 0 && b.paths.height > 0) {
        row("Holes", grouped_text(a.holes()), grouped_text(b.holes()), difference(a.holes(), b.holes()));
        const auto effective = [](const report_data& r) { return 4 * std::sqrt(r.paths.variance_x); };
        row("Effective width (4 σ)", fixed_text(effective(a), 1), fixed_text(effective(b), 1), "");
    }
    for (const report_figure& f : a.figures) {
        for (const report_figure& g : b.figures) {
            if (f.key == g.key) {
                row(f.label, figure_text(f, true), figure_text(g, true), difference(f.value, g.value));
            }
        }
    }
    m << "</tbody></table></div>";
}

inline std::string comparison_page(const report_data& a, const report_data& b) {
    markup m;
    put_page_start(m, a.title + " and " + b.title, "fovea report, side by side",
                   "<strong>" + escaped(a.title) + ":</strong> " + summary_sentence(a) + "<br><strong>" +
                       escaped(b.title) + ":</strong> " + summary_sentence(b));
    const report_data* both[] = {&a, &b};
    const std::string_view ids[] = {"a", "b"};
    const auto pair = [&](auto put) {
        m << "<div class=\"pair\">";
        for (std::size_t i = 0; i < 2; ++i) {
            m << "<div class=\"panel\" data-of=\"" << ids[i] << "\"><h3>" << escaped(both[i]->title) << "</h3>";
            put(*both[i], ids[i]);
            m << "</div>";
        }
        m << "</div></section>\n";
    };
    put_heading(m, "totals", "Totals", "");
    put_comparison(m, a, b);
    m << "</section>\n";
    put_heading(m, "lints", "Lints", "");
    pair([&](const report_data& r, std::string_view) { put_lints(m, r); });
    put_heading(m, "growth", "How the fields grow", "Along the layers, each network over its own depth.");
    m << "<div class=\"panel\">";
    put_curve(m, a, &b);
    m << "</div><br>";
    pair([&](const report_data& r, std::string_view id) {
        put_slider(m, r, id);
        put_growth(m, r, id);
    });
    put_heading(m, "support", "What is seen, and how much it counts", "");
    pair([&](const report_data& r, std::string_view id) { put_support(m, r, id); });
    put_heading(m, "cost", "Where the cost is",
                "Along the layers, in data-flow order; each chart has a scale of its own.");
    pair([&](const report_data& r, std::string_view) { put_charts(m, r); });
    put_heading(m, "graph", "The graphs", "");
    pair([&](const report_data& r, std::string_view id) { put_graph(m, r, id); });
    put_heading(m, "layers", "Layer by layer", "");
    pair([&](const report_data& r, std::string_view id) { put_table(m, r, id); });
    put_json(m, a, "a");
    put_json(m, b, "b");
    put_page_end(m);
    return std::move(m.text);
}

}  // namespace fovea::detail
