// SPDX-License-Identifier: BSD-3-Clause
// How is one operation of a training step done, forward and backward, for one image? operation<Net, T, K> ties the plan
// to the kernels. More than 600 lines, since it is one table: a specialisation a kind of operation.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <fovea/detail/random.hpp>
#include <fovea/execute/fold.hpp>
#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/execute/kernels/conv_patterns.hpp>
#include <fovea/execute/kernels/conv_winograd.hpp>
#include <fovea/execute/kernels/deconv.hpp>
#include <fovea/execute/kernels/dense.hpp>
#include <fovea/execute/kernels/elementwise.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/kernels/median_pool.hpp>
#include <fovea/execute/kernels/pad.hpp>
#include <fovea/execute/kernels/pool.hpp>
#include <fovea/execute/kernels/upsample.hpp>
#include <fovea/plan/sum_order.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>
#include <fovea/train/kernels/conv_winograd_backward.hpp>
#include <fovea/train/kernels/dense_backward.hpp>
#include <fovea/train/kernels/elementwise_backward.hpp>
#include <fovea/train/kernels/join_backward.hpp>
#include <fovea/train/kernels/median_pool_backward.hpp>
#include <fovea/train/kernels/pad_backward.hpp>
#include <fovea/train/kernels/pool_backward.hpp>
#include <fovea/train/kernels/upsample_backward.hpp>
#include <fovea/train/train_plan.hpp>

