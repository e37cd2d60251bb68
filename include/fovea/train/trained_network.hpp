// SPDX-License-Identifier: BSD-3-Clause
// What does a training run ask of a network, whatever its loss?
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fovea/detail/error.hpp>
#include <fovea/infer/questions.hpp>
#include <fovea/infer/tensors.hpp>

namespace fovea::detail {

template <class Net>
struct trained_network {
    static constexpr std::size_t channels = input_shape<Net>.channels;
    static constexpr std::size_t height = input_shape<Net>.height;
    static constexpr std::size_t width = input_shape<Net>.width;

    /// A BatchNorm learns from the differences between a channel's values in a batch: of one value there are none, what
    /// it gives is its bias, and nothing before it learns. \throws Error if n images leave some BatchNorm with one
    /// value
    static void require_batch(std::size_t n) {
        constexpr std::size_t single = [] {  // a BatchNorm on a map of one position
            std::size_t i = 0;
            while (i < layers_of<Net>.size() &&
                   !(layers_of<Net>[i].kind == brick_kind::batch_norm && layers_of<Net>[i].input.positions() == 1)) {
                ++i;
            }
            return i;
        }();
        if constexpr (single < layers_of<Net>.size()) {
            if (n == 1) {
                throw Error(
                    "fovea: BatchNorm '" + std::string(layers_of<Net>[single].path) +
                    "': expected more than 1 value per channel in training, got 1: its map is 1x1 and the batch "
                    "one image; train with batches of 2 images or more");
            }
        }
    }

    /// The tensor that holds value i of parameters() or, behind them, of buffers().
    static std::string_view tensor_at(std::size_t i) {
        for (const tensor_info& t : tensor_list<Net>) {
            if (i >= t.offset && i < t.offset + t.size()) {
                return t.name;
            }
        }
        return {};
    }
};

}  // namespace fovea::detail
