// SPDX-License-Identifier: BSD-3-Clause
// How fast are threads that do nothing but multiply-adds? fovea's programs answer the command "peak" with it, in every round.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "../kernels/measure.hpp"
#include "worker.hpp"

namespace compare {

/// GFLOP/s of `team` threads together: of each the median of short bursts.
inline double peak_of(std::size_t team) {
    std::vector<std::vector<double>> rates(team);
    std::vector<std::thread> threads;
    for (auto& r : rates) {
        threads.emplace_back([&r] {
            for (int i = 0; i < 60; ++i) {
                r.push_back(fovea::bench::peak<float>::measure());
            }
        });
    }
    for (std::thread& t : threads) {
        t.join();
    }
    double sum = 0;
    for (auto& r : rates) {
        sum += fovea::bench::median(r);
    }
    return sum;
}

inline std::string answer_peak(const std::string& command, std::size_t team) {
    return command == "peak" ? text_of({peak_of(team)}) : std::string();
}

}  // namespace compare
