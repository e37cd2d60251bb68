// SPDX-License-Identifier: BSD-3-Clause
// docs/reports.md: pages, drawings and a gallery.
#include <filesystem>
#include <fstream>

#include <fovea/report.hpp>

#include "../../examples/networks/seed_networks.hpp"

using namespace fovea;
using seed::Dilated4;
using seed::Strided4;

int main() {
    // [page]
    write_report<Dilated4>("dilated4.html");
    compare_reports<Dilated4, Strided4>("both.html", "Dilated4", "Strided4");
    // [page]

    // [drawings]
    std::ofstream("graph.svg") << svg<Dilated4>("Dilated4");            // the graph; light or dark as its reader's scheme
    std::ofstream("field.svg") << receptive_field_svg<Dilated4>();      // the growth of the field over the input
    std::ofstream("graph.dot") << dot<Dilated4>();                      // for Graphviz
    std::ofstream("table.md") << markdown<Dilated4>();                  // layers, totals and lints, for a README
    // [drawings]

    // [gallery]
    std::filesystem::create_directory("gallery");
    write_gallery("gallery", "Our networks", {{"In the camera", "32x32, ten classes",
                                               {collect_report<Dilated4>("Dilated4"), collect_report<Strided4>("Strided4")}}});
    // [gallery]

    // [data]
    const report_data r = collect_report<Dilated4>("Dilated4");         // plain values: no template behind this line
    const bool right = r.field == 31 && r.figure("parameters") == 25'474 && r.holes() == 0 && r.lints.empty();
    // [data]
    return right && std::filesystem::file_size("gallery/index.html") > 0 && std::filesystem::exists("gallery/strided4.html") ? 0 : 1;
}
