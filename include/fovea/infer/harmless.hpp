// SPDX-License-Identifier: BSD-3-Clause
// What is answered about a network that was refused? A value that agrees with everything, so that the claims which
// a user made of the network do not add errors of their own to the one that says what is wrong.
#pragma once

#include <cstddef>

// In a namespace of its own, so that its operators are found through the type alone and cost no other comparison time.
namespace fovea::detail::refused {

/// True in every test, also a negated one; harmless again in comparisons, in arithmetic, under `[]` and `()`, and in
/// every member of an answer; converts to T{}. As a range it is empty.
template <int Depth>
struct harmless_value {
    template <class T>
    constexpr operator T() const {
        return T{};
    }
    constexpr operator bool() const { return true; }
    constexpr bool operator!() const { return true; }
    constexpr harmless_value operator[](std::size_t) const { return {}; }
    template <class... Arguments>
    constexpr harmless_value operator()(const Arguments&...) const {
        return {};
    }
    static constexpr const harmless_value* begin() { return nullptr; }
    static constexpr const harmless_value* end() { return nullptr; }
    static constexpr harmless_value back() { return {}; }
    static constexpr harmless_value front() { return {}; }

    // The members of the answers: Shape, ReceptiveField, Support, layer_info, tensor_info, finding, plan_table,
    // std::string_view, ...
    using next = harmless_value<Depth - 1>;
    static constexpr next channels{}, height{}, width{}, positions{}, size{}, stride{}, padding{}, before{}, after{};
    static constexpr next name{}, kind{}, path{}, input{}, output{}, receptive_field{}, parameters{}, buffers{}, macs{};
    static constexpr next numerator{}, denominator{}, least{}, aligned{}, bias{}, groups{}, kernel{}, dilation{};
    static constexpr next rows{}, columns{}, label{}, owner{}, input_count{};
    static constexpr next rule{}, sentence{}, remedy{}, numbers{};
    static constexpr next top{}, left{}, count{}, contains{}, sigma{}, ratio{};
    static constexpr next row{}, column{}, row_variance{}, column_variance{}, covariance{}, angle{}, anisotropy{};
    static constexpr next extents{}, rank{}, offset{}, trainable{}, layer{}, view{}, empty{};
    static constexpr next steps{}, at{}, brick{}, algorithm{}, method{}, tile{}, arena_bytes{}, weight_bytes{};
    static constexpr next scratch_bytes{}, expected{}, expected_direct{}, chain_length{}, chain_rows{}, adds{};
};

/// layers<Net>[0].receptive_field.height.size: three members deep.
template <>
struct harmless_value<0> {
    template <class T>
    constexpr operator T() const {
        return T{};
    }
    constexpr operator bool() const { return true; }
    constexpr bool operator!() const { return true; }
    template <class... Arguments>
    constexpr harmless_value operator()(const Arguments&...) const {
        return {};
    }
    constexpr harmless_value operator[](std::size_t) const { return {}; }
};

using harmless = harmless_value<3>;

template <class T>
inline constexpr bool is_harmless = false;
template <int Depth>
inline constexpr bool is_harmless<harmless_value<Depth>> = true;

template <class A, class B>
concept one_is_harmless = is_harmless<A> || is_harmless<B>;

template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator==(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator!=(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator<(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator<=(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator>(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator>=(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator+(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator-(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator*(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator/(const A&, const B&) { return {}; }
template <class A, class B>
    requires one_is_harmless<A, B>
constexpr harmless operator%(const A&, const B&) { return {}; }
template <class A, int Depth>
constexpr A& operator+=(A& sum, const harmless_value<Depth>&) {
    return sum;
}
template <class Stream, int Depth>
    requires requires(Stream& s) { s << ""; }
constexpr Stream& operator<<(Stream& out, const harmless_value<Depth>&) { return out; }

}  // namespace fovea::detail::refused

namespace fovea::detail {
using refused::harmless;
}
