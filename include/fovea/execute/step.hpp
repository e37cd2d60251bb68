// SPDX-License-Identifier: BSD-3-Clause
// How is one step of an engine's plan done? step<Net, K> ties a constexpr plan_step to the kernels: what to pack, how
// much scratch, and the call.
#pragma once

#include <algorithm>
#include <vector>

#include <fovea/execute/fold.hpp>
#include <fovea/execute/kernels/concepts.hpp>
#include <fovea/execute/kernels/conv_patterns.hpp>
#include <fovea/execute/kernels/conv_winograd.hpp>
#include <fovea/execute/kernels/deconv.hpp>
#include <fovea/execute/kernels/dense.hpp>
#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/join.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/kernels/median_pool.hpp>
#include <fovea/execute/kernels/pad.hpp>
#include <fovea/execute/kernels/pool.hpp>
#include <fovea/execute/kernels/upsample.hpp>
#include <fovea/plan/engine_plan.hpp>
#include <fovea/plan/sum_order.hpp>

namespace fovea::detail::execute {

inline namespace FOVEA_KERNELS_ISA {

/// How many slopes the activation of a step has: those of its type, or one a channel.
constexpr std::ptrdiff_t slope_count(const layer_info& l, activation a, std::ptrdiff_t channels) {
    switch (facts_of(a).slopes) {
        case activation_slopes::none: return 0;
        case activation_slopes::fixed: return static_cast<std::ptrdiff_t>(l.constants.count);
        case activation_slopes::per_channel: return channels;
    }
    missing_rule();
}

template <class Net>
void pack_slopes(const Weights<Net>& weights, const plan_step& s, float* slopes) {
    const layer_info& l = detail::layers_of<Net>[s.act_layer];
    switch (facts_of(s.act).slopes) {
        case activation_slopes::none: return;
        case activation_slopes::fixed:
            for (std::size_t i = 0; i < l.constants.count; ++i) {
                slopes[i] = static_cast<float>(l.constants.list[i].value());
            }
            return;
        case activation_slopes::per_channel: {
            const auto w = weights[detail::tensor_of<Net>(s.act_layer, "weight")];
            std::copy(w.begin(), w.end(), slopes);
            return;
        }
    }
    missing_rule();
}

/// Step K of a network's plan; Algorithm is that of a convolution.
template <class Net, std::size_t K, conv_algorithm Algorithm = conv_algorithm{}, step_plan Plan = engine_plan<Net>>
struct step {
    using plan = Plan;
    static constexpr plan_step s = plan::step(K);
    static constexpr layer_info layer = plan::layer(K);
    static constexpr map_layout in = plan::maps[s.in_map];
    static constexpr map_layout out = plan::maps[s.out_map];
    static constexpr conv_geometry geometry = plan::geometry(K);
    static constexpr std::ptrdiff_t channels = out.channels;
    static constexpr bool has_channels = s.kind == step_kind::conv || s.kind == step_kind::dense ||
                                         s.kind == step_kind::deconv || s.kind == step_kind::scale_shift;
    /// Packed: weights (a whole number of cache lines), then bias or shift, scale, slopes.
    static constexpr std::ptrdiff_t padded_channels = round_up(channels, map_quantum);

    static constexpr bool gather = s.kind == step_kind::dense && in.height * in.width > 1;
    static constexpr std::ptrdiff_t inputs = in.channels * in.height * in.width;
    /// One for a convolution on one position: its order is that on any other map.
    static constexpr std::ptrdiff_t dense_chains = [] {
        if constexpr (s.kind == step_kind::dense) {
            return static_cast<std::ptrdiff_t>(sum_order_of(layer).chains);
        } else {
            return std::ptrdiff_t{1};
        }
    }();

    /// The kernel of the step's kind; those that work value by value have none of their own.
    static constexpr auto kernel_of() {
        if constexpr (s.kind == step_kind::conv && layer.patterns.count > 1) {
            return kernels::conv_patterns<float, geometry, detail::patterns_of<layer.patterns.count>(layer), s.act,
                                          s.adds>{};
        } else if constexpr (s.kind == step_kind::conv && Algorithm.method == conv_method::winograd) {
            return kernels::conv_winograd<float, geometry, s.act, Algorithm.tile, s.adds>{};
        } else if constexpr (s.kind == step_kind::conv) {
            return kernels::conv_forward<float, geometry, s.act, s.adds>{};
        } else if constexpr (s.kind == step_kind::dense) {
            constexpr std::ptrdiff_t step = gather ? 1 : in.plane;
            return kernels::dense_forward<float, inputs, channels, s.act, step, out.plane, dense_chains>{};
        } else if constexpr (s.kind == step_kind::deconv) {
            return kernels::deconv_forward<float, geometry, s.act>{};
        } else if constexpr (s.kind == step_kind::max_pool) {
            return kernels::max_pool_forward<float, geometry>{};
        } else if constexpr (s.kind == step_kind::average_pool) {
            return kernels::average_pool_forward<float, geometry>{};
        } else if constexpr (s.kind == step_kind::median_pool) {
            return kernels::median_pool_forward<float, geometry>{};
        } else if constexpr (s.kind == step_kind::upsample && layer.bilinear) {
            return kernels::upsample_bilinear_forward<float, in, out>{};
        } else if constexpr (s.kind == step_kind::upsample) {
            return kernels::upsample_nearest_forward<float, in, out>{};
        }
    }
    using kernel = decltype(kernel_of());

    static constexpr std::ptrdiff_t weight_size = [] {
        if constexpr (kernels::packs_weights<kernel>) {
            return round_up(kernel::packed_size, map_quantum);
        } else {
            return std::ptrdiff_t{0};
        }
    }();
    static constexpr std::ptrdiff_t scale_at = weight_size;
    static constexpr std::ptrdiff_t shift_at = scale_at + (s.kind == step_kind::scale_shift ? padded_channels : 0);
    static constexpr std::ptrdiff_t slope_at = shift_at + (has_channels ? padded_channels : 0);
    static constexpr std::ptrdiff_t packed_size = slope_at + slope_count(plan::layers[s.act_layer], s.act, channels);

    static constexpr std::ptrdiff_t scratch_size = [] {
        if constexpr (s.kind == step_kind::dense) {
            return gather ? round_up(inputs, map_quantum) : std::ptrdiff_t{0};
        } else if constexpr (kernels::needs_scratch<kernel>) {
            return kernel::scratch_size;
        } else {
            return std::ptrdiff_t{0};
        }
    }();

    /// The work that threads share: rows of the output map, or what the kernel counts (tile rows), channels of a mean.
    /// Another step that works on a 1x1 map does it all for row 0.
    static constexpr std::ptrdiff_t units = [] {
        if constexpr (s.kind == step_kind::mean) {
            return channels;
        } else if constexpr (kernels::counts_units<kernel>) {
            return kernel::units;
        } else {
            return out.height;
        }
    }();

    static void pack(const Weights<Net>& weights, float* packed) {
        if constexpr (has_channels) {
            const auto f = detail::fold_norms(weights, s.layer, s.end, static_cast<std::size_t>(channels));
            if constexpr (s.kind == step_kind::scale_shift) {
                std::copy(f.scale.begin(), f.scale.end(), packed + scale_at);
            } else if constexpr (s.kind == step_kind::dense) {
                std::vector<float> matrix = detail::dense_matrix(weights, s.layer);
                for (std::size_t i = 0; i < matrix.size(); ++i) {
                    matrix[i] = static_cast<float>(double{matrix[i]} * f.scale[i / static_cast<std::size_t>(inputs)]);
                }
                kernel::pack(matrix.data(), packed);
            } else {
                kernel::pack(detail::scaled_weights(weights, s.layer, f.scale).data(), packed);
            }
            std::copy(f.shift.begin(), f.shift.end(), packed + shift_at);
        } else if constexpr (s.kind != step_kind::pad && s.kind != step_kind::activate) {
            static_assert(layer.parameters == 0, "what a layer has learned is packed");
        }
        pack_slopes(weights, s, packed + slope_at);
    }

    /// Asks for the rows of its input that a convolution reads for units [begin, end). Those that another thread wrote
    /// lie in its core's cache: waited for one by one, 64 bytes take 0.1 us on a server's mesh of cores.
    template <class Maps>
    [[gnu::always_inline]] static void fetch(const Maps& maps, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        if constexpr (s.kind == step_kind::conv) {
            const float* from = maps(s.in_map);
            for (std::ptrdiff_t y = 0; y < in.height; ++y) {
                if (!reads_row(y, begin, end)) {
                    continue;
                }
                for (std::ptrdiff_t c = 0; c < in.channels; ++c) {
                    for (std::ptrdiff_t x = 0; x < in.pitch; x += map_quantum) {
                        __builtin_prefetch(from + c * in.plane + y * in.pitch + x, 0, 2);
                    }
                }
            }
        }
    }

    /// maps(m): the first value of map m of one input; packed: as written by pack. Units [row_begin, row_end).
    template <class Maps>
    static void run(const Maps& maps, const float* packed, float* scratch, std::ptrdiff_t row_begin,
                    std::ptrdiff_t row_end) noexcept {
        if (row_begin == row_end) {
            return;
        }
        const float* from = maps(s.in_map);
        float* to = maps(s.out_map);
        if constexpr (s.adds) {
            kernel::run(from, packed, packed + shift_at, packed + slope_at, to, scratch, row_begin, row_end,
                        maps(plan::reads(K)[1]));
        } else if constexpr (s.kind == step_kind::conv || s.kind == step_kind::deconv) {
            kernel::run(from, packed, packed + shift_at, packed + slope_at, to, scratch, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::dense) {
            kernels::clear_gaps<float, out>(to, 0, 1, false);
            if constexpr (gather) {
                kernels::copy_out<float, in>(from, scratch, 0, in.height);
                kernel::run(scratch, packed, packed + shift_at, packed + slope_at, to);
            } else {
                kernel::run(from, packed, packed + shift_at, packed + slope_at, to);
            }
        } else if constexpr (s.kind == step_kind::upsample && !layer.bilinear) {
            kernel::run(from, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::max_pool || s.kind == step_kind::average_pool ||
                             s.kind == step_kind::median_pool || s.kind == step_kind::upsample) {
            kernel::run(from, to, scratch, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::mean) {
            kernels::global_average_pool_forward<float, in, out.plane>::run(from, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::scale_shift) {
            kernels::scale_shift<float, out>::run(from, packed + scale_at, packed + shift_at, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::softmax) {
            kernels::softmax_forward<float, out>::run(from, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::activate) {
            kernels::activation_forward<float, out, s.act>::run(from, packed + slope_at, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::pad) {
            constexpr layer_info window = plan::layers[s.layer];
            kernels::pad_forward<float, in, out, static_cast<std::ptrdiff_t>(window.rows.pad_before),
                                 static_cast<std::ptrdiff_t>(window.columns.pad_before), window.mode>::run(from, to,
                                                                                                           row_begin,
                                                                                                           row_end);
        } else if constexpr (s.kind == step_kind::gate) {
            kernels::gate_forward<float, in, out>::run(from, to, row_begin, row_end);
        } else if constexpr (s.kind == step_kind::add) {
            sum(maps, to, row_begin, row_end);
        } else {
            static_assert(s.kind == step_kind::concat, "every kind of step has a call here");
            concatenate(maps, to, row_begin, row_end, std::make_index_sequence<s.read_count>{});
        }
    }

private:
    static constexpr bool reads_row(std::ptrdiff_t y, std::ptrdiff_t begin, std::ptrdiff_t end) noexcept {
        if constexpr (kernels::knows_its_rows<kernel>) {
            return kernel::reads_row(y, begin, end);
        } else {
            const std::ptrdiff_t first = begin * geometry.stride_height - geometry.pad_top;
            return first - 1 <= y && y <= first + (end - begin - 1) * geometry.stride_height +
                                              (geometry.kernel_height - 1) * geometry.dilation_height;
        }
    }

    /// In place, the map that is written over is the first summand, whichever it is.
    template <class Maps>
    static void sum(const Maps& maps, float* to, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        std::size_t own = 0;  // position among those read
        while (own < s.read_count && plan::reads(K)[own] != s.out_map) {
            ++own;
        }
        own = own == s.read_count ? 0 : own;
        const float* total = maps(plan::reads(K)[own]);
        std::size_t left = s.read_count - 1;
        for (std::size_t n = 0; n < s.read_count; ++n) {
            if (n == own) {
                continue;
            }
            const float* summand = maps(plan::reads(K)[n]);
            if (--left == 0) {
                kernels::add_forward<float, out, s.act>::run(total, summand, to, row_begin, row_end);
            } else {
                kernels::add_forward<float, out>::run(total, summand, to, row_begin, row_end);
            }
            total = to;
        }
    }

    template <class Maps, std::size_t... N>
    static void concatenate(const Maps& maps, float* to, std::ptrdiff_t row_begin, std::ptrdiff_t row_end,
                            std::index_sequence<N...>) noexcept {
        (copy_branch<N>(maps, to, row_begin, row_end), ...);
    }
    template <std::size_t N, class Maps>
    static void copy_branch(const Maps& maps, float* to, std::ptrdiff_t row_begin, std::ptrdiff_t row_end) noexcept {
        constexpr std::size_t map = plan::reads(K)[N];
        if constexpr (plan::slices[map].whole == map) {
            constexpr std::size_t channel = [] {
                std::size_t c = 0;
                for (std::size_t n = 0; n < N; ++n) {
                    c += plan::list.shapes[plan::reads(K)[n]].channels;
                }
                return c;
            }();
            kernels::copy_map<float, plan::maps[map], out>::run(maps(map),
                                                                to + static_cast<std::ptrdiff_t>(channel) * out.plane,
                                                                row_begin, row_end);
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
