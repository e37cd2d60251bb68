// SPDX-License-Identifier: BSD-3-Clause
// What does it cost to run a large image in strips, and what does it save? Segment's layers on square images, in strips
// and layer by layer (an Engine of that Input), each in a process of its own so that its memory can be told apart.
//
//     bench_tiled [512|1024|4096 ...] [--threads 1|2] [--rounds N] [--only strips|layers]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fovea/fovea.hpp>

#include "../kernels/measure.hpp"

using namespace fovea;

namespace {

template <int H, int W>
using Segment = Network<Input<1, H, W>, Conv<out<16>, dil<1>>, BatchNorm, ReLU, Conv<out<24>, dil<2>>, BatchNorm, ReLU,
                        Conv<out<32>, dil<4>>, BatchNorm, ReLU, Conv<out<48>, dil<8>>, BatchNorm, ReLU,
                        Conv<out<48>, dil<16>>, BatchNorm, ReLU, Conv<out<48>, dil<32>>, BatchNorm, ReLU, Conv1x1<11>,
                        Softmax>;
using Net = Segment<64, 84>;

struct measured {
    double seconds = 0;
    double peak = 0;  ///< GFLOP/s of multiply-adds on one core, in the same process
    std::size_t said = 0;  ///< bytes, as the class says
    double check = 0;
    long resident = 0;  ///< kB at most, of the process
};

template <class Other>
Weights<Other> weights() {
    detail::random_stream random(1);
    Weights<Other> w;
    for (float& v : w.parameters()) {
        v = static_cast<float>(random.symmetric(0.1));
    }
    return w;
}

measured timed(std::size_t size, std::size_t said, auto&& run) {
    measured m{.said = said};
    m.peak = bench::peak<float>::measure();
    std::vector<double> seconds;
    for (int i = 0; i < (size > 2000 ? 1 : 5); ++i) {
        seconds.push_back(bench::seconds_of(run, 1));
        m.peak = std::max(m.peak, bench::peak<float>::measure());
    }
    m.seconds = bench::median(seconds);
    return m;
}

/// The image is made row by row and of the result only a sum is kept: this is what the program itself adds.
template <int Size, std::size_t Threads>
measured layers() {
    using whole = Segment<Size, Size>;
    Engine<whole, threads<Threads>> engine(weights<whole>());
    std::vector<float> x(Size * Size), y(11 * Size * Size);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(i % 251) / 251;
    }
    measured m = timed(Size, arena_bytes<whole>, [&] { engine.run(x.data(), y.data()); });
    for (const float v : y) {
        m.check += static_cast<double>(v) * static_cast<double>(v);
    }
    return m;
}
template <int Size, std::size_t Threads>
measured strips() {
    using width = std::conditional_t<(Size < 1024), strip_columns<Size>, exact>;
    using tiled_type = Tiled<Net, threads<Threads>, width>;
    tiled_type tiled(weights<Net>());
    double check = 0;
    const auto read = [](const image_area& a, float* to) {
        for (std::size_t r = a.row; r < a.row + a.rows; ++r) {
            for (std::size_t c = a.column; c < a.column + a.columns; ++c) {
                *to++ = static_cast<float>((r * Size + c) % 251) / 251;
            }
        }
    };
    const auto write = [&](const image_area& a, const float* from) {
        for (std::size_t i = 0; i < 11 * a.rows * a.columns; ++i) {
            check += static_cast<double>(from[i]) * static_cast<double>(from[i]);
        }
    };
    measured m = timed(Size, tiled_type::memory_use(), [&] {
        check = 0;
        tiled.run(Size, Size, read, write);
    });
    m.check = check;
    return m;
}

/// In a process of its own.
measured apart(measured (*work)()) {
    int ends[2];
    if (pipe(ends) != 0) {
        std::perror("pipe");
        std::exit(1);
    }
    const pid_t child = fork();
    if (child == 0) {
        const measured m = work();
        _exit(write(ends[1], &m, sizeof m) == sizeof m ? 0 : 1);
    }
    measured m;
    const bool got = child > 0 && (close(ends[1]), read(ends[0], &m, sizeof m)) == sizeof m;
    close(ends[0]);
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (!got || status != 0) {
        std::fputs("bench_tiled: a measurement ended early (out of memory?)\n", stderr);
        std::exit(1);
    }
    m.resident = usage.ru_maxrss;
    return m;
}

struct way {
    int size;
    std::size_t threads;
    const char* name;
    measured (*work)();
};
constexpr way ways[] = {{512, 1, "strips", &strips<512, 1>},   {512, 1, "layers", &layers<512, 1>},
                        {512, 2, "strips", &strips<512, 2>},   {512, 2, "layers", &layers<512, 2>},
                        {1024, 1, "strips", &strips<1024, 1>}, {1024, 1, "layers", &layers<1024, 1>},
                        {1024, 2, "strips", &strips<1024, 2>}, {1024, 2, "layers", &layers<1024, 2>},
                        {4096, 1, "strips", &strips<4096, 1>}, {4096, 1, "layers", &layers<4096, 1>},
                        {4096, 2, "strips", &strips<4096, 2>}, {4096, 2, "layers", &layers<4096, 2>}};

}  // namespace

int main(int argc, char** argv) {
    std::vector<int> sizes;
    std::size_t threads = 1;
    int rounds = 3;
    std::string only;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const bool option = word.starts_with("--");
        if (option && i + 1 == argc) {
            std::fprintf(stderr, "bench_tiled: %s: expected a value\n", argv[i]);
            return 2;
        }
        if (word == "--threads") {
            threads = std::strtoul(argv[++i], nullptr, 10);
        } else if (word == "--rounds") {
            rounds = std::atoi(argv[++i]);
        } else if (word == "--only") {
            only = argv[++i];
        } else if (option || std::atoi(argv[i]) == 0) {
            std::fprintf(stderr, "bench_tiled: %s: expected a size, --threads, --rounds or --only\n", argv[i]);
            return 2;
        } else {
            sizes.push_back(std::atoi(argv[i]));
        }
    }
    std::printf("%6s %8s %7s %10s %9s %7s %10s %10s\n", "size", "threads", "way", "ms", "GFLOP/s", "peak", "says MB",
                "resident");
    for (const int size : sizes.empty() ? std::vector<int>{512, 1024} : sizes) {
        std::vector<const way*> these;
        for (const way& w : ways) {
            if (w.size == size && w.threads == threads && (only.empty() || only == w.name)) {
                these.push_back(&w);
            }
        }
        std::vector<std::vector<measured>> results(these.size());
        for (int r = 0; r < rounds; ++r) {
            for (std::size_t i = 0; i < these.size(); ++i) {
                results[i].push_back(apart(these[i]->work));
            }
        }
        const double flops = 2.0 * static_cast<double>(mac_count<Net>) / (64 * 84) * size * size;
        for (std::size_t i = 0; i < these.size(); ++i) {
            auto& all = results[i];
            std::sort(all.begin(), all.end(), [](const measured& a, const measured& b) { return a.seconds < b.seconds; });
            const measured& m = all[all.size() / 2];
            const double rate = flops / m.seconds * 1e-9;
            std::printf("%6d %8zu %7s %10.1f %9.1f %6.2f %10.1f %7ld MB  (sum of squares %.3f)\n", size, threads,
                        these[i]->name, m.seconds * 1e3, rate, rate / m.peak / static_cast<double>(threads),
                        static_cast<double>(m.said) / 1e6, m.resident * 1024 / 1'000'000, m.check);
        }
    }
}
