// SPDX-License-Identifier: BSD-3-Clause
// How fast does libtorch run a network? A script module, frozen (which folds BatchNorm); the answer is its best of four: with and without
// optimize_for_inference, contiguous and channels_last.
//   compare_libtorch_infer FOLDER BATCH THREADS
#include <torch/script.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

#include <fovea/io/safetensors.hpp>

#include "worker.hpp"

namespace {

/// The network as TorchScript: attributes are its weights, whose names' dots become underlines.
torch::jit::Module module_of(const nlohmann::json& net, const fovea::safetensors::file& weights) {
    torch::jit::Module module("network");
    const auto attribute = [&](const nlohmann::json& layer, const char* field) {
        const std::string name = layer["path"].get<std::string>() + "." + field;
        const auto* entry = weights.find(name);
        if (entry == nullptr) {
            throw std::runtime_error("no tensor " + name);
        }
        std::vector<std::int64_t> shape(entry->shape.begin(), entry->shape.end());
        torch::Tensor t = torch::empty(shape);
        weights.copy_floats(*entry, {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())});
        std::string member = "t_" + name;
        std::replace(member.begin(), member.end(), '.', '_');
        const std::string kind = field;
        if (kind == "running_mean" || kind == "running_var") {
            module.register_buffer(member, t);
        } else {
            module.register_parameter(member, t, false);
        }
        return "self." + member;
    };
    const auto list = [](const nlohmann::json& v) { return "[" + std::to_string(v[0].get<int>()) + ", " + std::to_string(v[1].get<int>()) + "]"; };
    std::ostringstream text;
    text << "def forward(self, m0):\n";
    std::size_t map = 0;
    for (const auto& layer : net["layers"]) {
        const auto in = [&](int i) { return "m" + std::to_string(layer["inputs"][static_cast<std::size_t>(i)].get<int>()); };
        const std::string operation = layer["operation"];
        text << "    m" << ++map << " = ";
        if (operation == "conv") {
            const auto& p = layer["padding"];
            std::string x = in(0), padding = list(p);
            if (p[0] != p[2] || p[1] != p[3]) {
                x = "torch.constant_pad_nd(" + x + ", [" + p[1].dump() + ", " + p[3].dump() + ", " + p[0].dump() + ", " + p[2].dump() + "])";
                padding = "[0, 0]";
            }
            text << "torch.conv2d(" << x << ", " << attribute(layer, "weight") << ", " << attribute(layer, "bias") << ", " << list(layer["stride"])
                 << ", " << padding << ", " << list(layer["dilation"]) << ", " << layer["groups"] << ")\n";
        } else if (operation == "batch_norm") {
            text << "torch.batch_norm(" << in(0) << ", " << attribute(layer, "weight") << ", " << attribute(layer, "bias") << ", "
                 << attribute(layer, "running_mean") << ", " << attribute(layer, "running_var") << ", False, 0.1, " << layer["epsilon"] << ", False)\n";
        } else if (operation == "relu") {
            text << "torch.relu(" << in(0) << ")\n";
        } else if (operation == "add") {
            text << in(0) << " + " << in(1) << "\n";
        } else if (operation == "mean") {
            text << "torch.adaptive_avg_pool2d(" << in(0) << ", [1, 1])\n";
        } else {
            text << "torch.softmax(" << in(0) << ", 1)\n";
        }
    }
    text << "    return m" << map << "\n";
    module.define(text.str());
    module.eval();
    return module;
}

struct variant {
    std::string name;
    torch::jit::Module module;
    torch::Tensor input;
};

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 4) {
            throw std::runtime_error("arguments: FOLDER BATCH THREADS");
        }
        const std::string folder = argv[1];
        at::set_num_threads(std::stoi(argv[3]));
        torch::InferenceMode no_gradient;
        const auto net = nlohmann::json::parse(std::ifstream(folder + "/network.json"));
        const auto weights = fovea::safetensors::read(folder + "/weights.safetensors");
        std::vector<float> x = compare::read_floats(folder + "/input.bin");
        const auto& shape = net["input"];
        const torch::Tensor input = torch::from_blob(x.data(), {std::stoll(argv[2]), shape[0].get<std::int64_t>(), shape[1].get<std::int64_t>(),
                                                                shape[2].get<std::int64_t>()})
                                        .clone();

        std::vector<variant> variants;
        for (const bool last : {false, true}) {
            torch::jit::Module module = module_of(net, weights);
            if (last) {
                for (auto t : module.parameters()) {
                    if (t.dim() == 4) {
                        t.set_data(t.contiguous(torch::MemoryFormat::ChannelsLast));
                    }
                }
            }
            const torch::Tensor moved = last ? input.contiguous(torch::MemoryFormat::ChannelsLast) : input;
            const std::string layout = last ? "channels_last" : "contiguous";
            torch::jit::Module frozen = torch::jit::freeze(module);
            variants.push_back({"frozen " + layout, frozen, moved});
            torch::jit::Module other = torch::jit::freeze(module);
            variants.push_back({"optimised " + layout, torch::jit::optimize_for_inference(other), moved});
        }
        torch::Tensor result;
        const auto call_of = [&](variant& v) {
            return [&v, &result, inputs = std::vector<torch::jit::IValue>{v.input}] { result = v.module.forward(inputs).toTensor(); };
        };
        variant* best = nullptr;
        double least = 0;
        for (variant& v : variants) {
            const auto call = call_of(v);
            for (int i = 0; i < 3; ++i) {
                call();  // the first calls specialise the graph
            }
            const std::vector<double> times = compare::bursts(call, 0.05);
            const double t = *std::min_element(times.begin(), times.end());
            if (best == nullptr || t < least) {
                best = &v;
                least = t;
            }
        }
        return compare::serve({.version = std::string(TORCH_VERSION) + " " + best->name, .call = call_of(*best), .output = [&] {
                                   const torch::Tensor y = result.contiguous();
                                   return std::vector<float>(y.data_ptr<float>(), y.data_ptr<float>() + y.numel());
                               }});
    });
}
