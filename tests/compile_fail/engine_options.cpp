// SPDX-License-Identifier: BSD-3-Clause
// Options that an engine does not take: an error each, and none for the code that goes on to use it.
// errors: 6
// expect: wrong_engine_option<got_option<batch<0>>>
// expect: wrong_engine_option<got_option<threads<0>>>
// expect: wrong_engine_option<got_option<out<3>>>
// expect: wrong_engine_option<got_option<exact>, got_option<fast>>
// expect: wrong_engine_option<got_use<path_name<'0'>, int>>
// expect: wrong_engine_option<got_use<path_name<'0'>, winograd<7, 7>>>
// expect: an Engine takes batch<N>, threads<N>, exact or fast, and use<>, with N of at least 1
// expect: or a way that its kernel, stride or padding does not allow: direct, winograd<2>, <3> or <4>
#include <fovea/execute/engine.hpp>
#include <fovea/execute/plan_table.hpp>

using namespace fovea;

using Net = Network<Input<3, 16, 16>, Conv<out<8>>, ReLU, Heads<Conv1x1<2>, Conv<out<3>>>>;

template <class... Options>
float work(const Weights<Net>& weights, const xt::xtensor<float, 3>& x) {
    using engine_type = Engine<Net, Options...>;
    engine_type engine(weights);
    auto&& [a, b] = engine(x);
    typename engine_type::output_type copy = engine(x);
    typename engine_type::output_pointers to{a.data() == nullptr ? nullptr : copy[0].data(), copy[1].data()};
    engine.run(x.data(), to);
    static_assert(engine_type::outputs == 2 && engine_type::input_extents().size() == engine_type::input_type::rank);
    return b.flat(0) + static_cast<float>(engine_type::template output_extents<1>()[0]);
}
float run(const Weights<Net>& w, const xt::xtensor<float, 3>& x) {
#ifndef CORRECTED
    static_assert(plan<Net, fovea::use<"0", int>>.arena_bytes > 0 && plan<Net, fovea::use<"0", int>>.at("0").adds);
    return work<batch<0>>(w, x) + work<fast, threads<0>>(w, x) + work<out<3>>(w, x) + work<exact, fast>(w, x) +
           work<fovea::use<"0", winograd<7>>, threads<2>>(w, x);
#else
    static_assert(plan<Net, fovea::use<"0", direct>>.arena_bytes > 0);
    return work<threads<1>, fast>(w, x) + work<fovea::use<"0", winograd<2>>>(w, x);
#endif
}
