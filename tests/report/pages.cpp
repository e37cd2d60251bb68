// SPDX-License-Identifier: BSD-3-Clause
// Writes pages into a folder, and beside each, as lines "key value", the constants that a browser has to show.
#include <fstream>
#include <iostream>

#include <fovea/infer/lints.hpp>
#include <fovea/report.hpp>

#include "../../examples/networks/seed_networks.hpp"
#include "networks.hpp"

using namespace fovea;

namespace {

template <class Net>
void expect(std::ofstream& out, const std::string& id) {
    out << id << ".parameters " << parameter_count<Net> << '\n'
        << id << ".macs " << mac_count<Net> << '\n'
        << id << ".executed_macs " << executed_mac_count<Net> << '\n'
        << id << ".activation_bytes " << activation_bytes<Net> << '\n'
        << id << ".arena_bytes " << arena_bytes<Net> << '\n'
        << id << ".receptive_field " << receptive_field<Net>.width.size << '\n'
        << id << ".layers " << layer_count<Net> << '\n'
        << id << ".lints " << lints<Net>.size() << '\n'
        << id << ".holes " << support<Net>.height * support<Net>.width - support<Net>.count() << '\n';
    for (const layer_info& l : layers<Net>) {
        out << id << ".row " << l.path << ' ' << l.receptive_field.width.size << ' ' << l.parameters << ' ' << l.macs
            << '\n';
    }
}

template <class Net>
void page(const std::string& folder, const std::string& name) {
    write_report<Net>(folder + "/" + name + ".html");
    std::ofstream out(folder + "/" + name + ".txt");
    expect<Net>(out, "a");
}

template <class A, class B>
void pair(const std::string& folder, const std::string& name) {
    compare_reports<A, B>(folder + "/" + name + ".html", "first", "second");
    std::ofstream out(folder + "/" + name + ".txt");
    expect<A>(out, "a");
    expect<B>(out, "b");
}

/// The page that leads to the others; its figures are in its table.
void index(const std::string& folder) {
    const std::vector<report_group> groups{
        {"Images",
         "Of several sizes.",
         {collect_report<seed::Dilated4>("Dilated4"), collect_report<seed::Segment>("Segment"),
          collect_report<report_test::Holes>("Holes"), collect_report<report_test::Mixed>("Mixed")}},
        {"Time", "", {collect_report<report_test::Time>("Time")}}};
    std::ofstream(folder + "/gallery.html") << detail::gallery_page("A gallery", groups);
    std::ofstream out(folder + "/gallery.txt");
    for (const report_group& g : groups) {
        for (const report_data& r : g.reports) {
            out << r.title << ".parameters " << r.figure("parameters") << '\n'
                << r.title << ".macs " << r.figure("macs") << '\n';
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: fovea_report_pages <folder>\n";
        return 64;
    }
    const std::string folder = argv[1];
    page<seed::Dilated4>(folder, "Dilated4");
    page<report_test::Holes>(folder, "Holes");
    page<report_test::Mixed>(folder, "Mixed");
    page<report_test::Time>(folder, "Time");
    pair<seed::Dilated4, report_test::Holes>(folder, "pair");
    index(folder);
}
