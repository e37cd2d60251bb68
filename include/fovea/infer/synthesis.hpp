// SPDX-License-Identifier: BSD-3-Clause
// Which dilations give a receptive field without holes? Schedules made at compile time, as values and as bricks.
#pragma once

#include <array>
#include <span>
#include <type_traits>

#include <fovea/declare/conv.hpp>
#include <fovea/infer/entries.hpp>

namespace fovea {

/// Dilations of N layers of one kernel at stride 1, in data-flow order: they never fall.
template <std::size_t N>
struct DilationSchedule {
    bool exists = false;  ///< if not, there are no dilations, and the members below still hold
    std::array<int, N> dilations{};
    std::size_t receptive_field = 0;  ///< what they reach
    std::size_t largest = 1;          ///< what N layers can reach without holes: kernel to the power of N
    std::size_t layers_needed = 0;    ///< the fewest layers that reach the target; 0: none do (kernel 1)

    constexpr bool operator==(const DilationSchedule&) const = default;
    constexpr explicit operator bool() const { return exists; }
    static constexpr std::size_t size() { return N; }
    constexpr const int& operator[](std::size_t i) const { return dilations[i]; }
    constexpr auto begin() const { return dilations.begin(); }
    constexpr auto end() const { return dilations.end(); }
};

namespace detail {

/// kernel to the power of `layers`, far below an overflow: no map is as large.
constexpr std::size_t largest_field(std::size_t layers, std::size_t kernel) {
    std::size_t field = 1;
    for (std::size_t i = 0; i < layers && kernel > 1 && field < std::size_t{1} << 31; ++i) {
        field *= kernel;
    }
    return field;
}

/// The largest sum of `layers` dilations up to `cap`: each is as large as what the ones before
/// see, which leaves no holes.
constexpr std::size_t largest_sum(std::size_t layers, std::size_t kernel, std::size_t cap) {
    std::size_t field = 1, sum = 0;
    for (std::size_t i = 0; i < layers; ++i) {
        const std::size_t d = field < cap ? field : cap;
        sum += d;
        field += (kernel - 1) * d;
    }
    return sum;
}

/// Layers in ascending order of dilation have no holes if, and only if, each dilation is at most the field of the
/// layers before (the field is contiguous, so the shifted copies of it touch). Every sum of dilations between all ones
/// and 1, k, k^2, ... can be had, so the field is the least that is possible: the target, rounded up to 1 + (k - 1) *
/// sum. Of the schedules with this sum the most even one is taken: the smallest largest dilation, then the smallest
/// second largest, and so on. That leaves the most overlap and the least padding in the widest layers.
template <std::size_t N>
constexpr DilationSchedule<N> find_dilations(std::size_t target, std::size_t kernel) {
    DilationSchedule<N> s;
    s.largest = largest_field(N, kernel);
    for (std::size_t n = 1; n <= 64 && s.layers_needed == 0; ++n) {
        s.layers_needed = largest_field(n, kernel) >= target ? n : 0;
    }
    if (target > s.largest) {
        return s;
    }
    const std::size_t needed = target > 1 && kernel > 1 ? (target - 1 + kernel - 2) / (kernel - 1) : 0;
    std::size_t sum = needed > N ? needed : N;
    s.exists = true;
    s.receptive_field = 1 + (kernel - 1) * sum;
    for (std::size_t i = N; i-- > 0;) {
        std::size_t d = (sum + i) / (i + 1);
        while (sum - d > largest_sum(i, kernel, d)) {
            ++d;
        }
        s.dilations[i] = static_cast<int>(d);
        sum -= d;
    }
    return s;
}

/// Where a stack would stand if its dilations existed: refused, with these numbers.
template <int Target, int Layers, int Kernel>
struct no_dilations {
    static constexpr long long target = Target;
    static constexpr long long largest =
        static_cast<long long>(largest_field(static_cast<std::size_t>(Layers), static_cast<std::size_t>(Kernel)));
};
template <int Target, int Layers, int Kernel>
struct container_traits<no_dilations<Target, Layers, Kernel>> {
    static constexpr tally size = one_leaf;
    static constexpr void write(entry_writer& w) { w.put_leaf(nullptr, refusal::no_dilations); }
};

}  // namespace detail

/// Dilations of `Layers` convolutions of `Kernel` taps (on each axis, stride 1, all taps) whose receptive field is at
/// least `Target`, exactly if it can be, and has no holes; without any if Target is more than Kernel to the power of
/// Layers.
///
///     static_assert(dilations_for<31, 4>.exists && dilations_for<31, 4>[3] == 6);  // 1, 2, 6, 6
template <int Target, int Layers, int Kernel = 3>
    requires(Target > 0 && Layers > 0 && Kernel > 0)
inline constexpr auto dilations_for =
    detail::find_dilations<static_cast<std::size_t>(Layers)>(static_cast<std::size_t>(Target),
                                                             static_cast<std::size_t>(Kernel));

namespace detail {

template <template <int> class Block, int Target, int Layers, int Kernel,
          class = std::make_index_sequence<static_cast<std::size_t>(Layers)>>
struct stack_with {
    using type = no_dilations<Target, Layers, Kernel>;
};
template <template <int> class Block, int Target, int Layers, int Kernel, std::size_t... I>
    requires(dilations_for<Target, Layers, Kernel>.exists)
struct stack_with<Block, Target, Layers, Kernel, std::index_sequence<I...>> {
    using type = Sequential<Block<dilations_for<Target, Layers, Kernel>[I]>...>;
};

template <int Channels, int Kernel, class... Bricks>
struct dilated_block {
    template <int D>
    using with = Sequential<Conv<out<Channels>, ker<Kernel>, dil<D>>, Bricks...>;
};
template <int Channels, int Kernel>
struct dilated_block<Channels, Kernel> {
    template <int D>
    using with = Conv<out<Channels>, ker<Kernel>, dil<D>>;
};

}  // namespace detail

/// A Sequential of Block<d> for every d of dilations_for<Target, Layers, Kernel>, refused with one message where there
/// are none. Block holds one convolution of that kernel:
///
///     template <int D> using Block = Residual<Sequential<Conv<dil<D>>, BatchNorm, ReLU>>;
///     using Net = Network<Input<16, 32, 32>, StackWith<Block, 31, 4>, GAP, Conv1x1<10>, Softmax>;
template <template <int> class Block, int Target, int Layers, int Kernel = 3>
using StackWith = typename detail::stack_with<Block, Target, Layers, Kernel>::type;

/// The same of plain convolutions, each followed by `Bricks`: DilatedStack<32, 31, 4, 3, BatchNorm, ReLU>.
template <int Channels, int Target, int Layers, int Kernel = 3, class... Bricks>
using DilatedStack =
    StackWith<detail::dilated_block<Channels, Kernel, Bricks...>::template with, Target, Layers, Kernel>;

}  // namespace fovea
