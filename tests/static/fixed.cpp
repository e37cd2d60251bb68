// SPDX-License-Identifier: BSD-3-Clause
// Are the kernels of FixedConv what they say? A derivative of order n gives the n-th derivative of every polynomial of
// degree n, exactly.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

constexpr double power(double x, int n) { return n == 0 ? 1.0 : x * power(x, n - 1); }
constexpr double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }
constexpr bool near(double a, double b) { return (a > b ? a - b : b - a) < 1e-9; }

/// The response at position `at` to the polynomial y^py x^px.
template <class Kernel>
constexpr double response(int py, int px, int at) {
    double sum = 0;
    for (int y = 0; y < Kernel::height; ++y) {
        for (int x = 0; x < Kernel::width; ++x) {
            sum += Kernel::at(y, x) * power(at + y - Kernel::height / 2, py) * power(at + x - Kernel::width / 2, px);
        }
    }
    return sum;
}

template <class Sigma, int OrderY, int OrderX>
constexpr bool differentiates() {
    using kernel = gaussian<Sigma, OrderY, OrderX>;
    for (int at : {0, 3}) {
        for (int py = 0; py <= OrderY; ++py) {
            for (int px = 0; px <= OrderX; ++px) {
                const double expected = py == OrderY && px == OrderX ? factorial(OrderY) * factorial(OrderX) : 0.0;
                if (!near(response<kernel>(py, px, at), expected)) {
                    return false;
                }
            }
        }
    }
    return true;
}

using half = std::ratio<1, 2>;
using one = std::ratio<1>;
using two = std::ratio<2>;

static_assert(differentiates<one, 0, 0>() && differentiates<one, 0, 1>() && differentiates<one, 1, 0>());
static_assert(differentiates<one, 2, 0>() && differentiates<one, 1, 1>() && differentiates<one, 0, 3>());
static_assert(differentiates<two, 4, 0>() && differentiates<two, 2, 2>() && differentiates<two, 3, 1>());
static_assert(differentiates<half, 0, 0>() && differentiates<half, 0, 4>());
static_assert(!near(response<gaussian<one, 0, 1>>(0, 1, 0), 0.9));
// Narrow ones are central differences, also where hardly a sample is left beside the centre.
static_assert(differentiates<std::ratio<1, 4>, 2, 3>() && differentiates<std::ratio<1, 3>, 1, 4>());
static_assert(near(gaussian_line<std::ratio<1, 4>, 4>::at(0, 2), 6) && differentiates<std::ratio<2, 5>, 4, 3>());
static_assert(gaussian<std::ratio<100>>::width == 743);

// exp(-x^2 / 2) falls to a thousandth between 3 and 4: exp(-4.5) = 0.011, exp(-8) = 0.00034.
static_assert(gaussian<one>::width == 7 && gaussian<two>::width == 15 && gaussian<half>::width == 3);
static_assert(gaussian<one>::at(3, 3) > 0.159 && gaussian<one>::at(3, 3) < 0.160);  // 1 / 2 pi
static_assert(gaussian<one>::at(3, 4) == gaussian<one>::at(4, 3) && gaussian<one>::at(3, 4) < gaussian<one>::at(3, 3));
static_assert(near(gaussian_line<one, 1>::at(0, gaussian_line<one, 1>::width / 2), 0));

// Numbers of other types than int and double are constants, too.
struct mean {
    static constexpr std::size_t height = 1, width = 2;
    static constexpr float at(int, int) { return 0.5F; }
};
static_assert(shape_at<Network<Input<2, 9, 9>, FixedConv<mean, valid>>, 0> == Shape{2, 9, 8});

struct laplacian {
    static constexpr int height = 3, width = 3;
    static constexpr double at(int y, int x) { return y == 1 && x == 1 ? -4.0 : (y + x) % 2 == 1 ? 1.0 : 0.0; }
};

using Edges = Network<Input<3, 20, 30>, FixedConv<gaussian<one, 0, 1>, gaussian<one, 1, 0>, dil<2>, reflect>, Conv1x1<4>>;
static_assert(parameter_count<Edges> == 6 * 4 + 4);
static_assert(shape_at<Edges, 0> == Shape{6, 20, 30});
static_assert(receptive_field<Edges> == (gaussian<one, 1>::width - 1) * 2 + 1);
static_assert(tensors<Edges>.size() == 2);
static_assert(mac_count<Edges> == (6 * gaussian<one, 1>::width * gaussian<one, 1>::width + 24) * 600);
static_assert(shape_at<Network<Input<2, 9, 9>, FixedConv<laplacian, valid>>, 0> == Shape{2, 7, 7});
static_assert(shape_at<Network<Input<2, 90>, FixedConv<gaussian_line<two>, gaussian_line<two>, causal>>, 0> ==
              Shape{4, 1, 90});

}  // namespace
