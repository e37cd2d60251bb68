// SPDX-License-Identifier: BSD-3-Clause
// Where do the packed weights of a plan's steps lie, how much scratch does a thread need, and how are the steps run one
// after the other? The same for every executor.
#pragma once

#include <array>
#include <utility>

#include <fovea/execute/step.hpp>

namespace fovea::detail::execute {
inline namespace FOVEA_KERNELS_ISA {

/// What an executor says of its work: the plan, what does step K (execute::step or another type with its packed_size
/// and pack), how much scratch that needs, and whether it has work of its own or is done by a step before it.
template <class W>
concept planned_work = step_plan<typename W::plan> && requires {
    { W::template step<0>::packed_size + W::template scratch_size<0> } -> std::convertible_to<std::ptrdiff_t>;
    { W::template runs<0> } -> std::convertible_to<bool>;
};

template <class Net, planned_work Work>
struct packed_steps {
    using plan = typename Work::plan;
    template <std::size_t K>
    using step = typename Work::template step<K>;
    using step_sequence = std::make_index_sequence<plan::step_count>;

    /// Where the packed weights of each step begin, in whole cache lines; behind the last one the size of all.
    static constexpr std::array<std::size_t, plan::step_count + 1> at =
        []<std::size_t... K>(std::index_sequence<K...>) {
        std::array<std::size_t, plan::step_count + 1> begin{};
        const std::ptrdiff_t sizes[] = {step<K>::packed_size..., 0};
        for (std::size_t k = 0; k < plan::step_count; ++k) {
            begin[k + 1] = begin[k] + static_cast<std::size_t>(round_up(sizes[k], map_quantum));
        }
        return begin;
    }
    (step_sequence{});
    static constexpr std::size_t size = at[plan::step_count];

    /// Elements of a thread's scratch, which all steps share.
    static constexpr std::size_t scratch_size = []<std::size_t... K>(std::index_sequence<K...>) {
        std::ptrdiff_t largest = 0;
        for (const std::ptrdiff_t s : {std::ptrdiff_t{0}, std::ptrdiff_t{Work::template scratch_size<K>}...}) {
            largest = s > largest ? s : largest;
        }
        return static_cast<std::size_t>(round_up(largest, map_quantum));
    }
    (step_sequence{});

    /// packed: `size` elements, aligned to a cache line.
    static void pack_all(const Weights<Net>& weights, float* packed) { pack_each(weights, packed, step_sequence{}); }

    /// executor.run_step<K>(arguments...) for every step K that has work of its own.
    template <class Executor, class... Arguments>
    static void run_all(Executor& executor, const Arguments&... arguments) noexcept {
        run_each(step_sequence{}, executor, arguments...);
    }

private:
    // Tables instead of folds: clang refuses folds of more than 256 operands.
    template <std::size_t... K>
    static void pack_each(const Weights<Net>& weights, float* packed, std::index_sequence<K...>) {
        using packer = void (*)(const Weights<Net>&, float*);
        constexpr packer packers[] = {&step<K>::pack..., nullptr};
        for (std::size_t k = 0; k < plan::step_count; ++k) {
            packers[k](weights, packed + at[k]);
        }
    }

    template <class Executor, class... Arguments>
    using runner = void (*)(Executor&, const Arguments&...) noexcept;
    template <std::size_t K, class Executor, class... Arguments>
    static void run_one(Executor& executor, const Arguments&... arguments) noexcept {
        executor.template run_step<K>(arguments...);
    }
    template <std::size_t K, class Executor, class... Arguments>
    static constexpr runner<Executor, Arguments...> runner_of() {
        if constexpr (Work::template runs<K>) {
            return &run_one<K, Executor, Arguments...>;
        } else {
            return nullptr;
        }
    }
    template <std::size_t... K, class Executor, class... Arguments>
    static void run_each(std::index_sequence<K...>, Executor& executor, const Arguments&... arguments) noexcept {
        constexpr runner<Executor, Arguments...> runners[] = {runner_of<K, Executor, Arguments...>()..., nullptr};
        for (std::size_t k = 0; k < plan::step_count; ++k) {
            if (runners[k] != nullptr) {
                runners[k](executor, arguments...);
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::detail::execute
