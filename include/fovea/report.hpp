// SPDX-License-Identifier: BSD-3-Clause
// How does a network look on a page? Reports for eyes, ears and programs; every figure is a
// constant of the network's type.
#pragma once

#include <set>

// First: see dsl.hpp.
#include <fovea/infer/check.hpp>
#include <fovea/infer/claim.hpp>

#include <fovea/io/atomic_file.hpp>
#include <fovea/plan/engine_plan.hpp>
#include <fovea/report/gallery.hpp>

namespace fovea {

namespace detail {

inline std::string stem_of(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

inline void write_text(const std::string& path, std::string_view text) {
    write_atomically(path, [&](file_writer& out) { out.write(text); });
}

/// An SVG file: the drawing with its style.
inline std::string standalone(std::string svg) {
    svg.insert(svg.find('>') + 1, "<style>" + drawing_style() + "</style>");
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + std::move(svg) + "\n";
}

}  // namespace detail

/// The constants of a network as plain values, and the paths of its receptive field counted (see path_histogram).
template <class Net>
report_data collect_report(std::string title) {
    if constexpr (detail::sound<Net>) {
        return detail::report_of<Net>(std::move(title), {{"arena_bytes", "Arena", "bytes", arena_bytes<Net>,
                                                          "maps of an engine for one input"}});
    } else {
        return detail::report_of<Net>(std::move(title), {});
    }
}

// Of a report that was collected:

/// One self-contained page (UTF-8 HTML, no network access): totals, lints, the growth of the receptive field, its
/// support and effective field, cost along the layers, the graph and the table of layers. Throws FileError; a file that
/// was there before is then unchanged.
inline void write_report(const std::string& path, const report_data& r) {
    detail::write_text(path, detail::report_page(r));
}
/// Two networks side by side on one page.
inline void compare_reports(const std::string& path, const report_data& a, const report_data& b) {
    detail::write_text(path, detail::comparison_page(a, b));
}
/// index.html, with a card a network that leads to its report's page, and those pages, all in a folder that is there.
/// Pages are called as their titles; throws Error before anything is written where two would have one name, FileError
/// where one cannot be written.
inline void write_gallery(const std::string& folder, std::string_view title, const std::vector<report_group>& groups) {
    std::set<std::string> names{"index.html", ".html"};
    for (const report_group& g : groups) {
        for (const report_data& r : g.reports) {
            if (!names.insert(detail::page_name(r.title)).second) {
                detail::raise(Error("fovea: write_gallery: no page of its own for '" + r.title +
                                    "'; give its report a title that differs in letters or digits"));
            }
        }
    }
    for (const report_group& g : groups) {
        for (const report_data& r : g.reports) {
            write_report(folder + "/" + detail::page_name(r.title), r);
        }
    }
    detail::write_text(folder + "/index.html", detail::gallery_page(title, groups));
}
/// The graph as an SVG file's text; it follows the reader's light or dark scheme.
inline std::string svg(const report_data& r) { return detail::standalone(detail::graph_svg(r, "g", false)); }
/// The growth of the receptive field over the input, as an SVG file's text.
inline std::string receptive_field_svg(const report_data& r) { return detail::standalone(detail::growth_svg(r, "g")); }
/// The graph for Graphviz.
inline std::string dot(const report_data& r) { return detail::dot_text(r); }
/// The table of layers, its totals and the lints as Markdown, for a README.
inline std::string markdown(const report_data& r) { return detail::markdown_text(r); }

// Of a network type:

/// `title`: the file's name without folder and ending, if empty.
template <class Net>
void write_report(const std::string& path, const std::string& title = {}) {
    const report_data r = collect_report<Net>(title.empty() ? detail::stem_of(path) : title);
    if constexpr (detail::sound<Net>) {
        write_report(path, r);
    }
}
template <class A, class B>
void compare_reports(const std::string& path, const std::string& title_a = "A", const std::string& title_b = "B") {
    const report_data a = collect_report<A>(title_a), b = collect_report<B>(title_b);
    if constexpr (detail::sound<A> && detail::sound<B>) {
        compare_reports(path, a, b);
    }
}
template <class Net>
std::string svg(const std::string& title = "the network") {
    return svg(collect_report<Net>(title));
}
template <class Net>
std::string receptive_field_svg(const std::string& title = "the network") {
    return receptive_field_svg(collect_report<Net>(title));
}
template <class Net>
std::string dot(const std::string& title = "network") {
    return dot(collect_report<Net>(title));
}
template <class Net>
std::string markdown(const std::string& title = "network") {
    return markdown(collect_report<Net>(title));
}

}  // namespace fovea
