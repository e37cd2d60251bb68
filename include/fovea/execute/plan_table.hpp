// SPDX-License-Identifier: BSD-3-Clause
// What will an engine do? plan<Net, Options...>: its steps, the way that each convolution goes, and the memory; a
// constant that can be asserted, and a table for people.
#pragma once

#include <array>
#include <ostream>
#include <string>
#include <string_view>

#include <fovea/detail/number_text.hpp>
#include <fovea/execute/chain.hpp>
#include <fovea/execute/choose.hpp>

namespace fovea {

/// One step of an engine: a brick with the normalisation and activation that were folded into it.
struct plan_row {
    std::string_view path{};   ///< of the brick, as its weights are named
    std::string_view brick{};  ///< its name
    step_kind kind = step_kind::conv;
    conv_algorithm algorithm{};  ///< of a convolution
    Shape input{};
    Shape output{};
    /// What the cost model expects, in multiply-adds of whole vectors; 0 where it has no opinion.
    double expected = 0;
    double expected_direct = 0;     ///< the same of direct sums
    std::size_t weight_bytes = 0;   ///< packed
    std::size_t scratch_bytes = 0;  ///< a thread's, shared by all steps
    /// Steps from this one on that run as one; 1: it runs alone, 0: with one before it.
    std::size_t chain_length = 1;
    std::size_t chain_rows = 0;  ///< so many rows of the last one's output at a time; 0: channel by channel
    bool adds = false;           ///< a convolution to whose sums a shortcut or another branch is added
};

template <std::size_t N>
struct plan_table {
    std::array<plan_row, N> steps{};
    std::size_t arena_bytes = 0;    ///< maps of one input in flight
    std::size_t weight_bytes = 0;   ///< packed weights of all steps
    std::size_t scratch_bytes = 0;  ///< of one thread

    /// The step of the brick with this path.
    constexpr const plan_row& at(std::string_view path) const {
        for (const plan_row& s : steps) {
            if (s.path == path) {
                return s;
            }
        }
        throw "fovea: no step of this plan has this path";
    }
};

}  // namespace fovea

namespace fovea::detail::execute {
inline namespace FOVEA_KERNELS_ISA {

template <class Net, std::size_t K, class... Options>
constexpr plan_row planned() {
    using plan = plan_of<Net, Options...>;
    constexpr conv_algorithm algorithm = algorithm_of<Net, K, Options...>;
    using kernel = step<Net, K, algorithm, plan>;
    const layer_info l = plan::layer(K);
    plan_row p{.path = l.path,
               .brick = l.name,
               .kind = plan::step(K).kind,
               .algorithm = algorithm,
               .input = l.input,
               .output = l.output,
               .weight_bytes = static_cast<std::size_t>(kernel::packed_size) * sizeof(float),
               .scratch_bytes = static_cast<std::size_t>(scratch_of<Net, plan, K, kernel>) * sizeof(float),
               .chain_length = plan::chain(K).length,
               .chain_rows = static_cast<std::size_t>(plan::chain(K).rows),
               .adds = plan::step(K).adds};
    if (p.kind == step_kind::conv) {
        p.expected_direct = direct_cost(plan::geometry(K), kernels::this_machine);
        p.expected = algorithm.method == conv_method::direct
                         ? p.expected_direct
                         : winograd_cost(plan::geometry(K), algorithm.tile, kernels::this_machine);
    }
    return p;
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute

namespace fovea {
inline namespace FOVEA_KERNELS_ISA {

/// What Engine<Net, Options...> does, on the instruction set of this translation unit.
template <class Net, class... Options>
inline constexpr auto plan = [] {
    if constexpr (!detail::execute::runs_or_refuse<Net, Options...>()) {
        return detail::harmless{};
    } else {
        return []<std::size_t... K>(std::index_sequence<K...>) {
            constexpr auto arena = static_cast<std::size_t>(detail::execute::plan_of<Net, Options...>::arena_size);
            plan_table<sizeof...(K)> p{.steps = {detail::execute::planned<Net, K, Options...>()...},
                                       .arena_bytes = arena * sizeof(float)};
            for (const plan_row& s : p.steps) {
                p.weight_bytes += s.weight_bytes;
                p.scratch_bytes = s.scratch_bytes > p.scratch_bytes ? s.scratch_bytes : p.scratch_bytes;
            }
            return p;
        }
        (std::make_index_sequence<engine_plan<Net>::step_count>{});
    }
}();

}  // namespace FOVEA_KERNELS_ISA

namespace detail {

inline std::string extents_text(const Shape& s) {
    return std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" + std::to_string(s.width);
}

/// "direct", or "Winograd F(4x4, 3x3)"; with the blocks of a longer kernel, "Winograd F(3x3, 3x3) in 3x3 blocks".
inline std::string algorithm_text(const conv_algorithm& a) {
    if (a.method == conv_method::direct) {
        return "direct";
    }
    const auto pair = [](std::ptrdiff_t y, std::ptrdiff_t x) { return std::to_string(y) + "x" + std::to_string(x); };
    const winograd_axis &y = a.tile.rows, &x = a.tile.columns;
    return "Winograd F(" + pair(y.outputs, x.outputs) + ", " + pair(y.taps, x.taps) + ")" +
           (a.tile.blocks() > 1 ? " in " + pair(y.blocks, x.blocks) + " blocks" : "");
}

}  // namespace detail

/// A line a step: path, brick, input, output, way, and by how much the model expects it to be faster than direct sums.
template <std::size_t N>
std::ostream& operator<<(std::ostream& out, const plan_table<N>& p) {
    const auto cell = [](std::string s, std::size_t width) {
        s.resize(s.size() < width ? width : s.size() + 1, ' ');
        return s;
    };
    for (const plan_row& s : p.steps) {
        std::string gain;
        if (s.expected > 0 && s.expected < s.expected_direct) {
            gain = ", expected " + detail::fixed_text(s.expected_direct / s.expected, 1) + " times as fast";
        }
        if (s.chain_length == 0) {
            gain += ", with the step before";
        } else if (s.chain_length > 1) {
            gain += (s.chain_rows > 0 ? ", " + std::to_string(s.chain_rows) + " rows at a time"
                                      : std::string(", channel by channel")) +
                    " with the next " + std::to_string(s.chain_length - 1);
        }
        gain += s.adds ? ", adds the other map" : "";
        out << cell(std::string(s.path), 14) << cell(std::string(s.brick), 16)
            << cell(detail::extents_text(s.input), 14) << cell(detail::extents_text(s.output), 14)
            << (s.kind == step_kind::conv ? detail::algorithm_text(s.algorithm) : std::string{}) << gain << '\n';
    }
    return out << "maps " << p.arena_bytes / 1024 << " KB, packed weights " << p.weight_bytes / 1024 << " KB, scratch "
               << p.scratch_bytes / 1024 << " KB a thread\n";
}

}  // namespace fovea
