// SPDX-License-Identifier: BSD-3-Clause
// How is one step of an engine's plan done? step<Net, K> ties a constexpr plan_step to the kernels: what to pack, how
// much scratch, and the call.
#pragma once

#include <algorithm>
#include <vector>

#include <fovea/execute/fold.hpp>
#include <fovea/execute/kernels/conv.hpp>
#include <fovea/execute/kernels/dense.hpp>
#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/kernels/pool.hpp>

namespace fovea::detail::execute {

inline namespace FOVEA_KERNELS_ISA {

/// Where the slopes of an activation's step lie in its packed weights, and how many: one for LeakyReLU, one a channel
/// for PReLU.
constexpr std::ptrdiff_t slope_count(activation a, std::ptrdiff_t channels) {
    return a == activation::prelu ? channels : a == activation::leaky_relu ? 1 : 0;
}

template <class Net>
void pack_slopes(const Weights<Net>& weights, const plan_step& s, float* slopes) {
    if (s.act == activation::leaky_relu) {
        slopes[0] = static_cast<float>(detail::layers_of<Net>[s.act_layer].slope.value());
    } else if (s.act == activation::prelu) {
        const auto w = weights[detail::tensor_of<Net>(s.act_layer, "weight")];
        std::copy(w.begin(), w.end(), slopes);
    }
}

/// Rows [row_begin, row_end) of the step's output map. A step that works on a 1x1 map does it all for row 0.
template <class Net, std::size_t K>
struct step {
    using plan = engine_plan<Net>;
    static constexpr plan_step s = plan::step(K);
    static constexpr layer_info layer = plan::layers[s.layer];
    static constexpr map_layout in = plan::maps[s.in_map];
    static constexpr map_layout out = plan::maps[s.out_map];
    static constexpr conv_geometry geometry = plan::geometry(K);
    static constexpr std::ptrdiff_t channels = out.channels;
    static constexpr bool has_channels =
        s.kind == step_kind::conv || s.kind == step_kind::dense || s.kind == step_kind::scale_shift;
    /// Packed: weights (a whole number of cache lines), then bias or shift, scale, slopes.
    static constexpr std::ptrdiff_t padded_channels = round_up(channels, map_quantum);

    static constexpr bool gather = s.kind == step_kind::dense && in.height * in.width > 1;
    static constexpr std::ptrdiff_t inputs = in.channels * in.height * in.width;
    using conv = kernels::conv_forward<float, geometry, s.act>;
    using dense = kernels::dense_forward<float, inputs, channels, s.act, gather ? 1 : in.plane, out.plane>;
    using maximum = kernels::max_pool_forward<float, geometry>;
    using average = kernels::avg_pool_forward<float, geometry>;

    static constexpr std::ptrdiff_t weight_size = [] {
        if constexpr (s.kind == step_kind::conv) {
            return round_up(conv::packed_size, map_quantum);
        } else if constexpr (s.kind == step_kind::dense) {
            return round_up(dense::packed_size, map_quantum);
        } else {
            return std::ptrdiff_t{0};
        }
    }();
    static constexpr std::ptrdiff_t scale_at = weight_size;
    static constexpr std::ptrdiff_t shift_at = scale_at + (s.kind == step_kind::scale_shift ? padded_channels : 0);
    static constexpr std::ptrdiff_t slope_at = shift_at + (has_channels ? padded_channels : 0);
    static constexpr std::ptrdiff_t packed_size = slope_at + slope_count(s.act, channels);

    static constexpr std::ptrdiff_t scratch_size = [] {
        if constexpr (s.kind == step_kind::conv) {
            return conv::scratch_size;
        } else if constexpr (s.kind == step_kind::max_pool) {
            return maximum::scratch_size;
        } else if constexpr (s.kind == step_kind::average_pool) {
            return average::scratch_size;
        } else {
            return gather ? round_up(inputs, map_quantum) : std::ptrdiff_t{0};
        }
    }();

    static void pack(const Weights<Net>& weights, float* packed) {
        if constexpr (has_channels) {
            const auto f = detail::fold_norms(weights, s.layer, s.end, static_cast<std::size_t>(channels));
            if constexpr (s.kind == step_kind::scale_shift) {
                std::copy(f.scale.begin(), f.scale.end(), packed + scale_at);
            } else {
                std::vector<float> matrix;
                if constexpr (s.kind == step_kind::dense) {
                    matrix = detail::dense_matrix(weights, s.layer);
                } else {
                    const auto w = weights[detail::tensor_of<Net>(s.layer, "weight")];
                    matrix.assign(w.begin(), w.end());
                }
                const std::size_t row = matrix.size() / static_cast<std::size_t>(channels);
                for (std::size_t i = 0; i < matrix.size(); ++i) {
                    matrix[i] = static_cast<float>(double{matrix[i]} * f.scale[i / row]);
                }
                if constexpr (s.kind == step_kind::dense) {
                    dense::pack(matrix.data(), packed);
                } else {
                    conv::pack(matrix.data(), packed);
                }
            }
            std::copy(f.shift.begin(), f.shift.end(), packed + shift_at);
        }
        pack_slopes(weights, s, packed + slope_at);
    }

    static void run(const float* from, const float* packed, float* to, float* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        if (row_begin == row_end) {
            return;
        }
        if constexpr (s.kind == step_kind::conv) {
            conv::run(from, packed, packed + shift_at, packed + slope_at, to, scratch, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::dense) {
            kernels::clear_gaps<float, out>(to, 0, 1, false);
            if constexpr (gather) {
                kernels::copy_out<float, in>(from, scratch, 0, in.height);
                dense::run(scratch, packed, packed + shift_at, packed + slope_at, to);
            } else {
                dense::run(from, packed, packed + shift_at, packed + slope_at, to);
            }
        } else if constexpr (s.kind == step_kind::max_pool) {
            maximum::run(from, to, scratch, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::average_pool) {
            average::run(from, to, scratch, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::mean) {
            kernels::clear_gaps<float, out>(to, 0, 1, false);
            kernels::global_average_pool_forward<float, in, out.plane>::run(from, to);
        } else if constexpr (s.kind == step_kind::scale_shift) {
            kernels::scale_shift<float, out>::run(from, packed + scale_at, packed + shift_at, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::softmax) {
            kernels::softmax_forward<float, out>::run(from, to, row_begin, row_end);
        } else {
            kernels::activation_forward<float, out, s.act>::run(from, packed + slope_at, to, row_begin, row_end);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
