// SPDX-License-Identifier: BSD-3-Clause
// What does compare.py give to the programs of other libraries? A network's steps with BatchNorm folded (network.py).
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "worker.hpp"

namespace compare {

struct step {
    std::string operation;  ///< conv, mean, softmax
    int input = 0;          ///< numbers of maps; 0 is the network's input
    int output = 0;
    int sum = -1;  ///< conv: the map that is added before ReLU; -1: none
    bool relu = false;
    std::array<std::int64_t, 3> input_shape{}, output_shape{};  ///< channels, height, width
    std::array<std::int64_t, 2> kernel{}, dilation{}, stride{};
    std::array<std::int64_t, 4> padding{};  ///< top, left, bottom, right
    std::int64_t groups = 1;
    std::vector<float> weight, bias;  ///< O, I / groups, KH, KW; O
};

struct folded_network {
    std::string name;
    std::array<std::int64_t, 3> input{}, output{};
    std::vector<step> steps;
};

inline folded_network read_folded(const std::string& folder) {
    const auto json = nlohmann::json::parse(std::ifstream(folder + "/folded.json"));
    const std::vector<float> values = read_floats(folder + "/folded.bin");
    folded_network net{json["name"], json["input"], json["output"], {}};
    for (const auto& j : json["steps"]) {
        step s;
        s.operation = j["operation"];
        s.input = j["inputs"][0];
        s.output = j["output"];
        s.relu = j["relu"];
        s.input_shape = j["input_shape"];
        s.output_shape = j["output_shape"];
        if (s.operation == "conv") {
            s.sum = j["sum"].is_null() ? -1 : j["sum"].get<int>();
            s.kernel = j["kernel"];
            s.dilation = j["dilation"];
            s.stride = j["stride"];
            s.padding = j["padding"];
            s.groups = j["groups"];
            const auto tensor = [&](const char* field) {
                const auto first = values.begin() + j[field][0].get<std::ptrdiff_t>();
                return std::vector<float>(first, first + j[field][1].get<std::ptrdiff_t>());
            };
            s.weight = tensor("weight");
            s.bias = tensor("bias");
        }
        net.steps.push_back(std::move(s));
    }
    return net;
}

}  // namespace compare
