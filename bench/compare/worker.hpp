// SPDX-License-Identifier: BSD-3-Clause
// How does a program of the comparison talk to compare.py? One command a line on standard input, one answer a line:
//   run SECONDS   calls the network until the time is over; answers the seconds of a call, one number a burst
//   output FILE   writes the result of the last call, float32, N x C x H x W
//   quit
// Before the first command it says "ready VERSION". Only one program works at a time; the others wait in read().
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace compare {

inline double seconds_of_call(const std::function<void()>& call, int calls) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) {
        call();
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls;
}

inline std::vector<float> read_floats(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) {
        throw std::runtime_error(path + ": cannot be read");
    }
    std::vector<float> values(static_cast<std::size_t>(file.tellg()) / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
    return values;
}

inline void write_floats(const std::string& path, const float* values, std::size_t count) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(float)));
    if (!file.flush()) {
        throw std::runtime_error(path + ": cannot be written");
    }
}

/// Seconds of a call, one number a burst of calls that lasts 5 ms or longer. The first burst is not counted (caches and clocks warm up; a thread wakes), unless a
/// call takes so long that this does not matter.
inline std::vector<double> bursts(const std::function<void()>& call, double seconds) {
    constexpr double burst = 5e-3, slow = 0.2;
    double once = seconds_of_call(call, 1);
    std::vector<double> times;
    if (once > slow) {
        times.push_back(once);
    } else {
        once = std::min(once, seconds_of_call(call, std::max(1, static_cast<int>(burst / once))));
    }
    const int calls = std::max(1, static_cast<int>(burst / once));
    double total = times.empty() ? 0 : once;
    while (total < seconds || times.empty()) {
        times.push_back(seconds_of_call(call, calls));
        total += times.back() * calls;
    }
    return times;
}

struct worker {
    std::string version;
    std::function<void()> call;
    std::function<std::vector<float>()> output;
    /// Commands beyond those above: the answer, or nothing if it is not known either.
    std::function<std::string(const std::string&)> other = [](const std::string&) { return std::string(); };
};

/// Of a trainer: the losses of four steps from the first weights. The first one shows the forward pass, the others gradients and optimiser.
/// `fresh` makes a trainer that has made no step yet, as a pointer to something with step(), which returns the loss.
inline std::function<std::vector<float>()> first_losses(auto fresh) {
    return [fresh] {
        const auto trainer = fresh();
        std::vector<float> losses;
        for (int i = 0; i < 4; ++i) {
            losses.push_back(static_cast<float>(trainer->step()));
        }
        return losses;
    };
}

inline std::string text_of(const std::vector<double>& times) {
    std::ostringstream text;
    text.precision(9);
    for (const double t : times) {
        text << t << ' ';
    }
    return text.str();
}

inline int serve(const worker& w) {
    std::cout << "ready " << w.version << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string command, argument;
        words >> command >> argument;
        if (command == "quit") {
            break;
        }
        if (command == "run") {
            std::cout << text_of(bursts(w.call, std::stod(argument))) << std::endl;
        } else if (command == "output") {
            w.call();
            const std::vector<float> y = w.output();
            write_floats(argument, y.data(), y.size());
            std::cout << "written" << std::endl;
        } else {
            const std::string answer = w.other(line);
            std::cout << (answer.empty() ? "unknown command " + line : answer) << std::endl;
        }
    }
    return 0;
}

/// main() of a program of the comparison: errors become an answer.
inline int guarded(const std::function<int()>& program) {
    try {
        return program();
    } catch (const std::exception& e) {
        std::string message = e.what();  // some have several lines, an answer has one
        std::replace(message.begin(), message.end(), '\n', ' ');
        std::cout << "error " << message << std::endl;
        return 1;
    }
}

}  // namespace compare
