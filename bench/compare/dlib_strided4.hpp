// SPDX-License-Identifier: BSD-3-Clause
// Strided4 in dlib, the only one of the compared networks that it can express: its convolutions have no dilation, and their padding is the same on both sides.
//
// fovea's `same` puts the odd row of padding behind the map, dlib's padding 1 before it (and behind, where stride 2 on an even map does not reach). So dlib is given
// mirrored kernels and a mirrored image: mirrored windows are fovea's, and the mean over the positions does not see the difference.
#pragma once

#include <dlib/dnn.h>

#include <nlohmann/json.hpp>

#include "folded.hpp"

namespace compare {

template <long Channels, int Stride, class Below>
using dlib_conv = dlib::add_layer<dlib::con_<Channels, 3, 3, Stride, Stride, 1, 1>, Below>;

template <template <class> class Norm>
struct dlib_strided4 {
    template <long Channels, int Stride, class Below>
    using layer = dlib::relu<Norm<dlib_conv<Channels, Stride, Below>>>;
    using logits = dlib::fc<10, dlib::avg_pool_everything<layer<48, 2, layer<32, 2, layer<24, 2, layer<16, 1, dlib::input<dlib::matrix<float>>>>>>>>;
};

inline void copy_mirrored(const float* from, float* to, std::size_t planes, std::size_t size) {
    for (std::size_t p = 0; p < planes; ++p) {
        std::reverse_copy(from + p * size, from + (p + 1) * size, to + p * size);
    }
}

inline dlib::resizable_tensor mirrored_images(const std::vector<float>& x, long images) {
    dlib::resizable_tensor t(images, 3, 32, 32);
    copy_mirrored(x.data(), t.host(), static_cast<std::size_t>(images) * 3, 32 * 32);
    return t;
}

/// forward() of a tensor asks how many samples of it make an image, which only to_tensor() tells: one, with any image.
template <class Network>
void make_parameters(Network& network, const dlib::tensor& images) {
    const dlib::matrix<float> image = dlib::zeros_matrix<float>(32, 32);
    dlib::resizable_tensor one;
    network.to_tensor(&image, &image + 1, one);
    network.forward(images);
}

/// con_'s parameters are the kernels, then the biases; fc_'s the transposed matrix, then the biases.
inline void set_convolution(dlib::tensor& parameters, const std::vector<float>& weight, const std::vector<float>& bias) {
    copy_mirrored(weight.data(), parameters.host(), weight.size() / 9, 9);
    std::copy(bias.begin(), bias.end(), parameters.host() + weight.size());
}
inline void set_dense(dlib::tensor& parameters, const std::vector<float>& weight, const std::vector<float>& bias) {
    const std::size_t outs = bias.size(), ins = weight.size() / outs;
    for (std::size_t o = 0; o < outs; ++o) {
        for (std::size_t i = 0; i < ins; ++i) {
            parameters.host()[i * outs + o] = weight[o * ins + i];
        }
    }
    std::copy(bias.begin(), bias.end(), parameters.host() + weight.size());
}

}  // namespace compare
