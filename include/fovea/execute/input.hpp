// SPDX-License-Identifier: BSD-3-Clause
// Which tensors does an engine take? Expressions of floats, of its rank where that is known while compiling.
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/detail/xtensor.hpp>
#include <fovea/infer/check.hpp>

namespace fovea {

namespace why {
template <class... Facts>
struct wrong_tensor {};
template <std::size_t N>
struct rank {};
}  // namespace why

namespace detail {

/// Reports an argument that is no input, once for each type.
template <class X, std::size_t Rank>
constexpr bool takes_or_refuse() {
    if constexpr (!xt::is_xexpression<X>::value) {
        static_assert(
            stands<wrong_tensor<got_type<X>>>,
            "fovea: an input is an xtensor expression; xt::adapt(v, {C, H, W}) makes one of a std::vector, and "
            "Engine::run(x, y) takes pointers");
        return false;
    } else if constexpr (!std::is_same_v<std::remove_cv_t<typename X::value_type>, float>) {
        static_assert(
            stands<wrong_tensor<got_type<typename X::value_type>, expected_type<float>>>,
            "fovea: an input holds floats; xt::cast<float>(x) converts it, and scales nothing: bytes may want "
            "xt::cast<float>(x) / 255.0F");
        return false;
    } else if constexpr (xt::get_rank<X>::value != static_cast<std::size_t>(-1) && xt::get_rank<X>::value != Rank) {
        static_assert(stands<wrong_tensor<why::rank<xt::get_rank<X>::value>, expected_type<why::rank<Rank>>>>,
                      "fovea: an input is C x H x W, in 1-D C x T, and N x C x H x W with batch<N>; reshape it, or use "
                      "batch<N>");
        return false;
    } else {
        return true;
    }
}

}  // namespace detail
}  // namespace fovea
