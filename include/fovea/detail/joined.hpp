// SPDX-License-Identifier: BSD-3-Clause
// How is a message put together from its parts, without an operator + inlined for each?
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace fovea::detail {

inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const std::string_view part : parts) {
        all.append(part);
    }
    return all;
}

}  // namespace fovea::detail
