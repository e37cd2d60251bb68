// SPDX-License-Identifier: BSD-3-Clause
// A brick of the program's own that does not list its tensors.
// expect: brick_lacks<{layer<1>}, Copy, member::tensors>
// expect: a UserBrick has the members name, family, view, output, tensors, forward and backward
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct Copy : UserBrick {
    static constexpr std::string_view name = "Copy";
    static constexpr brick_family family = brick_family::conv;
    static constexpr brick_view view = brick_view::position;
    static constexpr Shape output(const Shape& input) { return input; }
#ifdef CORRECTED
    static constexpr std::array<user_tensor, 0> tensors(const Shape&) { return {}; }
#endif
    static void forward(const auto&, auto, auto, std::ptrdiff_t, std::ptrdiff_t) {}
    static void backward(const auto&, auto, auto, auto, auto, const auto&) {}
};
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Copy>;

#include "claims.hpp"
