// SPDX-License-Identifier: BSD-3-Clause
// Claims of a network that cannot be add nothing to its mistake.
// expect: window_mismatch<{layer<1>}, Conv<ker<51>, valid>
// expect: use a smaller kernel or dilation
#include <fovea/dsl.hpp>

using namespace fovea;
#include "place.hpp"

#ifndef CORRECTED
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<51>, valid>>;
static_assert(claim<receptive_field<Net>, Extent{7, 9}> && claim<parameter_count<Net>, 260>);
static_assert(claim<coverage<Net>, 0.5> && claim<support<Net>.count(), 81> && claim<receptive_field<Net>.width.after, 4>);
static_assert(claim<tensors<Net>[3].extents, std::array<std::size_t, 1>{3}> && claim<shape_at<Net, 9>, Shape{3}>);
#else
using Net = Place<Input<3, 32, 32>, Conv<out<8>>, Conv<ker<5>, valid>>;
#endif
static_assert(is_valid<Net> && claim<total_stride<Net>, 1> && claim<is_causal<Net>, false>);
