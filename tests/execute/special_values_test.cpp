// SPDX-License-Identifier: BSD-3-Clause
// Do NaN, infinities, zeros, denormal and the largest numbers pass every brick as they pass it in PyTorch, and leave
// nothing behind in an engine's memory? One of them at a time, at every position of the input.
#include "../catch.hpp"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <fovea/detail/finite.hpp>

#include "compare_engines.hpp"

namespace fovea::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float special_values[] = {std::numeric_limits<float>::quiet_NaN(),
                                    infinity,
                                    -infinity,
                                    std::numeric_limits<float>::max(),
                                    std::numeric_limits<float>::lowest(),
                                    std::numeric_limits<float>::denorm_min(),
                                    -std::numeric_limits<float>::denorm_min(),
                                    0.0F,
                                    -0.0F};

/// A row is a vector and a part of one, whatever the processor's vectors are.
using Values = Network<Input<2, 4, 19>, Heads<ReLU, LeakyReLU, PReLU, Sigmoid, Tanh, SiLU, Softmax, BatchNorm, GAP,
                                              Sequential<BatchNorm, ReLU>, Sequential<Dropout<50>, Identity>,
                                              Gated<Sigmoid>, Sequential<Residual<Tanh>, ReLU>, Residual<ReLU>,
                                              Parallel<Concat, ReLU, Identity>>>;
using Windows =
    Network<Input<2, 4, 19>,
            Heads<Sequential<Conv<out<3>>, ReLU>, Sequential<Conv<out<5>, dil<2>>, BatchNorm, ReLU>,
                  Sequential<Conv<out<3>, stride<2>>, LeakyReLU>, Conv<out<2>, ker<2>, stride<1, 3>, valid>,
                  Sequential<DepthwiseConv<dil<1, 3>>, ReLU>, Sequential<Conv<taps<cross>>, PReLU>,
                  Sequential<Conv<reflect>, SiLU>, Conv1x1<3>, FixedConv<gaussian<std::ratio<1>, 0, 1>>,
                  Sequential<Dense<5>, ReLU>,
                  Sequential<Deconv<out<2>, stride<2>>, ReLU>, Sequential<Residual<Conv<>>, ReLU>>>;
using Pools =
    Network<Input<2, 4, 19>,
            Heads<MaxPool<>, MaxPool<ker<2>, stride<2>>, MaxPool<ker<2, 3>, stride<1, 3>, dil<2, 1>>, AvgPool<>,
                  AvgPool<ker<2>, stride<2>>, MedianPool<>, MedianPool<ker<2>>, MedianPool<ker<3, 5>, stride<2>>,
                  Upsample<2>, Upsample<2, bilinear>, Upsample<3, bilinear>>>;
/// Less than a vector wide: lanes run over channels.
using Narrow = Network<Input<8, 3, 3>, Heads<Sequential<Conv<out<20>>, ReLU>, Conv<out<16>>>>;

/// As a program under an emulator or a sanitizer has time for.
#if defined(FOVEA_TEST_GEOMETRY_SHARE) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t step = 7;
#else
constexpr std::size_t step = 1;
#endif

/// Is y what e is as a float? NaN is NaN, +0 is -0, what is too large is infinite.
bool agrees(double e, float y) {
    const auto rounded = static_cast<float>(e);
    if (detail::is_nan(rounded) || !detail::is_finite(rounded)) {
        return detail::is_nan(rounded) ? detail::is_nan(y) : y == rounded;
    }
    const double size = std::abs(e) > 1e30 ? 1e38 : 1;  // taps that meet the same value may cancel one another
    return std::abs(double{y} - e) <= 2e-5 * (std::abs(e) + size);
}

/// Outputs of all heads, one behind the other.
template <class E, std::size_t... O>
std::vector<float> outputs_of(E& engine, const std::vector<float>& x, const std::vector<std::size_t>& sizes) {
    std::vector<float> y;
    typename E::output_pointers to{};
    std::size_t all = 0;
    for (const std::size_t size : sizes) {
        all += size;
    }
    y.resize(all);
    for (std::size_t o = 0, at = 0; o < sizes.size(); at += sizes[o++]) {
        to[o] = y.data() + at;
    }
    engine.run(x.data(), to);
    return y;
}

