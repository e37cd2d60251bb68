// SPDX-License-Identifier: BSD-3-Clause
// An activation of the program's own that has forgotten its gradient.
// expect: brick_lacks<{layer<1>}, Square, member::gradient>
// expect: a UserActivation name, value and gradient; add the one named here
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

struct Square : UserActivation {
    static constexpr std::string_view name = "Square";
    template <class V>
    static V value(V x) {
        return x * x;
    }
#ifdef CORRECTED
    template <class V>
    static V gradient(V dy, V x) {
        return dy * (x + x);
    }
#endif
};
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Square>;

#include "claims.hpp"
