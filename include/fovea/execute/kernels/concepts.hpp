// SPDX-License-Identifier: BSD-3-Clause
// What does a kernel have besides run()? The words that steps and operations ask for by name.
#pragma once

#include <concepts>
#include <cstddef>

namespace fovea::kernels {

/// Weights that are packed once, in the order in which run() reads them: elements, aligned to a cache line.
template <class K>
concept packs_weights = requires(const float* weights, float* packed) {
    { K::packed_size } -> std::convertible_to<std::ptrdiff_t>;
    K::pack(weights, packed);
};

/// A thread's memory within a call: elements, of any contents.
template <class K>
concept needs_scratch = requires {
    { K::scratch_size } -> std::convertible_to<std::ptrdiff_t>;
};

/// What threads share are not rows of the output but units of its own.
template <class K>
concept counts_units = requires {
    { K::units } -> std::convertible_to<std::ptrdiff_t>;
};

/// It says which rows of the input units [begin, end) read, where that does not follow from the window.
template <class K>
concept knows_its_rows = requires(std::ptrdiff_t y, std::ptrdiff_t begin, std::ptrdiff_t end) {
    { K::reads_row(y, begin, end) } -> std::same_as<bool>;
};

}  // namespace fovea::kernels