/// ask(x, y, position, special value) for every one of them, with a clean run between any two: it gives what the first
/// one gave, to the bit.
template <class E, class Ask>
void sweep(E& engine, std::vector<float> x, const std::vector<std::size_t>& sizes, Ask ask) {
    const std::vector<float> clean = outputs_of(engine, x, sizes);
    for (std::size_t i = 0; i < x.size(); i += step) {
        for (const float special : special_values) {
            const float before = std::exchange(x[i], special);
            ask(x, outputs_of(engine, x, sizes), i, special);
            x[i] = before;
            const std::vector<float> again = outputs_of(engine, x, sizes);
            if (std::memcmp(again.data(), clean.data(), clean.size() * sizeof(float)) != 0) {
                FAIL_CHECK(special << " at " << i << " is felt in the next run");
            }
        }
    }
}

template <class Net>
void compare_special(const char* name) {
    INFO(name);
    const auto& trace = detail::network_traits<Net>::trace;
    std::vector<std::size_t> sizes;
    for (const std::size_t o : trace.outputs()) {
        sizes.push_back(trace.shape(o).size());
    }
    auto w = random_weights<Net>(3);
    for (float& v : w.values()) {
        v /= 4;  // whatever their order, sums of products with the largest number stay numbers
    }
    const plain_network net = plain(w);
    Engine<Net> engine(w);
    sweep(engine, random_inputs<Net>(1, 4), sizes,
          [&](const std::vector<float>& x, const std::vector<float>& y, std::size_t i, float special) {
              const float* got = y.data();
              for (const values& expected : reference_outputs(net, values(x.begin(), x.end()))) {
                  for (std::size_t k = 0; k < expected.size(); ++k, ++got) {
                      if (!agrees(expected[k], *got)) {
                          const auto head = static_cast<std::size_t>(got - y.data()) - k;
                          FAIL_CHECK(special << " at " << i << ": outputs from " << head << " on, number " << k
                                             << ": expected " << expected[k] << ", got " << *got);
                          return;
                      }
                  }
              }
          });
}

/// Forced into Winograd's domain: tiles of 4 and of 2 outputs an axis.
using Filtered = Network<Input<2, 12, 30>, Heads<Conv<out<3>, dil<2>>, Sequential<Conv<out<4>, ker<5>>, ReLU>>>;

TEST_CASE("fast loses no NaN and no infinity, and keeps them to the tiles that read them") {
    constexpr std::size_t height = 12, width = 30;
    const std::vector<std::size_t> sizes{3 * height * width, 4 * height * width};
    const auto w = random_weights<Filtered>(5);
    const plain_network net = plain(w);
    Engine<Filtered, fast, use<"0.heads.0", winograd<4>>, use<"0.heads.1.0", winograd<2>>> engine(w);
    const std::vector<float> inputs = random_inputs<Filtered>(1, 6);
    const std::vector<float> clean = outputs_of(engine, inputs, sizes);
    const auto ask = [&](const std::vector<float>& x, const std::vector<float>& y, std::size_t i, float special) {
        if (detail::is_finite(special)) {
            return;
        }
        const auto outputs = reference_outputs(net, values(x.begin(), x.end()));
        for (std::size_t k = 0; k < y.size(); ++k) {
            const bool second = k >= sizes[0];
            const double expected = second ? outputs[1][k - sizes[0]] : outputs[0][k];
            const auto apart = [](std::size_t a, std::size_t b) { return a < b ? b - a : a - b; };
            const std::size_t rows = apart(i / width % height, k / width % height);
            const std::size_t columns = apart(i % width, k % width);
            const std::size_t reach = second ? 2 + 5 - 1 : (4 + 3 - 1) * 2;
            const bool far = rows >= reach || columns >= reach;
            const bool right = far                          ? y[k] == clean[k]
                               : detail::is_nan(expected)   ? detail::is_nan(y[k])
                               : detail::is_finite(expected) ? true
                                                            : !detail::is_finite(y[k]);
            if (!right) {
                FAIL_CHECK(special << " at " << i << ": output " << k << ": expected " << expected << ", got " << y[k]);
                return;
            }
        }
    };
    sweep(engine, inputs, sizes, ask);
}

TEST_CASE("special values pass every brick as in PyTorch") {
    compare_special<Values>("Values");
    compare_special<Windows>("Windows");
    compare_special<Pools>("Pools");
    compare_special<Narrow>("Narrow");
}

}  // namespace
}  // namespace fovea::test
