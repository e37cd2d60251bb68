// SPDX-License-Identifier: BSD-3-Clause
// What do steps gain that run as one, a few rows at a time? The first and the second of each line on whole maps, then
// band by band as an engine's plan cuts them; median times of both in turns, on one core.
// usage: bench_chains [text in the name]
#include <algorithm>
#include <cstdio>
#include <cstring>

#include <fovea/fovea.hpp>

#include "measure.hpp"

namespace {

using namespace fovea;
using namespace fovea::bench;

const char* wanted = "";

/// Steps 0 and 1 of Net, which its plan makes one.
template <class Net>
void chain(const char* name) {
    if (std::strstr(name, wanted) == nullptr) {
        return;
    }
    using plan = engine_plan<Net>;
    using whole_plan = engine_plan<Net, plan_options<Net>{.chain_rows = false}>;
    using chained = detail::execute::chain<Net, plan, 0>;
    using first = detail::execute::step<Net, 0, conv_algorithm{}, whole_plan>;
    using second = detail::execute::step<Net, 1, conv_algorithm{}, whole_plan>;
    static_assert(plan::chain(0).length == 2 && plan::chain(0).rows > 0, "the plan leaves this pair apart");

    map_buffer buffers[] = {map_buffer(first::in, 1), map_buffer(first::out, 2), map_buffer(second::out, 3)};
    detail::aligned_array<float> weights[] = {
        detail::aligned_array<float>(static_cast<std::size_t>(first::packed_size)),
        detail::aligned_array<float>(static_cast<std::size_t>(second::packed_size))};
    detail::aligned_array<float> scratch(
        static_cast<std::size_t>(std::max({chained::scratch_size, first::scratch_size, second::scratch_size})));
    const auto maps = [&](std::size_t m) { return buffers[m].first; };
    const auto whole = [&] {
        first::run(maps, weights[0].data(), scratch.data(), 0, first::units);
        second::run(maps, weights[1].data(), scratch.data(), 0, second::units);
    };
    const auto bands = [&] {
        chained::run(
            maps, [&](std::size_t k) { return weights[k].data(); }, scratch.data(), 0, chained::units);
    };
    std::vector<double> apart, together, ratio;
    const int repeats = 1 + static_cast<int>(2e-3 / seconds_of(whole, 2));
    for (int round = 0; round < 21; ++round) {
        apart.push_back(seconds_of(whole, repeats));
        together.push_back(seconds_of(bands, repeats));
        ratio.push_back(apart.back() / together.back());
    }
    std::printf("%-34s %10.1f us %10.1f us   %5.2f times as fast, %2td rows at a time\n", name, median(apart) * 1e6,
                median(together) * 1e6, median(ratio), plan::chain(0).rows);
    std::fflush(stdout);
}

template <int Channels, int Extent>
using Separable = Network<Input<Channels, Extent, Extent>, DepthwiseConv<>, ReLU, Conv1x1<Channels>, ReLU>;

}  // namespace

int main(int argc, char** argv) {
    wanted = argc > 1 ? argv[1] : "";
    std::printf("%-34s %13s %13s\n", "", "whole maps", "bands");
    chain<Separable<80, 32>>("depthwise, 1x1: 80 of 32x32");
    chain<Separable<64, 64>>("depthwise, 1x1: 64 of 64x64");
    chain<Separable<128, 56>>("depthwise, 1x1: 128 of 56x56");
    chain<Separable<64, 128>>("depthwise, 1x1: 64 of 128x128");
    chain<Separable<32, 256>>("depthwise, 1x1: 32 of 256x256");
    chain<Separable<32, 512>>("depthwise, 1x1: 32 of 512x512");
    chain<Network<Input<48, 64, 64>, DepthwiseConv<ker<7>>, Conv1x1<96>, ReLU>>("depthwise 7x7, 1x1: 48->96 of 64x64");
    chain<Network<Input<48, 128, 128>, Conv<out<48>, dil<4>>, ReLU, Conv1x1<11>>>("3x3, 1x1: 48->11 of 128x128");
    chain<Network<Input<64, 56, 56>, Conv<out<64>>, ReLU, MaxPool<ker<2>, stride<2>, valid>>>("3x3, pool: 64 of 56x56");
    chain<Network<Input<3, 224, 224>, Conv<out<32>>, ReLU, MaxPool<ker<2>, stride<2>, valid>>>(
        "3x3, pool: 3->32 of 224x224");
}
