// SPDX-License-Identifier: BSD-3-Clause
// How wrong are answers of yes and no, several of which may be yes at once? Cross-entropy of a sigmoid a value.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <fovea/detail/finite.hpp>
#include <fovea/train/loss.hpp>

namespace fovea {

/// -t log s - (1 - t) log(1 - s) with s the sigmoid of a logit z and t its target from 0 to 1, in nats, as
/// max(z, 0) - z t + log(1 + exp(-|z|)), which neither overflows nor loses digits (PyTorch's BCEWithLogitsLoss). NaN
/// among the targets is passed over. The network ends in logits: without a Sigmoid.
struct binary_cross_entropy {
    using label_type = float;
    static constexpr std::string_view name = "binary_cross_entropy";
    static constexpr last_activation contains = last_activation::sigmoid;
    static constexpr float ignored = detail::not_a_number;
    static constexpr Shape label_shape(Shape output) { return output; }
    static constexpr bool allows(float label, Shape) { return label >= 0 && label <= 1; }
    static std::string expected(Shape) { return "0 to 1"; }

    static constexpr std::size_t sums = 2;  ///< the loss, and values on the target's side of 1/2
    static constexpr std::array<metric, 1> metrics{metric{
        .name = "accuracy", .is = better::up, .share = true, .value = [](std::span<const double> s, double counted) {
            return counted == 0 ? 0.0 : s[1] / counted;
        }}};

    template <class T, map_layout M>
    std::array<double, 2> run(const T* logits, const float* targets, T* gradient, T scale) const {
        double loss = 0;
        std::size_t correct = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                const std::ptrdiff_t row = c * M.plane + y * M.pitch;
                for (std::ptrdiff_t x = 0; x < M.width; ++x) {
                    const float target = *targets++;
                    if (detail::is_nan(target)) {
                        continue;
                    }
                    const T z = logits[row + x], t = static_cast<T>(target);
                    const T small = std::exp(-std::abs(z));  // 0 to 1
                    loss += static_cast<double>((z > 0               ? z
                                                 : detail::is_nan(z) ? z
                                                                     : T(0)) -
                                                z * t) +
                            static_cast<double>(std::log1p(small));
                    correct += !detail::is_nan(z) && (z > 0) == (t > T(0.5)) ? 1U : 0U;
                    if (gradient != nullptr) {
                        gradient[row + x] += ((z > 0 ? T(1) : small) / (1 + small) - t) * scale;
                    }
                }
            }
        }
        return {loss, static_cast<double>(correct)};
    }
};

}  // namespace fovea
