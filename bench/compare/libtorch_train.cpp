// SPDX-License-Identifier: BSD-3-Clause
// How fast does libtorch train a network? A step: forward with the batch's statistics, cross-entropy, backward, Adam; the answer is the better of contiguous and
// channels_last.
//   compare_libtorch_train FOLDER BATCH THREADS
#include <memory>

#include <torch/torch.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

#include <fovea/io/safetensors.hpp>

#include "worker.hpp"

namespace {

class steps {
public:
    steps(const std::string& folder, std::int64_t images, bool channels_last)
        : layout_(channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous) {
        const auto net = nlohmann::json::parse(std::ifstream(folder + "/network.json"));
        const auto weights = fovea::safetensors::read(folder + "/weights.safetensors");
        for (const auto& layer : net["layers"]) {
            add(layer, weights);
        }
        const auto shape = net["input"].get<std::array<std::int64_t, 3>>();
        std::vector<float> x = compare::read_floats(folder + "/input.bin");
        images_ = torch::from_blob(x.data(), {images, shape[0], shape[1], shape[2]}).clone().contiguous(layout_);
        const auto out = net["output"].get<std::array<std::int64_t, 3>>();
        std::vector<float> labels = compare::read_floats(folder + "/labels.bin");
        labels_ = torch::from_blob(labels.data(), {images, out[1], out[2]}).to(torch::kLong);
        adam_ = std::make_unique<torch::optim::Adam>(parameters_, torch::optim::AdamOptions(1e-3));
    }

    double step() {
        adam_->zero_grad();
        std::vector<torch::Tensor> maps{images_};
        for (const auto& layer : layers_) {
            maps.push_back(layer(maps));
        }
        const torch::Tensor loss = torch::nn::functional::cross_entropy(maps.back(), labels_);
        loss.backward();
        adam_->step();
        return loss.item<double>();
    }

private:
    using map_list = std::vector<torch::Tensor>;

    void add(const nlohmann::json& layer, const fovea::safetensors::file& weights) {
        const std::string operation = layer["operation"];
        const auto in = layer["inputs"].get<std::vector<std::size_t>>();
        const auto channels = [&](const char* which) { return layer[which][0].get<std::int64_t>(); };
        const auto tensor = [&](torch::Tensor t, const char* field) {
            const std::string name = layer["path"].get<std::string>() + "." + field;
            const auto* entry = weights.find(name);
            if (entry == nullptr) {
                throw std::runtime_error("no tensor " + name);
            }
            torch::NoGradGuard no_gradient;
            weights.copy_floats(*entry, {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())});
        };
        const auto keep = [&](auto module) {
            for (const auto& p : module->parameters()) {
                if (p.dim() == 4) {
                    p.set_data(p.contiguous(layout_));
                }
                parameters_.push_back(p);
            }
            module->train();
        };
        if (operation == "conv") {
            const auto pair = [&](const char* field) { return layer[field].get<std::vector<std::int64_t>>(); };
            const auto p = pair("padding");
            const bool even = p[0] == p[2] && p[1] == p[3];
            torch::nn::Conv2d conv(torch::nn::Conv2dOptions(channels("input"), channels("output"), pair("kernel"))
                                       .stride(pair("stride"))
                                       .dilation(pair("dilation"))
                                       .padding(even ? std::vector<std::int64_t>{p[0], p[1]} : std::vector<std::int64_t>{0, 0})
                                       .groups(layer["groups"].get<std::int64_t>()));
            tensor(conv->weight, "weight");
            tensor(conv->bias, "bias");
            keep(conv);
            layers_.push_back([conv, in, even, p](const map_list& m) mutable {
                return even ? conv(m[in[0]]) : conv(torch::constant_pad_nd(m[in[0]], {p[1], p[3], p[0], p[2]}));
            });
        } else if (operation == "batch_norm") {
            torch::nn::BatchNorm2d norm(torch::nn::BatchNormOptions(channels("input"))
                                            .eps(layer["epsilon"].get<double>())
                                            .momentum(layer["momentum"].get<double>()));
            tensor(norm->weight, "weight");
            tensor(norm->bias, "bias");
            keep(norm);
            layers_.push_back([norm, in](const map_list& m) mutable { return norm(m[in[0]]); });
        } else if (operation == "relu") {
            layers_.push_back([in](const map_list& m) { return torch::relu_(const_cast<torch::Tensor&>(m[in[0]])); });
        } else if (operation == "add") {
            layers_.push_back([in](const map_list& m) { return m[in[0]] + m[in[1]]; });
        } else if (operation == "mean") {
            layers_.push_back([in](const map_list& m) { return torch::adaptive_avg_pool2d(m[in[0]], {1, 1}); });
        } else if (operation == "softmax") {
            // part of the loss
        } else {
            throw std::runtime_error("libtorch is not given " + operation);
        }
    }

    torch::MemoryFormat layout_;
    std::vector<std::function<torch::Tensor(const map_list&)>> layers_;
    std::vector<torch::Tensor> parameters_;
    std::unique_ptr<torch::optim::Adam> adam_;
    torch::Tensor images_, labels_;
};

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 4) {
            throw std::runtime_error("arguments: FOLDER BATCH THREADS");
        }
        const std::string folder = argv[1];
        const std::int64_t images = std::stoll(argv[2]);
        at::set_num_threads(std::stoi(argv[3]));
        double least[2];
        std::shared_ptr<steps> both[2];
        for (const bool last : {false, true}) {
            both[last] = std::make_shared<steps>(folder, images, last);
            const std::vector<double> times = compare::bursts([&] { both[last]->step(); }, 0.3);
            least[last] = *std::min_element(times.begin(), times.end());
        }
        const bool last = least[1] < least[0];
        return compare::serve({.version = std::string(TORCH_VERSION) + (last ? " channels_last" : " contiguous"),
                               .call = [&] { both[last]->step(); },
                               .output = compare::first_losses([&] { return std::make_shared<steps>(folder, images, last); })});
    });
}
