// SPDX-License-Identifier: BSD-3-Clause
// Bricks of the consumer's own, and a network of them.
#pragma once

#include <fovea/fovea.hpp>

namespace own {

struct Soft : fovea::UserActivation {
    static constexpr std::string_view name = "Soft";
    template <class V>
    static V value(V x) {
        return x / (V(1) + fovea::kernels::simd::abs(x));
    }
    template <class V>
    static V gradient(V dy, V x) {
        const V d = V(1) + fovea::kernels::simd::abs(x);
        return dy / (d * d);
    }
};

/// weight[c] * x
struct Scale : fovea::UserBrick {
    static constexpr std::string_view name = "Scale";
    static constexpr fovea::brick_family family = fovea::brick_family::norm;
    static constexpr fovea::brick_view view = fovea::brick_view::position;
    static constexpr fovea::Shape output(const fovea::Shape& input) { return input; }
    static constexpr std::array<fovea::user_tensor, 1> tensors(const fovea::Shape& input) {
        return {{{.name = "weight", .extents = {input.channels}, .first_value = 1}}};
    }
    static void forward(const auto& w, auto x, auto y, std::ptrdiff_t begin, std::ptrdiff_t end) {
        for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
            for (std::ptrdiff_t row = begin; row < end; ++row) {
                for (std::ptrdiff_t k = 0; k < x.width(); ++k) {
                    y.row(c, row)[k] = w[0][c] * x.row(c, row)[k];
                }
            }
        }
    }
    static void backward(const auto& w, auto x, auto, auto dy, auto dx, const auto& dw) {
        for (std::ptrdiff_t c = 0; c < x.channels(); ++c) {
            for (std::ptrdiff_t row = 0; row < x.height(); ++row) {
                for (std::ptrdiff_t k = 0; k < x.width(); ++k) {
                    dx.row(c, row)[k] = w[0][c] * dy.row(c, row)[k];
                    dw[0][c] += x.row(c, row)[k] * dy.row(c, row)[k];
                }
            }
        }
    }
};

}  // namespace own

using OwnNet = fovea::Network<fovea::Input<1, 8, 8>, own::Scale, fovea::Conv<fovea::out<4>>, own::Scale, own::Soft,
                              fovea::GAP, fovea::Conv1x1<3>, fovea::Softmax>;

static_assert(fovea::parameter_count<OwnNet> == 1 + 4 * 9 + 4 + 4 + 4 * 3 + 3);
