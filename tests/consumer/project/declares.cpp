// SPDX-License-Identifier: BSD-3-Clause
// Does fovea::dsl alone declare and describe a network, and write its report?
#include <cstdio>
#include <string>

#include <fovea/report.hpp>

#include "net.hpp"

std::size_t parameters_seen_by_second_file();

int main(int argc, char** argv) {
    const std::string version = std::to_string(FOVEA_VERSION_MAJOR) + "." + std::to_string(FOVEA_VERSION_MINOR) + "." +
                                std::to_string(FOVEA_VERSION_PATCH);
    if (argc != 2 || version != argv[1]) {
        std::printf("version %s, CMake says %s\n", version.c_str(), argc == 2 ? argv[1] : "nothing");
        return 1;
    }
    std::printf("%.*s\n", static_cast<int>(fovea::summary<Net>.size()), fovea::summary<Net>.data());
    fovea::write_report<Net>("net.html");
    return parameters_seen_by_second_file() == fovea::parameter_count<Net> ? 0 : 2;
}
