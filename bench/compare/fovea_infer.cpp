// SPDX-License-Identifier: BSD-3-Clause
// How fast does fovea run one network (FOVEA_COMPARE_NET)?
//   (no arguments)                            a table of every batch, thread count and mode: fovea alone
//   describe FOLDER                           writes network.json and weights.safetensors for the other libraries
//   infer FOLDER BATCH THREADS exact|fast     works for compare.py on FOLDER's weights and input
#include <cstdio>
#include <memory>

#include <fovea/fovea.hpp>

#include "describe.hpp"
#include "networks.hpp"
#include "peak.hpp"
#include "worker.hpp"

namespace {

using namespace fovea;
using Net = compared::FOVEA_COMPARE_NET;

#define FOVEA_COMPARE_TEXT_OF(x) #x
#define FOVEA_COMPARE_TEXT(x) FOVEA_COMPARE_TEXT_OF(x)
constexpr const char* name = FOVEA_COMPARE_TEXT(FOVEA_COMPARE_NET);

using run_function = std::function<void(const float*, float*)>;

template <class... Options>
run_function engine_of(const Weights<Net>& weights) {
    const auto engine = std::make_shared<Engine<Net, Options...>>(weights);
    return [engine](const float* x, float* y) { engine->run(x, y); };
}

template <std::size_t Batch, std::size_t Threads>
run_function engine_of(const Weights<Net>& weights, bool is_fast) {
    return is_fast ? engine_of<batch<Batch>, threads<Threads>, fast>(weights)
                   : engine_of<batch<Batch>, threads<Threads>, exact>(weights);
}

run_function engine_of(const Weights<Net>& weights, int images, int team, bool is_fast) {
    if (images == 1 && team == 1) return engine_of<1, 1>(weights, is_fast);
    if (images == 1 && team == 2) return engine_of<1, 2>(weights, is_fast);
    if (images == 32 && team == 1) return engine_of<32, 1>(weights, is_fast);
    if (images == 32 && team == 2) return engine_of<32, 2>(weights, is_fast);
    throw Error("batch is 1 or 32, threads 1 or 2");
}

int work(const std::string& folder, std::size_t images, int team, bool is_fast) {
    const auto weights = load<Net>(folder + "/weights.safetensors");
    const std::vector<float> all = compare::read_floats(folder + "/input.bin");
    const run_function run = engine_of(weights, static_cast<int>(images), team, is_fast);
    std::vector<float> y(images * output_shape<Net>.size());
    if (all.size() < images * input_shape<Net>.size()) {
        throw Error("input.bin is too short");
    }
    return compare::serve(
        {.version = FOVEA_COMPARE_TEXT(FOVEA_VERSION_MAJOR) "." FOVEA_COMPARE_TEXT(FOVEA_VERSION_MINOR) + std::string(is_fast ? " fast" : " exact"),
         .call = [&] { run(all.data(), y.data()); },
         .output = [&] { return y; },
         .other = [&](const std::string& line) { return compare::answer_peak(line, static_cast<std::size_t>(team)); }});
}

/// Two engines take turns, so that a change of the machine's speed falls on both.
void table() {
    const auto weights = compare::weights_to_compare<Net>();
    std::printf("%s: medians; GFLOP/s: 2 x nominal MACs / time\n", name);
    for (const int images : {1, 32}) {
        const std::size_t n = static_cast<std::size_t>(images);
        if (n * output_shape<Net>.size() > 10'000'000) {
            continue;
        }
        const std::vector<float> x(n * input_shape<Net>.size(), 0.5F);
        std::vector<float> y(n * output_shape<Net>.size());
        std::vector<run_function> runs;
        std::vector<std::vector<double>> times(4);
        for (std::size_t i = 0; i < 4; ++i) {
            runs.push_back(engine_of(weights, images, i % 2 == 0 ? 1 : 2, i >= 2));
        }
        for (int round = 0; round < 5; ++round) {
            for (std::size_t i = 0; i < 4; ++i) {
                for (const double t : compare::bursts([&] { runs[i](x.data(), y.data()); }, 0.1)) {
                    times[i].push_back(t);
                }
            }
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const double s = bench::median(times[i]);
            std::printf("  batch %2d  threads %d  %s  %10.3f ms  %7.1f GFLOP/s  %10.1f inputs/s\n", images,
                        i % 2 == 0 ? 1 : 2, i >= 2 ? "fast " : "exact", s * 1e3,
                        2.0 * static_cast<double>(mac_count<Net> * n) / s * 1e-9, static_cast<double>(n) / s);
            std::fflush(stdout);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        const std::vector<std::string> words(argv + 1, argv + argc);
        if (words.empty()) {
            table();
            return 0;
        }
        if (words.size() == 2 && words[0] == "describe") {
            compare::write_description<Net>(name, words[1]);
            save(compare::weights_to_compare<Net>(), words[1] + "/weights.safetensors");
            return 0;
        }
        if (words.size() == 5 && words[0] == "infer") {
            return work(words[1], std::stoul(words[2]), std::stoi(words[3]), words[4] == "fast");
        }
        throw Error("arguments: none, or describe FOLDER, or infer FOLDER BATCH THREADS exact|fast");
    });
}
