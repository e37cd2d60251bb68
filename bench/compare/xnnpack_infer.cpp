// SPDX-License-Identifier: BSD-3-Clause
// How fast does XNNPACK run a network? Subgraph API, channels last, ReLU as the clamp of its operators.
//   compare_xnnpack FOLDER BATCH THREADS
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>

#include <pthreadpool.h>
#include <xnnpack.h>

#include "folded.hpp"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

void must(xnn_status status, const char* what) {
    if (status != xnn_status_success) {
        throw std::runtime_error(std::string(what) + ": status " + std::to_string(status));
    }
}

class network {
public:
    network(const compare::folded_network& net, std::size_t images, std::size_t threads, const std::vector<float>& x)
        : images_(images), output_shape_(net.output) {
        must(xnn_initialize(nullptr), "xnn_initialize");
        must(xnn_create_subgraph(2, 0, &graph_), "xnn_create_subgraph");
        input_ = channels_last(x, net.input);
        output_.resize(images * elements(net.output) + XNN_EXTRA_BYTES);
        maps_[0] = define_map(net.input, 0, XNN_VALUE_FLAG_EXTERNAL_INPUT);
        for (const compare::step& s : net.steps) {
            const bool last = &s == &net.steps.back();
            const std::uint32_t out = last ? define_map(s.output_shape, 1, XNN_VALUE_FLAG_EXTERNAL_OUTPUT) : define_map(s.output_shape);
            if (s.operation == "conv") {
                add_convolution(s, out);
            } else if (s.operation == "mean") {
                must(xnn_define_global_average_pooling_2d(graph_, -infinity, infinity, maps_.at(s.input), out, 0), "mean");
            } else {
                must(xnn_define_softmax(graph_, maps_.at(s.input), out, 0), "softmax");
            }
            maps_[s.output] = out;
        }
        pool_ = threads > 1 ? pthreadpool_create(threads) : nullptr;
        must(xnn_create_runtime_v2(graph_, pool_, 0, &runtime_), "xnn_create_runtime");
        const xnn_external_value ends[] = {{0, input_.data()}, {1, output_.data()}};
        must(xnn_setup_runtime(runtime_, 2, ends), "xnn_setup_runtime");
    }

    void run() { must(xnn_invoke_runtime(runtime_), "xnn_invoke_runtime"); }

    std::vector<float> output() const {
        const std::size_t channels = static_cast<std::size_t>(output_shape_[0]), positions = elements(output_shape_) / channels;
        std::vector<float> y(images_ * channels * positions);
        for (std::size_t n = 0; n < images_; ++n) {
            for (std::size_t c = 0; c < channels; ++c) {
                for (std::size_t p = 0; p < positions; ++p) {
                    y[(n * channels + c) * positions + p] = output_[(n * positions + p) * channels + c];
                }
            }
        }
        return y;
    }

private:
    static std::size_t elements(const std::array<std::int64_t, 3>& s) { return static_cast<std::size_t>(s[0] * s[1] * s[2]); }

    std::vector<float> channels_last(const std::vector<float>& x, const std::array<std::int64_t, 3>& shape) const {
        const std::size_t channels = static_cast<std::size_t>(shape[0]), positions = elements(shape) / channels;
        std::vector<float> moved(images_ * channels * positions + XNN_EXTRA_BYTES);
        for (std::size_t n = 0; n < images_; ++n) {
            for (std::size_t c = 0; c < channels; ++c) {
                for (std::size_t p = 0; p < positions; ++p) {
                    moved[(n * positions + p) * channels + c] = x[(n * channels + c) * positions + p];
                }
            }
        }
        return moved;
    }

