// SPDX-License-Identifier: BSD-3-Clause
// How wrong is a regression? The mean of squared differences.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include <fovea/detail/finite.hpp>
#include <fovea/train/loss.hpp>

namespace fovea {

/// (output - target)^2, of every value of the output; a NaN among the targets is passed over. As PyTorch's MSELoss.
struct mean_squared_error {
    using label_type = float;
    static constexpr std::string_view name = "mean_squared_error";
    static constexpr float ignored = detail::not_a_number;
    static constexpr Shape label_shape(Shape output) { return output; }

    static constexpr std::size_t sums = 1;
    /// In the targets' units.
    static constexpr std::array<metric, 1> metrics{
        metric{.name = "rmse", .is = better::down, .value = [](std::span<const double> s, double counted) {
                   return counted == 0 ? 0.0 : std::sqrt(s[0] / counted);
               }}};

    template <class T, map_layout M>
    std::array<double, 1> run(const T* outputs, const float* targets, T* gradient, T scale) const {
        double sum = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                const std::ptrdiff_t row = c * M.plane + y * M.pitch;
                for (std::ptrdiff_t x = 0; x < M.width; ++x) {
                    const float target = *targets++;
                    if (detail::is_nan(target)) {
                        continue;
                    }
                    const T difference = outputs[row + x] - static_cast<T>(target);
                    sum += static_cast<double>(difference) * static_cast<double>(difference);
                    if (gradient != nullptr) {
                        gradient[row + x] += 2 * difference * scale;
                    }
                }
            }
        }
        return {sum};
    }
};

}  // namespace fovea