namespace fovea::detail::train {

inline namespace FOVEA_KERNELS_ISA {

/// What a BatchNorm keeps of a batch: per image and channel, sums; per channel, what follows from them.
template <class T>
struct norm_statistics {
    std::size_t channels = 0;
    std::vector<double> mean, squares;        ///< n x C: mean, and sum of squares about it
    std::vector<double> sum_dy, sum_dy_xhat;  ///< n x C
    std::vector<T> batch_mean, deviation;     ///< C: mean, 1 / sqrt(variance + epsilon)
    std::vector<T> scale, shift;              ///< C: y = x * scale + shift
    std::vector<T> mean_dy, mean_dy_xhat;     ///< C: over the batch

    void resize(std::size_t images, std::size_t c) {
        channels = c;
        for (auto* v : {&mean, &squares, &sum_dy, &sum_dy_xhat}) {
            v->assign(images * c, 0.0);
        }
        for (auto* v : {&batch_mean, &deviation, &scale, &shift, &mean_dy, &mean_dy_xhat}) {
            v->assign(c, T(0));
        }
    }
};

/// One image's call.
template <class T>
struct context {
    const T* packed;
    T* scratch;
    norm_statistics<T>* statistics;
    std::size_t image;
    std::uint64_t noise;
    bool training;
};

/// What every operation has: forward writes its output map, backward the gradients of its parameters and, if it passes
/// one, of its input, which is overwritten unless `accumulates`.
template <class Net, class T, std::size_t K>
struct operation_base {
    using plan = train_plan<Net>;
    static constexpr train_operation self = plan::operation(K);
    static constexpr std::size_t index = self.layer;
    static constexpr layer_info layer = plan::layer(K);
    static constexpr map_layout in = plan::maps[self.in];
    static constexpr map_layout out = plan::maps[self.out];
    static constexpr conv_geometry geometry = plan::geometry(K);
    using weights_type = Weights<Net, T>;

    static constexpr bool accumulates = false;
    static constexpr std::ptrdiff_t packed_size = 0;
    static constexpr std::ptrdiff_t packed_back_size = 0;
    static constexpr std::ptrdiff_t scratch_size = 0;
    static void pack(const weights_type&, T*, T*) {}

    static constexpr tensor_info weight = detail::tensor_of<Net>(index, "weight");
    static constexpr tensor_info bias = detail::tensor_of<Net>(index, "bias");
    static const T* bias_of(const weights_type& w) { return layer.bias ? w[bias].data() : nullptr; }
    static T* bias_in(T* gradient) { return layer.bias ? gradient + bias.offset : nullptr; }
};

template <class Net, class T, std::size_t K, train_kind Kind = train_plan<Net>::operation(K).kind>
struct operation;

/// The taps of layer I's patterns.
template <class Net, std::size_t I>
inline constexpr auto layer_patterns =
    detail::patterns_of<detail::layers_of<Net>[I].patterns.count>(detail::layers_of<Net>[I]);

/// Winograd's kernels with the direct ones' interface, whole maps only.
template <class T, conv_geometry G, winograd_tile W>
struct winograd_forward : kernels::conv_winograd<T, G, activation::none, W> {
    using base = kernels::conv_winograd<T, G, activation::none, W>;
    static void run(const T* in, const T* packed, const T* bias, const T* slope, T* out, T* scratch, std::ptrdiff_t,
                    std::ptrdiff_t) noexcept {
        base::run(in, packed, bias, slope, out, scratch, 0, base::units);
    }
};
/// The gradient of the input is a convolution of the output's gradient with flipped, transposed weights.
template <class T, conv_geometry G, winograd_tile W>
struct winograd_backward_data {
    using kernel = kernels::conv_winograd<T, kernels::flipped(G), activation::none, W>;
    static constexpr std::ptrdiff_t packed_size = kernel::packed_size;
    static constexpr std::ptrdiff_t scratch_size = kernel::scratch_size;
    static void pack(const T* weights, T* packed) noexcept {
        constexpr std::ptrdiff_t taps = G.tap_count(), channel = G.in_per_group() * taps;
        kernel::pack(kernels::weight_source<T>{weights + taps - 1, G.out_per_group() * channel, taps, channel, -1},
                     packed);
    }
    static void run(const T* dout, const T* packed, T* din, T* scratch, std::ptrdiff_t, std::ptrdiff_t) noexcept {
        kernel::run(dout, packed, nullptr, nullptr, din, scratch, 0, kernel::units);
    }
};

template <class Net, class T, std::size_t I, conv_geometry G, bool Dealt, bool Fast>
struct conv_kernels {
    static constexpr bool whole_steps = G.stride_height == 1 && G.stride_width == 1;
    static constexpr conv_algorithm forth = Fast ? fastest_algorithm(G, kernels::this_machine) : conv_algorithm{};
    static constexpr conv_algorithm back =
        Fast && whole_steps ? fastest_algorithm(kernels::flipped(G), kernels::this_machine) : conv_algorithm{};
    static constexpr conv_algorithm learn =
        Fast ? fastest_gradient_algorithm(G, kernels::this_machine) : conv_algorithm{};
    static constexpr auto forward_of() {
        if constexpr (forth.method == conv_method::winograd) {
            return winograd_forward<T, G, forth.tile>{};
        } else {
            return kernels::conv_forward<T, G>{};
        }
    }
    static constexpr auto data_of() {
        if constexpr (back.method == conv_method::winograd) {
            return winograd_backward_data<T, G, back.tile>{};
        } else {
            return kernels::conv_backward_data<T, G>{};
        }
    }
    using forward = decltype(forward_of());
    static constexpr auto weights_of() {
        if constexpr (learn.method == conv_method::winograd) {
            return kernels::winograd_weight_gradient<T, G, learn.tile>{};
        } else {
            return kernels::conv_backward_weights<T, G>{};
        }
    }
    using data = decltype(data_of());
    using weights = decltype(weights_of());
};
/// Several patterns, dealt over the output channels.
template <class Net, class T, std::size_t I, conv_geometry G, bool Fast>
struct conv_kernels<Net, T, I, G, true, Fast> {
    using forward = kernels::dealt_conv_forward<T, G, layer_patterns<Net, I>, activation::none>;
    using data = kernels::dealt_conv_backward_data<T, G, layer_patterns<Net, I>>;
    using weights = kernels::dealt_conv_backward_weights<T, G, layer_patterns<Net, I>>;
};

template <class Net, class T, std::size_t K, bool Fast>
struct conv_operation : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr bool passes = base::self.passes;
    static constexpr bool fixed = base::layer.is_fixed;
    using conv = conv_kernels<Net, T, base::index, base::geometry, (base::layer.patterns.count > 1), Fast>;
    using forward_kernel = typename conv::forward;
    using data_kernel = typename conv::data;
    using weights_kernel = typename conv::weights;
    static constexpr std::ptrdiff_t packed_size = forward_kernel::packed_size;
    static constexpr std::ptrdiff_t packed_back_size = [] {
        if constexpr (passes) {
            return data_kernel::packed_size;
        } else {
            return std::ptrdiff_t{0};
        }
    }();
    static constexpr std::ptrdiff_t scratch_size = [] {
        std::ptrdiff_t size = forward_kernel::scratch_size;
        if constexpr (passes) {
            size = std::max(size, data_kernel::scratch_size);
        }
        if constexpr (!fixed) {
            size = std::max(size, weights_kernel::scratch_size);
        }
        return size;
    }();

    static void pack(const weights_type& w, T* forward_weights, T* backward_weights) {
        if constexpr (fixed) {
            const std::vector<T> values = detail::fixed_weights<T>(base::layer);
            pack_values(values.data(), forward_weights, backward_weights);
        } else {
            pack_values(w[base::weight].data(), forward_weights, backward_weights);
        }
    }
    static void pack_values(const T* values, T* forward_weights, [[maybe_unused]] T* backward_weights) {
        forward_kernel::pack(values, forward_weights);
        if constexpr (passes) {
            data_kernel::pack(values, backward_weights);
        }
    }
    static void forward(const context<T>& c, const weights_type& w, const T* from, T* to) {
        forward_kernel::run(from, c.packed, base::bias_of(w), nullptr, to, c.scratch, 0, base::out.height);
    }
    static void backward(const context<T>& c, const weights_type&, const T* from, const T*, const T* dto,
                         [[maybe_unused]] T* dfrom, T* gradient) {
        if constexpr (!fixed) {
            weights_kernel::run(from, dto, gradient + base::weight.offset, base::bias_in(gradient), c.scratch);
        }
        if constexpr (passes) {
            data_kernel::run(dto, c.packed, dfrom, c.scratch, 0, base::in.height);
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::conv> : conv_operation<Net, T, K, false> {};

/// Operation K, with the arithmetic that `fast` allows.
template <class Net, class T, std::size_t K, bool Fast>
using operation_with = std::conditional_t<Fast && train_plan<Net>::operation(K).kind == train_kind::conv,
                                          conv_operation<Net, T, K, true>, operation<Net, T, K>>;

/// The mirrored convolution, run the other way round: its geometry's input is this layer's output.
template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::deconv> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr bool passes = base::self.passes;
    using forward_kernel = kernels::deconv_forward<T, base::geometry>;
    using data_kernel = kernels::conv_forward<T, base::geometry>;
    using weights_kernel = kernels::conv_backward_weights<T, base::geometry>;
    static constexpr std::ptrdiff_t packed_size = forward_kernel::packed_size;
    static constexpr std::ptrdiff_t packed_back_size = passes ? data_kernel::packed_size : 0;
    static constexpr std::ptrdiff_t scratch_size =
        std::max({forward_kernel::scratch_size, data_kernel::scratch_size, weights_kernel::scratch_size});

    static void pack(const weights_type& w, T* forward_weights, [[maybe_unused]] T* backward_weights) {
        forward_kernel::pack(w[base::weight].data(), forward_weights);
        if constexpr (passes) {
            data_kernel::pack(w[base::weight].data(), backward_weights);
        }
    }
    static void forward(const context<T>& c, const weights_type& w, const T* from, T* to) {
        forward_kernel::run(from, c.packed, base::bias_of(w), nullptr, to, c.scratch, 0, base::out.height);
    }
    static void backward(const context<T>& c, const weights_type&, const T* from, const T*, const T* dto,
                         [[maybe_unused]] T* dfrom, T* gradient) {
        weights_kernel::run(dto, from, gradient + base::weight.offset, nullptr, c.scratch);
        if (base::layer.bias) {
            kernels::channel_sums<T, base::out>::run(dto, base::bias_in(gradient));
        }
        if constexpr (passes) {
            data_kernel::run(dto, c.packed, nullptr, nullptr, dfrom, c.scratch, 0, base::in.height);
        }
    }
};

/// Dense on any map, and a convolution on a 1x1 map (its one tap that meets the data).
template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::dense> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr bool compact = base::in.height * base::in.width > 1;
    static constexpr std::ptrdiff_t inputs = base::in.channels * base::in.height * base::in.width;
    static constexpr std::ptrdiff_t outputs = base::out.channels;
    static constexpr std::ptrdiff_t in_step = compact ? 1 : base::in.plane;
    static constexpr std::ptrdiff_t taps =
        base::layer.kind == brick_kind::dense
            ? 1
            : static_cast<std::ptrdiff_t>(base::layer.rows.kernel * base::layer.columns.kernel);
    static constexpr std::ptrdiff_t tap =
        taps == 1 ? 0
        : detail::only_tap(base::layer.rows) < 0 || detail::only_tap(base::layer.columns) < 0
            ? -1
            : detail::only_tap(base::layer.rows) * static_cast<std::ptrdiff_t>(base::layer.columns.kernel) +
                  detail::only_tap(base::layer.columns);
    using kernel = kernels::dense_forward<T, inputs, outputs, activation::none, in_step, base::out.plane,
                                          static_cast<std::ptrdiff_t>(sum_order_of(base::layer).chains)>;
    /// On the matrix as it is, no packing.
    using data_kernel = kernels::dense_backward_data<T, inputs, outputs, in_step, base::out.plane>;
    using weights_kernel = kernels::dense_backward_weights<T, inputs, outputs, in_step, base::out.plane>;
    static constexpr std::ptrdiff_t matrix_size = round_up(inputs * outputs, map_quantum);
    static constexpr std::ptrdiff_t packed_size = kernel::packed_size;
    static constexpr std::ptrdiff_t packed_back_size = inputs * outputs;
    static constexpr std::ptrdiff_t scratch_size = 2 * round_up(inputs, map_quantum) + (taps > 1 ? matrix_size : 0);

    static void pack(const weights_type& w, T* forward_weights, T* backward_weights) {
        const T* matrix = w[base::weight].data();
        for (std::ptrdiff_t i = 0; i < inputs * outputs; ++i) {
            backward_weights[i] = tap < 0 ? T(0) : matrix[i * taps + tap];
        }
        kernel::pack(backward_weights, forward_weights);
    }
    static const T* compacted(const T* from, T* scratch) {
        if constexpr (compact) {
            kernels::copy_out<T, base::in>(from, scratch, 0, base::in.height);
            return scratch;
        } else {
            return from;
        }
    }
    static void forward(const context<T>& c, const weights_type& w, const T* from, T* to) {
        kernels::clear_gaps<T, base::out>(to, 0, 1, false);
        kernel::run(compacted(from, c.scratch), c.packed, base::bias_of(w), nullptr, to);
    }
    static void backward(const context<T>& c, const weights_type&, const T* from, const T*, const T* dto, T* dfrom,
                         T* gradient) {
        T* flat = c.scratch;
        T* dflat = c.scratch + round_up(inputs, map_quantum);
        const T* x = compacted(from, flat);
        if constexpr (taps == 1) {
            weights_kernel::run(x, dto, gradient + base::weight.offset, base::bias_in(gradient));
        } else {
            T* matrix = dflat + round_up(inputs, map_quantum);
            std::fill_n(matrix, inputs * outputs, T(0));
            weights_kernel::run(x, dto, matrix, base::bias_in(gradient));
            for (std::ptrdiff_t i = 0; tap >= 0 && i < inputs * outputs; ++i) {
                gradient[static_cast<std::ptrdiff_t>(base::weight.offset) + i * taps + tap] += matrix[i];
            }
        }
        if constexpr (base::self.passes) {
            if constexpr (compact) {
                data_kernel::run(dto, c.packed, dflat);
                kernels::clear_gaps<T, base::in>(dfrom, 0, base::in.height, true);
                kernels::copy_in<T, base::in>(dflat, dfrom, 0, base::in.height);
            } else {
                kernels::clear_gaps<T, base::in>(dfrom, 0, 1, false);
                data_kernel::run(dto, c.packed, dfrom);
            }
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::norm> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    using statistics_type = norm_statistics<T>;
    static constexpr map_layout map = base::in;
    static constexpr std::size_t channels = static_cast<std::size_t>(map.channels);
    static constexpr std::size_t positions = static_cast<std::size_t>(map.height * map.width);
    static constexpr tensor_info running_mean = detail::tensor_of<Net>(base::index, "running_mean");
    static constexpr tensor_info running_var = detail::tensor_of<Net>(base::index, "running_var");

    static constexpr activation act = base::self.relu ? activation::relu : activation::none;

    /// Mean and sum of squares about it of one image's channels, just after they were written.
    static void measure(const T* x, statistics_type& s, std::size_t image) {
        kernels::channel_moments<T, map>::run(x, s.mean.data() + image * channels, s.squares.data() + image * channels);
    }

    /// The batch's statistics from the images', in their order (Chan, Golub and LeVeque 1979); without `batch` the
    /// running ones.
    static void combine(statistics_type& s, std::size_t n, weights_type& w, bool batch) {
        const auto weight = w[base::weight], shift = w[base::bias];
        const auto mean = w[running_mean], variance = w[running_var];
        const double momentum = base::layer.momentum.value();
        for (std::size_t c = 0; c < channels; ++c) {
            double m = static_cast<double>(mean[c]), v = static_cast<double>(variance[c]);
            if (batch) {
                double sum = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    sum += s.mean[i * channels + c];
                }
                m = sum / static_cast<double>(n);
                double squares = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    const double d = s.mean[i * channels + c] - m;
                    squares += s.squares[i * channels + c] + d * d * static_cast<double>(positions);
                }
                const double count = static_cast<double>(n * positions);
                v = squares / count;
                // The running variance is the unbiased one, as in PyTorch.
                const double unbiased = count > 1 ? squares / (count - 1) : v;
                mean[c] = static_cast<T>((1 - momentum) * static_cast<double>(mean[c]) + momentum * m);
                variance[c] = static_cast<T>((1 - momentum) * static_cast<double>(variance[c]) + momentum * unbiased);
            }
            const double deviation = 1.0 / std::sqrt(v + base::layer.epsilon.value());
            s.batch_mean[c] = static_cast<T>(m);
            s.deviation[c] = static_cast<T>(deviation);
            s.scale[c] = static_cast<T>(static_cast<double>(weight[c]) * deviation);
            s.shift[c] = static_cast<T>(static_cast<double>(shift[c]) - m * static_cast<double>(weight[c]) * deviation);
        }
    }
    static void forward(const context<T>& c, const weights_type&, const T* from, T* to) {
        const statistics_type& s = *c.statistics;
        kernels::scale_shift<T, map, act>::run(from, s.scale.data(), s.shift.data(), to, 0, map.height);
    }

    /// Sums of dy and of dy * xhat over one image; behind a ReLU only where it let the value pass.
    static void measure_back(const T* x, const T* dy, statistics_type& s, std::size_t image) {
        kernels::batch_norm_backward_sums<T, map, act>::run(dy, x, s.batch_mean.data(), s.deviation.data(),
                                                            s.scale.data(), s.shift.data(),
                                                            s.sum_dy.data() + image * channels,
                                                            s.sum_dy_xhat.data() + image * channels);
    }
    /// Gradients of weight and bias, and the means that dx needs (Ioffe and Szegedy 2015).
    static void combine_back(statistics_type& s, std::size_t n, T* gradient) {
        const double count = static_cast<double>(n * positions);
        for (std::size_t c = 0; c < channels; ++c) {
            double dy = 0, dy_xhat = 0;
            for (std::size_t i = 0; i < n; ++i) {
                dy += s.sum_dy[i * channels + c];
                dy_xhat += s.sum_dy_xhat[i * channels + c];
            }
            gradient[base::weight.offset + c] += static_cast<T>(dy_xhat);
            gradient[base::bias.offset + c] += static_cast<T>(dy);
            s.mean_dy[c] = static_cast<T>(dy / count);
            s.mean_dy_xhat[c] = static_cast<T>(dy_xhat / count);
        }
    }
    static void backward(const context<T>& c, const weights_type&, const T* from, const T*, const T* dto,
                         [[maybe_unused]] T* dfrom, T*) {
        if constexpr (base::self.passes) {
            const statistics_type& s = *c.statistics;
            kernels::batch_norm_backward_data<T, map, act>::run(dto, from, s.batch_mean.data(), s.deviation.data(),
                                                                s.scale.data(), s.shift.data(), s.mean_dy.data(),
                                                                s.mean_dy_xhat.data(), dfrom);
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::activate> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr activation act = base::layer.act;
    static constexpr bool learns = detail::has_slope_per_channel(base::layer);
    static constexpr auto constants = detail::constants_of<T, base::layer.constants.count>(base::layer);
    static const T* slopes(const weights_type& w) { return learns ? w[base::weight].data() : constants.data(); }

    static void forward(const context<T>&, const weights_type& w, const T* from, T* to) {
        kernels::activation_forward<T, base::in, act>::run(from, slopes(w), to, 0, base::out.height);
    }
    static void backward(const context<T>&, const weights_type& w, const T* from, const T* to, const T* dto, T* dfrom,
                         T* gradient) {
        T* dslope = learns ? gradient + base::weight.offset : nullptr;
        const T* saved = kernels::function_of<act>::gradient_reads == kernels::gradient_source::input ? from : to;
        if constexpr (base::self.passes) {
            kernels::activation_backward<T, base::in, act>::run(dto, saved, slopes(w), dfrom, dslope);
        } else if constexpr (learns) {
            // The first brick of a network: its slopes have a gradient, its input does not.
            kernels::slope_gradient<T, base::in, act>(dto, from, dslope);
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::mean> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static void forward(const context<T>&, const weights_type&, const T* from, T* to) {
        kernels::clear_gaps<T, base::out>(to, 0, 1, false);
        kernels::global_average_pool_forward<T, base::in, base::out.plane>::run(from, to);
    }
    static void backward(const context<T>&, const weights_type&, const T*, const T*, const T* dto, T* dfrom, T*) {
        kernels::global_average_pool_backward<T, base::in, base::out.plane>::run(dto, dfrom);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::max_pool> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    using forward_kernel = kernels::max_pool_forward<T, base::geometry>;
    static constexpr std::ptrdiff_t scratch_size = forward_kernel::scratch_size;

    static void forward(const context<T>& c, const weights_type&, const T* from, T* to) {
        forward_kernel::run(from, to, c.scratch, 0, base::out.height);
    }
    static void backward(const context<T>&, const weights_type&, const T* from, const T*, const T* dto, T* dfrom, T*) {
        kernels::max_pool_backward<T, base::geometry>::run(from, dto, dfrom);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::average_pool> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    using forward_kernel = kernels::average_pool_forward<T, base::geometry>;
    using backward_kernel = kernels::average_pool_backward<T, base::geometry>;
    static constexpr std::ptrdiff_t scratch_size =
        std::max(forward_kernel::scratch_size, backward_kernel::scratch_size);

    static void forward(const context<T>& c, const weights_type&, const T* from, T* to) {
        forward_kernel::run(from, to, c.scratch, 0, base::out.height);
    }
    static void backward(const context<T>& c, const weights_type&, const T*, const T*, const T* dto, T* dfrom, T*) {
        backward_kernel::run(dto, dfrom, c.scratch);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::median_pool> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    using forward_kernel = kernels::median_pool_forward<T, base::geometry>;
    using backward_kernel = kernels::median_pool_backward<T, base::geometry>;
    static constexpr std::ptrdiff_t scratch_size =
        std::max(forward_kernel::scratch_size, backward_kernel::scratch_size);

    static void forward(const context<T>& c, const weights_type&, const T* from, T* to) {
        forward_kernel::run(from, to, c.scratch, 0, base::out.height);
    }
    static void backward(const context<T>& c, const weights_type&, const T* from, const T*, const T* dto, T* dfrom,
                         T*) {
        backward_kernel::run(from, dto, dfrom, c.scratch);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::upsample> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    using interpolate = kernels::upsample_bilinear_forward<T, base::in, base::out>;
    using interpolate_backward = kernels::upsample_bilinear_backward<T, base::in, base::out>;
    using repeat = kernels::upsample_nearest_forward<T, base::in, base::out>;
    using repeat_backward = kernels::upsample_nearest_backward<T, base::in, base::out>;
    static constexpr std::ptrdiff_t scratch_size = [] {
        if constexpr (base::layer.bilinear) {
            return std::max(interpolate::scratch_size, interpolate_backward::scratch_size);
        } else {
            return std::ptrdiff_t{0};
        }
    }();

    static void forward([[maybe_unused]] const context<T>& c, const weights_type&, const T* from, T* to) {
        if constexpr (base::layer.bilinear) {
            interpolate::run(from, to, c.scratch, 0, base::out.height);
        } else {
            repeat::run(from, to, 0, base::out.height);
        }
    }
    static void backward([[maybe_unused]] const context<T>& c, const weights_type&, const T*, const T*, const T* dto,
                         T* dfrom, T*) {
        if constexpr (base::layer.bilinear) {
            interpolate_backward::run(dto, dfrom, c.scratch);
        } else {
            repeat_backward::run(dto, dfrom);
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::gate> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;

    static void forward(const context<T>&, const weights_type&, const T* from, T* to) {
        kernels::gate_forward<T, base::in, base::out>::run(from, to, 0, base::out.height);
    }
    static void backward(const context<T>&, const weights_type&, const T* from, const T*, const T* dto, T* dfrom, T*) {
        kernels::gate_backward<T, base::in, base::out>::run(dto, from, dfrom);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::pad> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr std::ptrdiff_t top = detail::signed_of(base::layer.rows.pad_before);
    static constexpr std::ptrdiff_t left = detail::signed_of(base::layer.columns.pad_before);
    static constexpr padding_mode mode = base::layer.mode;

    static void forward(const context<T>&, const weights_type&, const T* from, T* to) {
        kernels::pad_forward<T, base::in, base::out, top, left, mode>::run(from, to, 0, base::out.height);
    }
    static void backward(const context<T>&, const weights_type&, const T*, const T*, const T* dto, T* dfrom, T*) {
        kernels::pad_backward<T, base::in, base::out, top, left, mode>::run(dto, dfrom);
    }
};

/// The gradient of a join's map, or of its channels there, is that of the map it came from.
template <class Net, class T, std::size_t K>
struct part_of_join : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr bool accumulates = true;
    static constexpr std::ptrdiff_t at = detail::signed_of(base::self.channel) * base::out.plane;

    static void backward(const context<T>&, const weights_type&, const T*, const T*, const T* dto, T* dfrom, T*) {
        if constexpr (base::self.adds) {
            kernels::accumulate<T, base::out, base::in>::run(dto + at, dfrom, 0, base::in.height);
        } else {
            kernels::copy_map<T, base::out, base::in>::run(dto + at, dfrom, 0, base::in.height);
        }
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::copy> : part_of_join<Net, T, K> {
    using base = part_of_join<Net, T, K>;
    using typename base::weights_type;

    static void forward(const context<T>&, const weights_type&, const T* from, T* to) {
        kernels::copy_map<T, base::in, base::out>::run(from, to + base::at, 0, base::out.height);
    }
};

template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::add> : part_of_join<Net, T, K> {
    using base = part_of_join<Net, T, K>;
    using typename base::weights_type;

    static void forward(const context<T>&, const weights_type&, const T* from, T* to) {
        kernels::accumulate<T, base::in, base::out>::run(from, to, 0, base::out.height);
    }
};

/// Which values are dropped is a function of (noise, layer, image, position): the backward pass draws it again.
template <class Net, class T, std::size_t K>
struct operation<Net, T, K, train_kind::dropout> : operation_base<Net, T, K> {
    using base = operation_base<Net, T, K>;
    using typename base::weights_type;
    static constexpr std::uint64_t size = base::layer.input.size();
    static constexpr double keep = 1.0 - static_cast<double>(base::layer.percent) / 100.0;

    template <map_layout From, map_layout To>
    static void apply(const context<T>& c, const T* from, T* to) {
        const T factor = c.training ? static_cast<T>(1.0 / keep) : T(1);
        std::uint64_t position = c.image * size;
        for (std::ptrdiff_t ch = 0; ch < From.channels; ++ch) {
            for (std::ptrdiff_t y = 0; y < From.height; ++y) {
                const T* f = from + ch * From.plane + y * From.pitch;
                T* t = to + ch * To.plane + y * To.pitch;
                for (std::ptrdiff_t x = 0; x < From.width; ++x, ++position) {
                    const bool kept = !c.training ||
                                      detail::unit_interval(detail::random_bits(c.noise, base::index, position)) < keep;
                    t[x] = f[x] * (kept ? factor : T(0));  // NaN stays, as in PyTorch
                }
            }
        }
        kernels::clear_gaps<T, To>(to, 0, To.height, true);
    }
    static void forward(const context<T>& c, const weights_type&, const T* from, T* to) {
        apply<base::in, base::out>(c, from, to);
    }
    static void backward(const context<T>& c, const weights_type&, const T*, const T*, const T* dto, T* dfrom, T*) {
        apply<base::out, base::in>(c, dto, dfrom);
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::train
