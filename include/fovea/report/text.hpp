// SPDX-License-Identifier: BSD-3-Clause
// What does a network look like as plain text: Graphviz, Markdown, and the JSON inside a report's page?
#pragma once

#include <fovea/report/field.hpp>

namespace fovea::detail {

inline std::string dot_text(const report_data& r) {
    constexpr std::string_view fills[] = {"#cfe5f5", "#f3e2b8", "#cdebd3", "#f5cfe0",
                                          "#ded5f7", "#f2dcc4", "#e3e7ec", "#eef0f2"};
    const auto quoted = [](std::string_view s) {
        std::string out = "\"";
        for (char c : s) {
            out += c == '"' || c == '\\' ? "\\" : "";
            out += c;
        }
        return out += '"';
    };
    markup m;
    m << "digraph " << quoted(r.title) << " {\n    rankdir=TB;\n"
      << "    node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=10];\n"
      << "    map0 [label=" << quoted("Input\n" + shape_text(r.input, r.one_dimensional)) << ", fillcolor=\""
      << fills[7] << "\"];\n";
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
        const layer_info& l = r.layers[i];
        std::size_t kind = 0;
        while (kind_styles[kind].css != kind_css(l.kind)) {
            ++kind;
        }
        markup label;
        label << l.path << ": " << brick_text(l, r.one_dimensional) << '\n' << shape_text(l.output, r.one_dimensional);
        m << "    map" << i + 1 << " [label=" << quoted(label.text) << ", fillcolor=\"" << fills[kind] << "\"];\n";
        for (std::size_t from : r.inputs_of(i)) {
            m << "    map" << from << " -> map" << i + 1 << ";\n";
        }
    }
    m << "}\n";
    return std::move(m.text);
}

inline std::string markdown_text(const report_data& r) {
    const bool one_d = r.one_dimensional;
    const auto cell = [](std::string_view s) {
        std::string out;
        for (char c : s) {
            out += c == '|' ? "\\|" : std::string(1, c);
        }
        return out;
    };
    markup m;
    m << "| layer | brick | output | field | parameters | MACs |\n|:--|:--|--:|--:|--:|--:|\n";
    m << "|  | Input | " << shape_text(r.input, one_d) << " |  |  |  |\n";
    for (const layer_info& l : r.layers) {
        m << "| " << cell(l.path) << " | " << cell(brick_text(l, one_d)) << " | " << shape_text(l.output, one_d)
          << " | " << field_text(l.receptive_field, one_d) << " | " << grouped_text(l.parameters) << " | "
          << grouped_text(l.macs) << " |\n";
    }
    m << "| **total** |  |  | **" << field_text(r.field, one_d) << "** | **" << grouped_text(r.figure("parameters"))
      << "** | **" << grouped_text(r.figure("macs")) << "** |\n\n";
    for (const report_lint& l : r.lints) {
        m << "- **" << l.name << "**"
          << " at " << l.layer << " (" << l.brick << ')' << ": " << l.finding << ' ' << l.remedy << '\n';
    }
    return std::move(m.text);
}

/// The figures of a page for programs.
inline std::string json_of(const report_data& r) {
    const auto axis = [](markup& m, const axis_field& f) {
        m << "{\"size\":" << f.size << ",\"least\":" << f.least << ",\"stride\":[" << f.stride.numerator << ','
          << f.stride.denominator << "],\"padding\":" << f.padding << ",\"before\":" << f.before
          << ",\"after\":" << f.after << '}';
    };
    const auto field = [&](markup& m, const ReceptiveField& f) {
        m << "{\"height\":";
        axis(m, f.height);
        m << ",\"width\":";
        axis(m, f.width);
        m << '}';
    };
    const auto shape = [](markup& m, const Shape& s) {
        m << '[' << s.channels << ',' << s.height << ',' << s.width << ']';
    };
    markup m;
    m << "{\"title\":" << json_text(r.title) << ",\"one_dimensional\":" << (r.one_dimensional ? "true" : "false")
      << ",\"input\":";
    shape(m, r.input);
    m << ",\"outputs\":[";
    for (std::size_t o = 0; o < r.outputs.size(); ++o) {
        m << (o > 0 ? "," : "");
        shape(m, r.shape(r.outputs[o]));
    }
    m << "],\"receptive_field\":";
    field(m, r.field);
    for (const report_figure& f : r.figures) {
        m << ",\"" << f.key << "\":" << f.value;
    }
    const path_histogram& h = r.paths;
    m << ",\"seen\":" << r.seen() << ",\"holes\":" << r.holes()
      << ",\"exact_support\":" << (r.has_support ? "true" : "false") << ",\"sigma\":["
      << fixed_text(std::sqrt(h.variance_y), 6) << ',' << fixed_text(std::sqrt(h.variance_x), 6) << "],\"lints\":[";
    for (std::size_t i = 0; i < r.lints.size(); ++i) {
        const report_lint& l = r.lints[i];
        m << (i > 0 ? "," : "") << "{\"name\":" << json_text(l.name) << ",\"finding\":" << json_text(l.finding)
          << ",\"remedy\":" << json_text(l.remedy) << ",\"layer\":" << json_text(l.layer) << '}';
    }
    m << "],\"layers\":[";
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
        const layer_info& l = r.layers[i];
        m << (i > 0 ? "," : "") << "{\"path\":" << json_text(l.path)
          << ",\"brick\":" << json_text(brick_text(l, r.one_dimensional)) << ",\"output\":";
        shape(m, l.output);
        m << ",\"receptive_field\":";
        field(m, l.receptive_field);
        m << ",\"positions\":" << (l.positions ? "true" : "false") << ",\"parameters\":" << l.parameters
          << ",\"macs\":" << l.macs << ",\"executed_macs\":" << executed_macs(l) << ",\"bytes\":" << output_bytes(l)
          << ",\"inputs\":[";
        for (std::size_t k = 0; k < l.input_count; ++k) {
            m << (k > 0 ? "," : "") << r.inputs_of(i)[k];
        }
        m << "]}";
    }
    m << "]}";
    return std::move(m.text);
}

}  // namespace fovea::detail
