// SPDX-License-Identifier: BSD-3-Clause
// fovea_report: writes the report of a network, chosen by name, or of two side by side.
//
//     fovea_report --net dilated4 --out dilated4.html
//     fovea_report --net dilated4 --against strided4 --out dilated4-strided4.html
//     fovea_report --net unet --out unet.svg
#include <iostream>
#include <map>
#include <string>

#include <fovea/report.hpp>

#include "../common/command_line.hpp"
#include "../families/deeplab.hpp"
#include "../families/drn.hpp"
#include "../families/hrnet.hpp"
#include "../families/resnet.hpp"
#include "../families/unet.hpp"
#include "../families/wavenet.hpp"
#include "../networks/seed_networks.hpp"

namespace {

using collect = fovea::report_data (*)(std::string);

const std::map<std::string, std::pair<const char*, collect>> networks{
    {"dilated4", {"Dilated4", &fovea::collect_report<seed::Dilated4>}},
    {"largekernel4", {"LargeKernel4", &fovea::collect_report<seed::LargeKernel4>}},
    {"strided4", {"Strided4", &fovea::collect_report<seed::Strided4>}},
    {"cascade10", {"Cascade10", &fovea::collect_report<seed::Cascade10>}},
    {"depthwise10", {"Depthwise10", &fovea::collect_report<seed::Depthwise10>}},
    {"wide4", {"Wide4", &fovea::collect_report<seed::Wide4>}},
    {"segment", {"Segment", &fovea::collect_report<seed::Segment>}},
    {"resnet18", {"ResNet-18", &fovea::collect_report<family::ResNet18>}},
    {"resnet152", {"ResNet-152", &fovea::collect_report<family::ResNet152>}},
    {"drn-c-26", {"DRN-C-26", &fovea::collect_report<family::DrnC26>}},
    {"deeplab50", {"DeepLabv3 on ResNet-50", &fovea::collect_report<family::DeepLab50>}},
    {"hrnet", {"HRNet at full resolution", &fovea::collect_report<family::HrFull>}},
    {"unet", {"U-Net", &fovea::collect_report<family::UNet>}},
    {"wavenet", {"WaveNet", &fovea::collect_report<family::WaveNet>}},
};

fovea::report_data report_of(const std::string& name) {
    const auto& [title, collected] = networks.at(name);
    return collected(title);
}

bool ends_with(const std::string& path, std::string_view ending) {
    return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

int write(const std::string& net, const std::string& against, const std::string& out) {
    const fovea::report_data r = report_of(net);
    if (!against.empty()) {
        fovea::compare_reports(out, r, report_of(against));
    } else if (ends_with(out, ".svg")) {
        fovea::detail::write_text(out, fovea::svg(r));
    } else if (ends_with(out, ".dot")) {
        fovea::detail::write_text(out, fovea::dot(r));
    } else if (ends_with(out, ".md")) {
        fovea::detail::write_text(out, fovea::markdown(r));
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
    std::string net = "dilated4", against, out;
    const CLI::IsMember known(&networks);
    app.add_option("--net", net, "which network")->check(known)->capture_default_str();
    app.add_option("--against", against, "a second one, side by side (page only)")->check(known);
    app.add_option("--out", out, "the file [name of the network + .html]")->type_name("FILE");
    return examples::run_program(app, argc, argv,
                                 [&] { return write(net, against, out.empty() ? net + ".html" : out); });
}
