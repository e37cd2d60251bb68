// SPDX-License-Identifier: BSD-3-Clause
// How fast does dlib run Strided4, its BatchNorm folded?
//   compare_dlib_infer FOLDER BATCH
#include "dlib_strided4.hpp"

namespace {

template <class Below>
using no_norm = Below;

using network = dlib::softmax<compare::dlib_strided4<no_norm>::logits>;

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 3) {
            throw std::runtime_error("arguments: FOLDER BATCH");
        }
        const std::string folder = argv[1];
        const compare::folded_network net = compare::read_folded(folder);
        if (net.name != "Strided4") {
            throw std::runtime_error("dlib has no dilation: only Strided4 is written for it");
        }
        const dlib::resizable_tensor x = compare::mirrored_images(compare::read_floats(folder + "/input.bin"), std::stol(argv[2]));
        network n;
        compare::make_parameters(n, x);
        std::size_t at = net.steps.size() - 2;  // behind it: softmax
        compare::set_dense(dlib::layer<1>(n).layer_details().get_layer_params(), net.steps[at].weight, net.steps[at].bias);
        at -= 2;  // the mean
        const auto next = [&](auto& layer) {
            compare::set_convolution(layer.layer_details().get_layer_params(), net.steps[at].weight, net.steps[at].bias);
            --at;
        };
        next(dlib::layer<4>(n));
        next(dlib::layer<6>(n));
        next(dlib::layer<8>(n));
        next(dlib::layer<10>(n));
        const dlib::tensor* y = nullptr;
        return compare::serve({.version = FOVEA_COMPARE_VERSION, .call = [&] { y = &n.forward(x); }, .output = [&] {
                                   return std::vector<float>(y->host(), y->host() + y->size());
                               }});
    });
}
