// SPDX-License-Identifier: BSD-3-Clause
// Which values may weights have that are saved or loaded?
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/infer/tensors.hpp>

namespace fovea {

enum class weight_values {
    finite,  ///< no NaN, no infinity, no running variance below 0: others make a network that answers NaN
    any,     ///< to look at a network that is broken
};

namespace detail {

inline void require_values(weight_values allowed, std::span<const float> values, std::span<const tensor_info> tensors,
                           const std::string& file) {
    if (allowed == weight_values::any) {
        return;
    }
    for (const tensor_info& t : tensors) {
        const std::string name(std::string_view(t.name));
        const std::span<const float> own = values.subspan(t.offset, t.size());
        const bool variance = name.ends_with(".running_var");
        std::size_t bad = first_not_finite(own);
        if (variance && bad == own.size()) {
            bad = static_cast<std::size_t>(std::find_if(own.begin(), own.end(), [](float v) { return v < 0; }) -
                                           own.begin());
        }
        if (bad < own.size()) {
            throw FileError(file, "tensor '" + name + "'", variance ? "finite values of at least 0" : "finite values",
                            std::to_string(own[bad]) + " at " + std::to_string(bad),
                            "weight_values::any takes them as they are");
        }
    }
}

}  // namespace detail
}  // namespace fovea
