// SPDX-License-Identifier: BSD-3-Clause
// Is an answer what its user claims? If not, one error says what was got and what was claimed.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <initializer_list>
#include <ratio>
#include <type_traits>
#include <utility>

#include <fovea/infer/check.hpp>

namespace fovea {

namespace why {

template <long long... Values>
struct claimed {};
template <bool Value>
struct got_bool {};
template <bool Value>
struct claimed_bool {};
template <class... Types>
struct claimed_type {};
template <class... Facts>
struct wrong_claim {};

}  // namespace why

namespace detail {

/// An answer, or what is claimed of it, as a template argument of one type for all: numbers that a message can show.
struct claim_value {
    enum class form : unsigned char {
        anything,  ///< of a refused network, of which everything is true
        truth,
        whole,
        fractions,  ///< numerator and denominator in turn
        real,       ///< the bits of a double
    };
    static constexpr std::size_t most = 8;

    form is = form::anything;
    std::size_t size = 1;    ///< numbers
    bool axes = false;       ///< height and width: one number agrees if it agrees with both,
    bool time_only = false;  ///< in 1-D with the width
    long long numbers[2 * most] = {};

    /// What a refused network's answers convert to.
    constexpr claim_value() = default;
    template <std::integral I>
    constexpr claim_value(I n)
        : is(std::is_same_v<I, bool> ? form::truth : form::whole), numbers{static_cast<long long>(n)} {}
    template <std::floating_point F>
    constexpr claim_value(F x) : is(form::real), numbers{std::bit_cast<long long>(static_cast<double>(x))} {}
    template <class E>
        requires std::is_enum_v<E>
    constexpr claim_value(E e) : is(form::whole), numbers{static_cast<long long>(e)} {}
    constexpr claim_value(const Shape& s) { put({s.channels, s.height, s.width}); }
    constexpr claim_value(const Extent& e) : axes(true), time_only(e.one_dimensional) { put({e.height, e.width}); }
    constexpr claim_value(const ReceptiveField& f) : claim_value(f.size()) {}
    constexpr claim_value(const stride_ratio& s) { put_fractions({s}); }
    constexpr claim_value(const Stride& s) : axes(true), time_only(s.one_dimensional) {
        put_fractions({s.height, s.width});
    }
    template <std::intmax_t N, std::intmax_t D>
    constexpr claim_value(std::ratio<N, D>)
        : claim_value(stride_ratio{static_cast<std::size_t>(N), static_cast<std::size_t>(D)}) {}
    template <std::size_t N>
        requires(N <= most)
    constexpr claim_value(const std::array<std::size_t, N>& list) : is(form::whole), size(N) {
        for (std::size_t i = 0; i < N; ++i) {
            numbers[i] = static_cast<long long>(list[i]);
        }
    }

    constexpr double value(std::size_t i) const {
        return is == form::real        ? std::bit_cast<double>(numbers[i])
               : is == form::fractions ? static_cast<double>(numbers[2 * i]) / static_cast<double>(numbers[2 * i + 1])
                                       : static_cast<double>(numbers[i]);
    }
    /// As == does.
    constexpr bool agrees(const claim_value& o) const {
        if (is == form::anything || o.is == form::anything) {
            return true;
        }
        if (size != o.size && !(axes && o.size == 1) && !(o.axes && size == 1)) {
            return false;
        }
        const std::size_t n = size > o.size ? size : o.size;
        const bool time = (time_only && o.size == 1) || (o.time_only && size == 1);
        bool all = true;
        for (std::size_t i = time ? n - 1 : 0; i < n; ++i) {
            const std::size_t a = size == 1 ? 0 : i, b = o.size == 1 ? 0 : i;
            // Whole numbers may be more than a double holds.
            all =
                all && (is == form::whole && o.is == form::whole ? numbers[a] == o.numbers[b] : value(a) == o.value(b));
        }
        return all;
    }

private:
    constexpr void put(std::initializer_list<std::size_t> list) {
        is = form::whole;
        size = 0;
        for (std::size_t n : list) {
            numbers[size++] = static_cast<long long>(n);
        }
    }
    constexpr void put_fractions(std::initializer_list<stride_ratio> list) {
        size = list.size();
        std::size_t whole = 0, i = 0;
        for (const stride_ratio& s : list) {
            whole += s.denominator == 1 ? 1 : 0;
        }
        is = whole == size ? form::whole : form::fractions;
        for (const stride_ratio& s : list) {
            numbers[i++] = static_cast<long long>(s.numerator);
            if (is == form::fractions) {
                numbers[i++] = static_cast<long long>(s.denominator);
            }
        }
    }
};

constexpr long long in_millionths(double x) {
    const double scaled = 1e6 * x + (x < 0 ? -0.5 : 0.5);
    return scaled > -9e18 && scaled < 9e18 ? static_cast<long long>(scaled) : x > 0 ? 0x7fffffffffffffff : 0;
}

/// The value as words of a message: Numbers<31, 31>, Bool<true>, or Types<std::ratio<1, 2>>.
template <claim_value V, template <long long...> class Numbers, template <bool> class Bool,
          template <class...> class Types, std::size_t... I>
constexpr auto words_of(std::index_sequence<I...>) {
    constexpr std::size_t first = V.time_only ? 1 : 0;
    if constexpr (V.is == claim_value::form::truth) {
        return Bool<V.numbers[0] != 0>{};
    } else if constexpr (V.is == claim_value::form::fractions) {
        return Types<std::ratio<V.numbers[2 * (first + I)], V.numbers[2 * (first + I) + 1]>...>{};
    } else if constexpr (V.is == claim_value::form::real) {
        return Types<millionths<in_millionths(V.value(first + I))>...>{};
    } else {
        return Numbers<V.numbers[first + I]...>{};
    }
}
template <claim_value V, template <long long...> class Numbers, template <bool> class Bool,
          template <class...> class Types>
using claim_words =
    decltype(words_of<V, Numbers, Bool, Types>(std::make_index_sequence<V.size - (V.time_only ? 1 : 0)>{}));

template <claim_value Got, claim_value Claimed>
using claim_facts =
    wrong_claim<claim_words<Got, got, got_bool, got_type>, claim_words<Claimed, claimed, claimed_bool, claimed_type>>;

}  // namespace detail

/// Whether an answer is what is claimed: true, or one error that says both. What compares equal agrees, so an integer
/// stands for all axes; without a claim the answer must be true.
///
///     static_assert(claim<receptive_field<Net>, 31>);      // got<29, 29>, claimed<31>
///     static_assert(claim<output_shape<Net>, Shape{10, 1, 1}>);
///     static_assert(claim<is_causal<Net>>);
///
/// (The assertion stands in the initialiser itself, not in a function: that is three lines less in the message.)
template <detail::claim_value Got, detail::claim_value Claimed = true>
inline constexpr bool claim = [] {
    if constexpr (!Got.agrees(Claimed)) {
        static_assert(
            detail::stands<detail::claim_facts<Got, Claimed>>,
            "fovea: the network is not what is claimed of it: first stands what it has, then what is claimed; "
            "change one of them");
    }
    return true;
}();

}  // namespace fovea
