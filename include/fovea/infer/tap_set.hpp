// SPDX-License-Identifier: BSD-3-Clause
// Which taps has a kernel? One structural value, from a layer's record to a kernel's template argument.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace fovea {

/// Taps of a kernel of at most 256, number ky * width + kx; or all of a kernel of any size, which has no other
/// representation, so that full kernels are one template argument.
struct tap_set {
    std::array<std::uint64_t, 4> bits{};
    bool all = true;

    static constexpr std::size_t most = 256;

    static constexpr tap_set none() { return {.all = false}; }
    static constexpr tap_set of(std::initializer_list<std::size_t> taps) {
        tap_set s = none();
        for (const std::size_t tap : taps) {
            s.add(tap);
        }
        return s;
    }

    constexpr bool operator==(const tap_set&) const = default;

    constexpr bool has(std::size_t tap) const { return all || (bits[tap / 64] >> (tap % 64) & 1U) != 0; }
    constexpr bool has(std::ptrdiff_t tap) const { return has(static_cast<std::size_t>(tap)); }
    constexpr void add(std::size_t tap) { bits[tap / 64] |= std::uint64_t{1} << (tap % 64); }
    constexpr void add(std::ptrdiff_t tap) { add(static_cast<std::size_t>(tap)); }
    /// Those of either.
    constexpr void unite(const tap_set& other) {
        if (all || other.all) {
            *this = {};
            return;
        }
        for (std::size_t i = 0; i < bits.size(); ++i) {
            bits[i] |= other.bits[i];
        }
    }
    /// Taps present among the first `taps`.
    constexpr std::size_t count(std::size_t taps) const {
        if (all) {
            return taps;
        }
        int n = 0;
        for (const std::uint64_t word : bits) {
            n += std::popcount(word & (taps >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << taps) - 1));
            taps = taps > 64 ? taps - 64 : 0;
        }
        return static_cast<std::size_t>(n);
    }
    /// The same set as a part of a kernel of so many taps.
    constexpr tap_set within(std::size_t taps) const { return count(taps) == taps ? tap_set{} : *this; }
};

}  // namespace fovea
