// SPDX-License-Identifier: BSD-3-Clause
// Inputs that hold other numbers than floats, have another rank, or are no tensors.
// errors: 5
// expect: wrong_tensor<got_type<unsigned char>, expected_type<float>>
// expect: wrong_tensor<got_type<double>, expected_type<float>>
// expect: wrong_tensor<got_type<int>, expected_type<float>>
// expect: wrong_tensor<rank<4>, expected_type<rank<3>>>
// expect: wrong_tensor<got_type<std::vector<float
// expect: xt::cast<float>(x) converts it
// expect: reshape it, or use batch<N>
// expect: makes one of a std::vector, and Engine::run(x, y) takes pointers
#include <fovea/execute/engine.hpp>
#include <fovea/execute/tiled.hpp>

using namespace fovea;

using Net = Network<Input<3, 16, 16>, Conv<out<2>>>;
void run(const Weights<Net>& weights, const xt::xtensor<float, 3>& x, const xt::xtensor<unsigned char, 3>& bytes) {
    Engine<Net> engine(weights);
    Tiled<Net> tiled(weights);
    std::vector<float> list(3 * 16 * 16);
#ifndef CORRECTED
    engine(bytes);
    tiled(bytes);
    engine(x * 2.0);
    engine(xt::view(xt::xtensor<int, 3>(), xt::all(), xt::all(), xt::all()));
    engine(xt::xtensor<float, 4>());
    engine(list);
    const xt::xtensor<float, 3> y = tiled(list);
#else
    engine(xt::cast<float>(bytes) / 255.0F);
    engine(xt::adapt(list, std::array<std::size_t, 3>{3, 16, 16}));
    engine(xt::view(x, xt::all(), xt::all(), xt::all()));
    const xt::xtensor<float, 3> y = tiled(xt::cast<float>(bytes));
    const xt::xarray<float> dynamic = x * 2.0F;
    engine(dynamic);
#endif
    engine(y);
}
