// SPDX-License-Identifier: BSD-3-Clause
// What stands on the page that leads to several reports? A card a network, and their figures in one table.
#pragma once

#include <fovea/report/page.hpp>

namespace fovea {

/// Reports that belong together on a gallery's page.
struct report_group {
    std::string title{};
    std::string hint{};  ///< a sentence below the title
    std::vector<report_data> reports{};
};

namespace detail {

/// The name of a report's page: letters and digits of its title in lower case, '-' for all others between them.
inline std::string page_name(std::string_view title) {
    std::string name;
    for (const char c : title) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            name += static_cast<char>(upper ? c - 'A' + 'a' : c);
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    name.erase(name.find_last_not_of('-') + 1);
    return name + ".html";
}

inline constexpr std::string_view gallery_style = R"css(
.nets{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr));gap:1rem;list-style:none;margin:0;padding:0}
.net{position:relative;display:flex;flex-direction:column;gap:.7rem;background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:1rem;min-width:0}
.net:hover,.net:focus-within{border-color:var(--accent)}
.net h3{margin:0;overflow-wrap:anywhere}
.net h3 a{text-decoration:none}
.net h3 a::after{content:"";position:absolute;inset:0;border-radius:14px}
.net h3 a:focus-visible{outline:0}.net h3 a:focus-visible::after{outline:3px solid var(--accent);outline-offset:2px}
.net svg.growth{height:150px;background:var(--raised);border-radius:8px;padding:6px}
.net .field,.net .inputframe{vector-effect:non-scaling-stroke}
.net dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .8rem;margin:0;font-size:.88rem;font-variant-numeric:tabular-nums}
.net dt{color:var(--muted)}.net dd{margin:0;text-align:right}
)css";

inline std::string lint_count(const report_data& r) { return r.lints.empty() ? "none" : grouped_text(r.lints.size()); }

inline void put_card(markup& m, const report_data& r, std::size_t number) {
    const bool one_d = r.one_dimensional;
    markup id;
    id << 'n' << number;
    m << "<li class=\"net\"><h3><a href=\"" << page_name(r.title) << "\">" << escaped(r.title) << "</a></h3>"
      << growth_svg(r, id.text) << "<dl>";
    const auto row = [&](std::string_view name, const std::string& value) {
        m << "<dt>" << name << "</dt><dd>" << value << "</dd>";
    };
    row("Input", shape_text(r.input, one_d));
    row("Output", outputs_text(r));
    row("Field", field_text(r.field, one_d));
    row("Parameters", brief_count(r.figure("parameters")));
    row("MACs", brief_count(r.figure("macs")));
    row("Lints", lint_count(r));
    m << "</dl></li>\n";
}

inline std::string gallery_page(std::string_view title, const std::vector<report_group>& groups) {
    std::size_t count = 0;
    for (const report_group& g : groups) {
        count += g.reports.size();
    }
    markup m, lede;
    lede << count
         << " networks, each a C++ type. Shapes, fields and costs are constants that the compiler knows; a card leads "
            "to "
            "its network's report.";
    put_page_start(m, title, "fovea gallery", lede.text);
    m << "<style>" << gallery_style << "</style>";
    std::size_t number = 0, section = 0;
    for (const report_group& g : groups) {
        markup id;
        id << "g" << section++;
        put_heading(m, id.text, escaped(g.title), escaped(g.hint));
        m << "<ul class=\"nets\">";
        for (const report_data& r : g.reports) {
            put_card(m, r, number++);
        }
        m << "</ul></section>\n";
    }
    put_heading(m, "figures", "In figures", "");
    m << "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Figures of all "
         "networks\"><table><thead><tr>"
         "<th class=\"l\" scope=\"col\">Network</th>";
    for (const std::string_view column :
         {"Input", "Output", "Layers", "Field", "Stride", "Parameters", "MACs", "Arena", "Holes", "Lints"}) {
        m << "<th scope=\"col\">" << column << "</th>";
    }
    m << "</tr></thead><tbody>";
    for (const report_group& g : groups) {
        for (const report_data& r : g.reports) {
            const bool one_d = r.one_dimensional;
            m << "\n<tr><th class=\"l\" scope=\"row\"><a href=\"" << page_name(r.title) << "\">" << escaped(r.title)
              << "</a></th>";
            for (const std::string& cell :
                 {shape_text(r.input, one_d), outputs_text(r), grouped_text(r.layers.size()),
                  field_text(r.field, one_d), stride_text(r.field, one_d), grouped_text(r.figure("parameters")),
                  grouped_text(r.figure("macs")), byte_count(r.figure("arena_bytes")),
                  r.field_positions() == 0 ? std::string("–") : grouped_text(r.holes()), lint_count(r)}) {
                m << "<td>" << cell << "</td>";
            }
            m << "</tr>";
        }
    }
    m << "</tbody></table></div></section>\n";
    put_page_end(m);
    return std::move(m.text);
}

}  // namespace detail
}  // namespace fovea
