// SPDX-License-Identifier: BSD-3-Clause
// How fast does dlib train Strided4? A step: forward with the batch's statistics, cross-entropy, backward, Adam.
//   compare_dlib_train FOLDER BATCH
#include <memory>

#include <fovea/io/safetensors.hpp>

#include "dlib_strided4.hpp"

namespace {

using network = dlib::loss_multiclass_log<compare::dlib_strided4<dlib::bn_con>::logits>;

class steps {
public:
    steps(const std::string& folder, long images)
        : images_(compare::mirrored_images(compare::read_floats(folder + "/input.bin"), images)),
          // The trainer's adam, without its weight decay.
          adam_(network::num_computational_layers, dlib::adam(0, 0.9F, 0.999F)) {
        const std::vector<float> labels = compare::read_floats(folder + "/labels.bin");
        labels_.assign(labels.begin(), labels.begin() + images);
        compare::make_parameters(net_.subnet(), images_);
        const auto file = fovea::safetensors::read(folder + "/weights.safetensors");
        const auto tensor = [&](const std::string& name) {
            const auto* entry = file.find(name);
            if (entry == nullptr) {
                throw std::runtime_error("no tensor " + name);
            }
            std::size_t count = 1;
            for (const std::size_t extent : entry->shape) {
                count *= extent;
            }
            std::vector<float> values(count);
            file.copy_floats(*entry, values);
            return values;
        };
        compare::set_dense(dlib::layer<1>(net_).layer_details().get_layer_params(), tensor("13.weight"), tensor("13.bias"));
        const auto set = [&](auto& layer, const std::string& path) {
            compare::set_convolution(layer.layer_details().get_layer_params(), tensor(path + ".weight"), tensor(path + ".bias"));
        };
        set(dlib::layer<5>(net_), "9");
        set(dlib::layer<8>(net_), "6");
        set(dlib::layer<11>(net_), "3");
        set(dlib::layer<14>(net_), "0");
    }

    double step() {
        const double loss = net_.compute_parameter_gradients(images_, labels_.begin());
        net_.update_parameters(adam_, 1e-3);
        return loss;
    }

private:
    network net_;
    dlib::resizable_tensor images_;
    std::vector<unsigned long> labels_;
    std::vector<dlib::adam> adam_;
};

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 3) {
            throw std::runtime_error("arguments: FOLDER BATCH");
        }
        const std::string folder = argv[1];
        if (nlohmann::json::parse(std::ifstream(folder + "/network.json"))["name"] != "Strided4") {
            throw std::runtime_error("dlib has no dilation: only Strided4 is written for it");
        }
        const long images = std::stol(argv[2]);
        steps s(folder, images);
        return compare::serve({.version = FOVEA_COMPARE_VERSION, .call = [&] { s.step(); }, .output = compare::first_losses([&] {
                                   return std::make_shared<steps>(folder, images);
                               })});
    });
}