    std::uint32_t define(const std::vector<std::size_t>& dims, const float* data, std::uint32_t external, std::uint32_t flags) {
        std::uint32_t id = 0;
        must(xnn_define_tensor_value(graph_, xnn_datatype_fp32, dims.size(), dims.data(), data, external, flags, &id), "tensor");
        return id;
    }
    std::uint32_t define_map(const std::array<std::int64_t, 3>& s, std::uint32_t external = XNN_INVALID_VALUE_ID, std::uint32_t flags = 0) {
        return define({images_, static_cast<std::size_t>(s[1]), static_cast<std::size_t>(s[2]), static_cast<std::size_t>(s[0])}, nullptr,
                      external, flags);
    }
    std::uint32_t define_weight(std::vector<float> values, const std::vector<std::size_t>& dims) {
        kept_.push_back(std::make_unique<std::vector<float>>(std::move(values)));
        return define(dims, kept_.back()->data(), XNN_INVALID_VALUE_ID, 0);
    }

    void add_convolution(const compare::step& s, std::uint32_t out) {
        const auto number = [](std::int64_t v) { return static_cast<std::uint32_t>(v); };
        const auto size = [](std::int64_t v) { return static_cast<std::size_t>(v); };
        const std::size_t group_in = size(s.input_shape[0] / s.groups), outs = size(s.output_shape[0]);
        const std::size_t window = size(s.kernel[0] * s.kernel[1]);
        const bool depthwise = group_in == 1 && s.groups == s.input_shape[0] && s.groups > 1;
        const float low = s.relu ? 0.0F : -infinity;
        const std::uint32_t result = s.sum < 0 ? out : define_map(s.output_shape);
        const float conv_low = s.sum < 0 ? low : -infinity;
        // O, I, K -> O, K, I; depthwise: O, K -> K, O
        std::vector<float> weight(s.weight.size());
        for (std::size_t o = 0; o < outs; ++o) {
            for (std::size_t i = 0; i < group_in; ++i) {
                for (std::size_t k = 0; k < window; ++k) {
                    weight[depthwise ? k * outs + o : (o * window + k) * group_in + i] = s.weight[(o * group_in + i) * window + k];
                }
            }
        }
        const std::uint32_t bias = define_weight(s.bias, {outs});
        if (depthwise) {
            const std::uint32_t w = define_weight(std::move(weight), {1, size(s.kernel[0]), size(s.kernel[1]), outs});
            must(xnn_define_depthwise_convolution_2d(
                     graph_, number(s.padding[0]), number(s.padding[3]), number(s.padding[2]), number(s.padding[1]), number(s.kernel[0]),
                     number(s.kernel[1]), number(s.stride[0]), number(s.stride[1]), number(s.dilation[0]), number(s.dilation[1]),
                     number(static_cast<std::int64_t>(outs) / s.groups), size(s.input_shape[0]), conv_low, infinity, maps_.at(s.input), w, bias, result, 0),
                 "depthwise convolution");
        } else {
            const std::uint32_t w = define_weight(std::move(weight), {outs, size(s.kernel[0]), size(s.kernel[1]), group_in});
            must(xnn_define_convolution_2d(
                     graph_, number(s.padding[0]), number(s.padding[3]), number(s.padding[2]), number(s.padding[1]), number(s.kernel[0]),
                     number(s.kernel[1]), number(s.stride[0]), number(s.stride[1]), number(s.dilation[0]), number(s.dilation[1]),
                     number(s.groups), group_in, outs / size(s.groups), conv_low, infinity, maps_.at(s.input), w, bias, result, 0),
                 "convolution");
        }
        if (s.sum >= 0) {
            must(xnn_define_add2(graph_, low, infinity, result, maps_.at(s.sum), out, 0), "add");
        }
    }

    std::size_t images_;
    std::array<std::int64_t, 3> output_shape_;
    xnn_subgraph_t graph_ = nullptr;
    xnn_runtime_t runtime_ = nullptr;
    pthreadpool_t pool_ = nullptr;
    std::map<int, std::uint32_t> maps_;
    std::vector<std::unique_ptr<std::vector<float>>> kept_;
    std::vector<float> input_, output_;
};

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 4) {
            throw std::runtime_error("arguments: FOLDER BATCH THREADS");
        }
        const std::string folder = argv[1];
        network net(compare::read_folded(folder), std::stoul(argv[2]), std::stoul(argv[3]), compare::read_floats(folder + "/input.bin"));
        return compare::serve({.version = FOVEA_COMPARE_VERSION, .call = [&] { net.run(); }, .output = [&] { return net.output(); }});
    });
}
