// SPDX-License-Identifier: BSD-3-Clause
// How wrong is a network? Cross-entropy from logits, fused with the softmax: one label an image or one a pixel.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fovea/detail/finite.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea {

/// Sums over the positions of one image.
struct loss_sums {
    double loss = 0;
    std::size_t correct = 0;
};

/// Cross-entropy -log softmax(logits)[label] at every position of a map (nats); the logits' largest is subtracted
/// first, so no exp overflows. A prediction is the first largest logit, NaN before all. (softmax - one-hot) * scale is
/// added to `gradient`, if there is one, but where the label is ignored.
template <class T, map_layout M>
loss_sums cross_entropy(const T* logits, const std::uint8_t* labels, T* gradient, T scale) {
    loss_sums sums;
    for (std::ptrdiff_t y = 0; y < M.height; ++y) {
        for (std::ptrdiff_t x = 0; x < M.width; ++x) {
            const T* p = logits + y * M.pitch + x;
            T* g = gradient == nullptr ? nullptr : gradient + y * M.pitch + x;
            const std::uint8_t label = labels[y * M.width + x];
            if (label == ignore_label) {
                continue;
            }
            std::ptrdiff_t best = 0;
            for (std::ptrdiff_t c = 1; c < M.channels; ++c) {
                const T value = p[c * M.plane], largest = p[best * M.plane];
                best = value > largest || (detail::is_nan(value) && !detail::is_nan(largest)) ? c : best;
            }
            const T largest = p[best * M.plane];
            T values[256];
            double sum = 0;
            for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                values[c] = std::exp(p[c * M.plane] - largest);
                sum += static_cast<double>(values[c]);
            }
            sums.loss += std::log(sum) - static_cast<double>(p[label * M.plane] - largest);
            sums.correct += best == label ? 1U : 0U;
            if (g != nullptr) {
                const T factor = static_cast<T>(static_cast<double>(scale) / sum);
                for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                    g[c * M.plane] += values[c] * factor;
                }
                g[label * M.plane] -= scale;
            }
        }
    }
    return sums;
}

}  // namespace fovea
