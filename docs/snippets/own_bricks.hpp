// SPDX-License-Identifier: BSD-3-Clause
// docs/adding-a-brick.md: bricks that a program adds in a header of its own.
#pragma once

#include <cmath>

#include <fovea/fovea.hpp>

namespace mine {

// [activation]
/// x / (1 + |x|)
struct Soft : fovea::UserActivation {
    static constexpr std::string_view name = "Soft";
    template <class V>
    static V value(V x) {
        return x / (V(1) + fovea::kernels::simd::abs(x));
    }
    /// dy times the slope at x.
    template <class V>
    static V gradient(V dy, V x) {
        const V d = V(1) + fovea::kernels::simd::abs(x);
        return dy / (d * d);
    }
};
// [activation]

// [brick]
/// weight[c] * (x - mean) / deviation + bias[c], over the channels of each position (Ba, Kiros and Hinton 2016).
struct LayerNorm : fovea::UserBrick {
    static constexpr std::string_view name = "LayerNorm";
    static constexpr fovea::brick_family family = fovea::brick_family::norm;
    static constexpr fovea::brick_view view = fovea::brick_view::position;
    static constexpr fovea::Shape output(const fovea::Shape& input) { return input; }
    static constexpr std::array<fovea::user_tensor, 2> tensors(const fovea::Shape& input) {
        return {{{.name = "weight", .extents = {input.channels}, .first_value = 1},
                 {.name = "bias", .extents = {input.channels}, .first_value = 0}}};
    }

    struct moments {
        double mean, scale;
    };
    static moments moments_at(auto x, std::ptrdiff_t row, std::ptrdiff_t column) {
        const double n = static_cast<double>(x.channels());
        double mean = 0, squares = 0;
        for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
            mean += double{x.row(c, row)[column]} / n;
        }
        for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
            squares += (double{x.row(c, row)[column]} - mean) * (double{x.row(c, row)[column]} - mean) / n;
        }
        return {mean, 1 / std::sqrt(squares + 1e-5)};
    }
    static void forward(const auto& w, auto x, auto y, std::ptrdiff_t begin, std::ptrdiff_t end) {
        using T = typename decltype(y)::value_type;
        for (std::ptrdiff_t row = begin; row < end; ++row) {
            for (std::ptrdiff_t k = 0; k < x.width(); ++k) {
                const moments m = moments_at(x, row, k);
                for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
                    const auto normal = static_cast<T>((double{x.row(c, row)[k]} - m.mean) * m.scale);
                    y.row(c, row)[k] = w[0][c] * normal + w[1][c];
                }
            }
        }
    }
    static void backward(const auto& w, auto x, auto, auto dy, auto dx, const auto& dw) {
        using T = typename decltype(dx)::value_type;
        const double n = static_cast<double>(x.channels());
        for (std::ptrdiff_t row = 0; row < x.height(); ++row) {
            for (std::ptrdiff_t k = 0; k < x.width(); ++k) {
                const moments m = moments_at(x, row, k);
                const auto normal = [&](std::ptrdiff_t c) { return (double{x.row(c, row)[k]} - m.mean) * m.scale; };
                double sum = 0, product = 0;
                for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
                    const double d = dy.row(c, row)[k];
                    dw[0][c] += static_cast<T>(d * normal(c));
                    dw[1][c] += static_cast<T>(d);
                    sum += d * double{w[0][c]} / n;
                    product += d * double{w[0][c]} * normal(c) / n;
                }
                for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
                    const double d = double{dy.row(c, row)[k]} * double{w[0][c]};
                    dx.row(c, row)[k] = static_cast<T>(m.scale * (d - sum - normal(c) * product));
                }
            }
        }
    }
};
// [brick]

/// C x H x W -> C / N^2 x N H x N W (Shi et al. 2016; PyTorch: PixelShuffle).
template <int N>
struct PixelShuffle : fovea::UserBrick {
    static constexpr std::string_view name = "PixelShuffle";
    static constexpr fovea::brick_family family = fovea::brick_family::up;
    static constexpr fovea::brick_view view = fovea::brick_view::resampled;
    static constexpr fovea::Shape output(const fovea::Shape& input) {
        return {input.channels % (N * N) == 0 ? input.channels / (N * N) : 0, N * input.height, N * input.width};
    }
    static constexpr std::array<fovea::user_tensor, 0> tensors(const fovea::Shape&) { return {}; }

    static void forward(const auto&, auto x, auto y, std::ptrdiff_t begin, std::ptrdiff_t end) {
        for (std::ptrdiff_t c = 0; c < y.channels(); ++c) {
            for (std::ptrdiff_t row = begin; row < end; ++row) {
                for (std::ptrdiff_t k = 0; k < y.width(); ++k) {
                    y.row(c, row)[k] = x.row((c * N + row % N) * N + k % N, row / N)[k / N];
                }
            }
        }
    }
    static void backward(const auto&, auto, auto y, auto dy, auto dx, const auto&) {
        for (std::ptrdiff_t c = 0; c < y.channels(); ++c) {
            for (std::ptrdiff_t row = 0; row < y.height(); ++row) {
                for (std::ptrdiff_t k = 0; k < y.width(); ++k) {
                    dx.row((c * N + row % N) * N + k % N, row / N)[k / N] = dy.row(c, row)[k];
                }
            }
        }
    }
};

}  // namespace mine
