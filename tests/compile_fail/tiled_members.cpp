// SPDX-License-Identifier: BSD-3-Clause
// A refused Tiled has the members of a real one: four refusals, one error each, however much of it is used.
// errors: 4
// expect: too_little_memory<needs_bytes<
// expect: wrong_tiled_option<got_option<threads<0>>>
// expect: wrong_tiled_option<got_option<strip_columns<0>>>
// expect: not_local<layer<1>, sees_the_whole_map>
#include <fovea/execute/tiled.hpp>

using namespace fovea;

template <class... Last>
using Net = Network<Input<3, 16, 16>, Conv<out<6>, dil<4>>, Last...>;

template <class N, class... Options>
std::size_t work(const xt::xtensor<float, 3>& x) {
    using tiled_type = Tiled<N, Options...>;
    tiled_type tiled{Weights<N>{}};
    const auto y = tiled(x);
    const bool all = tiled.run(
        100, 100, [](const image_area&, float*) {}, [](const image_area&, const float*) {},
        [](const tiled_progress&) { return true; });
    static_assert(tiled_type::outputs == 1 && tiled_type::input_channels == 3 && tiled_type::least_height > 0);
    static_assert(tiled_type::template output_channels<> == 6 && tiled_type::halo_left == tiled_type::halo_right);
    return (all ? y.size() : 0) + tiled_type::memory_use() + tiled_type::strip_width * tiled_type::strip_rows +
           static_cast<std::size_t>(y.data()[0]) + y.shape()[1];
}
std::size_t run(const xt::xtensor<float, 3>& x) {
#ifndef CORRECTED
    return work<Net<>, memory_limit<10'000>>(x) + work<Net<>, threads<0>>(x) + work<Net<>, strip_columns<0>>(x) +
           work<Net<GAP>>(x);
#else
    return work<Net<>, memory_limit<1'000'000>, threads<1>>(x);
#endif
}
