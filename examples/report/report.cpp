// SPDX-License-Identifier: BSD-3-Clause
// fovea_report: writes the report of a network, chosen by name, of two side by side, or of all with a page that leads
// to them.
//
//     fovea_report --net dilated4 --out dilated4.html
//     fovea_report --net dilated4 --against strided4 --out dilated4-strided4.html
//     fovea_report --net unet --out unet.svg
//     fovea_report --gallery folder
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "../common/command_line.hpp"
#include "catalogue.hpp"

namespace {

const std::vector<examples::catalogue_group>& catalogue() {
    static const std::vector<examples::catalogue_group> groups{examples::networks_without_downsampling(),
                                                               examples::classifiers(), examples::map_networks()};
    return groups;
}

std::vector<std::string> names() {
    std::vector<std::string> list;
    for (const examples::catalogue_group& g : catalogue()) {
        for (const examples::catalogued& n : g.networks) {
            list.emplace_back(n.name);
        }
    }
    return list;
}

fovea::report_data report_of(const examples::catalogued& n) { return n.collect(std::string(n.title)); }
fovea::report_data report_of(std::string_view name) {
    for (const examples::catalogue_group& g : catalogue()) {
        for (const examples::catalogued& n : g.networks) {
            if (n.name == name) {
                return report_of(n);
            }
        }
    }
    throw fovea::Error("no network '" + std::string(name) + "'");
}

/// All networks; prints which header declares each.
int write_gallery(const std::string& folder) {
    std::vector<fovea::report_group> groups;
    for (const examples::catalogue_group& g : catalogue()) {
        groups.push_back({std::string(g.title), std::string(g.hint), {}});
        for (const examples::catalogued& n : g.networks) {
            std::cout << n.name << ": examples/" << n.header << '\n';
            groups.back().reports.push_back(report_of(n));
        }
    }
    std::filesystem::create_directories(folder);
    fovea::write_gallery(folder, "Networks of the examples", groups);
    std::cout << "wrote " << folder << "/index.html\n";
    return 0;
}

bool ends_with(const std::string& path, std::string_view ending) {
    return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

void write_text(const std::string& path, const std::string& text) {
    fovea::write_atomically(path, [&](fovea::file_writer& out) { out.write(text); });
}

int write(const std::string& net, const std::string& against, const std::string& out) {
    const fovea::report_data r = report_of(net);
    if (!against.empty()) {
        fovea::compare_reports(out, r, report_of(against));
    } else if (ends_with(out, ".svg")) {
        write_text(out, fovea::svg(r));
    } else if (ends_with(out, ".dot")) {
        write_text(out, fovea::dot(r));
    } else if (ends_with(out, ".md")) {
        write_text(out, fovea::markdown(r));
    } else {
        fovea::write_report(out, r);
    }
    std::cout << "wrote " << out << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Writes the report of a network: a page for the browser, or by the file's ending a drawing (.svg), a graph\n"
        "for Graphviz (.dot) or a table for a README (.md).",
        "fovea_report");
    std::string net = "dilated4", against, out, gallery;
    const CLI::IsMember known(names());
    app.add_option("--net", net, "which network")->check(known)->capture_default_str();
    app.add_option("--against", against, "a second one, side by side (page only)")->check(known);
    app.add_option("--out", out, "the file [name of the network + .html]")->type_name("FILE");
    app.add_option("--gallery", gallery, "all networks instead: their pages and index.html, into this folder")
        ->type_name("FOLDER")
        ->excludes("--net", "--against", "--out");
    return examples::run_program(app, argc, argv, [&] {
        return gallery.empty() ? write(net, against, out.empty() ? net + ".html" : out) : write_gallery(gallery);
    });
}
