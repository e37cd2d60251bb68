// SPDX-License-Identifier: BSD-3-Clause
// fovea_autotune: measures every way that each convolution of a network can go on this machine, and writes a header
// with the fastest ones for Engine<Net, choices>.
//
//     fovea_autotune dilated4_choices.hpp
//     cmake -DFOVEA_TUNE_HEADER=my/net.hpp -DFOVEA_TUNE_NETWORK=my::Net ...    another network than Dilated4
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/atomic_file.hpp>

#ifndef FOVEA_TUNE_HEADER
#define FOVEA_TUNE_HEADER "../networks/seed_networks.hpp"
#define FOVEA_TUNE_NETWORK seed::Dilated4
#endif
#include FOVEA_TUNE_HEADER

namespace {

using namespace fovea;
using Net = FOVEA_TUNE_NETWORK;
/// Every map whole: steps are measured one by one.
using plan_type = engine_plan<Net, plan_options<Net>{.chain_rows = false}>;

constexpr std::string_view network_name =
#define FOVEA_TEXT_OF(x) #x
#define FOVEA_TEXT(x) FOVEA_TEXT_OF(x)
    FOVEA_TEXT(FOVEA_TUNE_NETWORK);

/// Way number N: direct sums, then tiles of 2 to 4 outputs along each axis.
template <std::size_t N>
struct way {
    static constexpr std::ptrdiff_t rows = 2 + (static_cast<std::ptrdiff_t>(N) - 1) / 3;
    static constexpr std::ptrdiff_t columns = 2 + (static_cast<std::ptrdiff_t>(N) - 1) % 3;
    using type = winograd<rows, columns>;
    static constexpr char text[] = {'w', 'i',        'n', 'o', 'g',           'r', 'a', 'd',
                                    '<', '0' + rows, ',', ' ', '0' + columns, '>', 0};
};
template <>
struct way<0> {
    using type = direct;
    static constexpr std::string_view text = "direct";
};
constexpr std::size_t ways = 10;

template <std::size_t K, std::size_t N>
constexpr conv_algorithm algorithm() {
    constexpr conv_geometry g = plan_type::geometry(K);
    return detail::way_of<typename way<N>::type>::for_kernel(g.kernel_height, g.kernel_width);
}

/// One way of one step, ready to run on random values.
template <std::size_t K, std::size_t N>
class candidate {
    using step = detail::execute::step<Net, K, algorithm<K, N>(), plan_type>;

public:
    candidate()
        : packed_(static_cast<std::size_t>(step::packed_size)),
          scratch_(static_cast<std::size_t>(step::scratch_size) + 1) {
        detail::random_stream random(1);
        Weights<Net> weights;
        for (float& w : weights.parameters()) {
            w = static_cast<float>(random.symmetric(0.1));
        }
        for (const map_layout& m : plan_type::maps) {
            maps_.emplace_back(static_cast<std::size_t>(used(maps_.size()) ? m.footprint() : 0));
            for (float& x : maps_.back().span()) {  // products of zeros take less power: the clock would be higher
                x = static_cast<float>(random.symmetric(1));
            }
        }
        step::pack(weights, packed_.data());
    }
    double seconds(int repeats) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < repeats; ++i) {
            const auto maps = [this](std::size_t m) { return maps_[m].data() + plan_type::maps[m].guard; };
            step::run(maps, packed_.data(), scratch_.data(), 0, step::units);
        }
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / repeats;
    }

private:
    static bool used(std::size_t map) {
        const auto reads = plan_type::reads(K);
        return map == plan_type::step(K).out_map || std::find(reads.begin(), reads.end(), map) != reads.end();
    }
    std::vector<detail::aligned_array<float>> maps_;
    detail::aligned_array<float> packed_, scratch_;
};

double median(std::vector<double> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return v[v.size() / 2];
}

template <std::size_t K, std::size_t N>
std::optional<double> measure() {
    if constexpr (algorithm<K, N>().method == conv_method::direct ||
                  winograd_fits(plan_type::geometry(K), algorithm<K, N>().tile)) {
        candidate<K, N> c;
        const int repeats = std::max(1, static_cast<int>(3e-3 / c.seconds(2)));
        std::vector<double> seconds;
        for (int round = 0; round < 9; ++round) {
            seconds.push_back(c.seconds(repeats));
        }
        return median(seconds);
    } else {
        return std::nullopt;
    }
}

/// One line of the table; the choice as an option of Engine, empty for a step without one.
template <std::size_t K>
std::string tune() {
    if constexpr (detail::execute::has_choice<Net>(K)) {
        const std::string path(plan_type::layer(K).path);
        std::printf("%-12s", path.c_str());
        std::string_view best;
        double least = 0, direct_time = 0;
        [&]<std::size_t... N>(std::index_sequence<N...>) {
            (
                [&] {
                    if (const auto s = measure<K, N>()) {
                        std::printf("  %s %.1f us", std::string(way<N>::text).c_str(), *s * 1e6);
                        std::fflush(stdout);
                        direct_time = N == 0 ? *s : direct_time;
                        if (best.empty() || *s < least) {
                            best = way<N>::text;
                            least = *s;
                        }
                    }
                }(),
                ...);
        }
        (std::make_index_sequence<ways>{});
        std::printf("  -> %s, %.2f times as fast as direct\n", std::string(best).c_str(), direct_time / least);
        return "use<\"" + path + "\", " + std::string(best) + ">";
    } else {
        return {};
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures the ways that the convolutions of " + std::string(network_name) +
                 " can go and writes the fastest into a header.");
    std::string out;
    app.add_option("header", out, "the header to write, replaced if it exists")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        std::vector<std::string> choices;
        [&]<std::size_t... K>(std::index_sequence<K...>) {
            (
                [&] {
                    if (std::string c = tune<K>(); !c.empty()) {
                        choices.push_back(std::move(c));
                    }
                }(),
                ...);
        }
        (std::make_index_sequence<plan_type::step_count>{});
        std::string text = "// Measured for " + std::string(network_name) +
                           "; Engine<Net, choices> goes these ways. Measure again on another machine.\n#pragma once\n\n"
                           "#include <fovea/execute/options.hpp>\n\nusing choices = fovea::tuned<";
        for (std::size_t i = 0; i < choices.size(); ++i) {
            text += (i == 0 ? "\n    fovea::" : ",\n    fovea::") + choices[i];
        }
        // The ways are names of the library, too.
        for (const std::string_view name : {"direct>", "winograd<"}) {
            for (std::size_t at = 0; (at = text.find(", " + std::string(name), at)) != std::string::npos; at += 9) {
                text.insert(at + 2, "fovea::");
            }
        }
        write_atomically(out, [&](auto& file) { file.write(text + ">;\n"); });
        std::printf("%s written\n", out.c_str());
    } catch (const Error& e) {
        std::fprintf(stderr, "fovea_autotune: %s\n", e.what());
        return 1;
    }
    return 0;
}
