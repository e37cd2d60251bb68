// SPDX-License-Identifier: BSD-3-Clause
// A brick of the program's own that says it sees its own position, and halves the map.
// expect: view_mismatch<{layer<1>}, Halve, got<8, 32, 32>, gives<8, 16, 16>>
// expect: what output() of this UserBrick gives does not fit its view
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct Halve : UserBrick {
    static constexpr std::string_view name = "Halve";
    static constexpr brick_family family = brick_family::pool;
    static constexpr brick_view view = brick_view::position;
#ifndef CORRECTED
    static constexpr Shape output(const Shape& input) { return {input.channels, input.height / 2, input.width / 2}; }
#else
    static constexpr Shape output(const Shape& input) { return {input.channels / 2, input.height, input.width}; }
#endif
    static constexpr std::array<user_tensor, 0> tensors(const Shape&) { return {}; }
    static void forward(const auto&, auto, auto, std::ptrdiff_t, std::ptrdiff_t) {}
    static void backward(const auto&, auto, auto, auto, auto, const auto&) {}
};
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Halve>;

#include "claims.hpp"
