// SPDX-License-Identifier: BSD-3-Clause
// The kernels whose loops check_assembly.py reads: hot_<name> calls one of them, through the entry points that engines
// use, so that whatever is chosen behind these is read.
#include <fovea/execute/kernels/conv_backward_data.hpp>
#include <fovea/execute/kernels/conv_winograd.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

namespace {

using namespace fovea;

constexpr conv_geometry same(std::ptrdiff_t in, std::ptrdiff_t out, std::ptrdiff_t height, std::ptrdiff_t width,
                             std::ptrdiff_t kernel, std::ptrdiff_t dilation, std::ptrdiff_t groups = 1) {
    const std::ptrdiff_t reach = (kernel - 1) * dilation / 2;
    conv_geometry g;
    g.in = make_map_layout(in, height, width, reach);
    g.out = make_map_layout(out, height, width, reach);
    g.groups = groups;
    g.kernel_height = g.kernel_width = kernel;
    g.dilation_height = g.dilation_width = dilation;
    g.pad_top = g.pad_left = reach;
    return g;
}

}  // namespace

#define FORWARD(name, ...)                                                                                          \
    extern "C" void hot_##name(const float* in, const float* packed, const float* bias, float* out, float* scratch, \
                               std::ptrdiff_t first, std::ptrdiff_t last) {                                         \
        kernels::conv_forward<float, same(__VA_ARGS__), activation::relu>::run(in, packed, bias, nullptr, out,      \
                                                                               scratch, first, last);               \
    }
#define WINOGRAD(name, outputs, ...)                                                                                  \
    extern "C" void hot_##name(const float* in, const float* packed, const float* bias, float* out, float* scratch,   \
                               std::ptrdiff_t first, std::ptrdiff_t last) {                                           \
        constexpr winograd_tile tile{winograd_axis_of(outputs, 3), winograd_axis_of(outputs, 3)};                     \
        kernels::conv_winograd<float, same(__VA_ARGS__), activation::relu, tile>::run(in, packed, bias, nullptr, out, \
                                                                                      scratch, first, last);          \
    }
#define BACKWARD_DATA(name, ...)                                                                             \
    extern "C" void hot_##name(const float* dout, const float* packed, float* din, float* scratch,           \
                               std::ptrdiff_t first, std::ptrdiff_t last) {                                  \
        kernels::conv_backward_data<float, same(__VA_ARGS__)>::run(dout, packed, din, scratch, first, last); \
    }
#define BACKWARD_WEIGHTS(name, ...)                                                                                 \
    extern "C" void hot_##name(const float* in, const float* dout, float* dweights, float* dbias, float* scratch) { \
        kernels::conv_backward_weights<float, same(__VA_ARGS__)>::run(in, dout, dweights, dbias, scratch);          \
    }

// Along x: Dilated4, and Segment's widest
FORWARD(forward_16_24_d2, 16, 24, 32, 32, 3, 2)
FORWARD(forward_24_32_d4, 24, 32, 32, 32, 3, 4)
FORWARD(forward_32_48_d8, 32, 48, 32, 32, 3, 8)
FORWARD(forward_48_48_84_wide, 48, 48, 64, 84, 3, 16)
// Along the output channels, pointwise, depthwise
FORWARD(forward_64_64_3_wide, 64, 64, 3, 3, 3, 1)
FORWARD(forward_1x1_32_48, 32, 48, 32, 32, 1, 1)
FORWARD(depthwise_32, 32, 32, 32, 32, 3, 1, 32)
WINOGRAD(winograd_32_48_d8, 4, 32, 48, 32, 32, 3, 8)
BACKWARD_DATA(backward_data_16_24_d2, 16, 24, 32, 32, 3, 2)
BACKWARD_WEIGHTS(backward_weights_16_24_d2, 16, 24, 32, 32, 3, 2)
