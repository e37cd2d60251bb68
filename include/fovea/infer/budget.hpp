// SPDX-License-Identifier: BSD-3-Clause
// Does a network stay within its limits, and how deep may it become? One error says which limit is
// exceeded, and by how much.
#pragma once

#include <fovea/infer/questions.hpp>

namespace fovea {

// The limits: the most that a network may take.

/// Of parameter_count: trainable parameters.
template <std::size_t Most>
struct parameters {};
/// Of mac_count: multiply-accumulates of one input, padding counted.
template <std::size_t Most>
struct macs {};
/// Of activation_bytes: all maps of one input, what training keeps at most.
template <std::size_t Bytes>
struct activations {};
/// Of state_bytes: what running sample by sample keeps.
template <std::size_t Bytes>
struct states {};

namespace why {

template <long long... Values>
struct over {};
template <class... Facts>
struct over_budget {};
template <class... Facts>
struct no_such_limit {};

}  // namespace why

namespace detail {

/// One specialisation per limit: what it allows and what a network takes. Later stages add theirs.
template <class Limit>
struct limit_traits {
    static constexpr bool known = false;
};
template <std::size_t Most>
struct known_limit {
    static constexpr bool known = true;
    static constexpr std::size_t most = Most;
};
template <std::size_t Most>
struct limit_traits<parameters<Most>> : known_limit<Most> {
    template <class Net>
    static constexpr std::size_t taken = parameter_count<Net>;
};
template <std::size_t Most>
struct limit_traits<macs<Most>> : known_limit<Most> {
    template <class Net>
    static constexpr std::size_t taken = mac_count<Net>;
};
template <std::size_t Bytes>
struct limit_traits<activations<Bytes>> : known_limit<Bytes> {
    template <class Net>
    static constexpr std::size_t taken = activation_bytes<Net>;
};
template <std::size_t Bytes>
struct limit_traits<states<Bytes>> : known_limit<Bytes> {
    template <class Net>
    static constexpr std::size_t taken = state_bytes<Net>;
};

template <class Net, class Limit>
inline constexpr bool exceeds = limit_traits<Limit>::template taken<Net> > limit_traits<Limit>::most;

/// The exceeded limits, each followed by what is taken and by how much that is over.
template <class Facts, class Net, class... Limits>
struct excess_of {
    using type = Facts;
};
template <class... Facts, class Net, class Limit, class... Rest>
struct excess_of<over_budget<Facts...>, Net, Limit, Rest...> : excess_of<over_budget<Facts...>, Net, Rest...> {};
template <class... Facts, class Net, class Limit, class... Rest>
    requires exceeds<Net, Limit>
struct excess_of<over_budget<Facts...>, Net, Limit, Rest...>
    : excess_of<over_budget<
                    Facts..., Limit, got<static_cast<long long>(limit_traits<Limit>::template taken<Net>)>,
                    over<static_cast<long long>(limit_traits<Limit>::template taken<Net> - limit_traits<Limit>::most)>>,
                Net, Rest...> {
};

template <class Limit>
constexpr bool known_limit_or_refuse() {
    if constexpr (!limit_traits<Limit>::known) {
        static_assert(stands<no_such_limit<got_type<Limit>>>,
                      "fovea: this is not a limit; use parameters<N>, macs<N>, activations<bytes>, states<bytes>, or "
                      "arena<bytes> of fovea/plan/budget.hpp");
    }
    return limit_traits<Limit>::known;
}

/// Nothing said; a refused network or a foreign limit is reported, and fits.
template <class Net, class... Limits>
constexpr bool fits() {
    if constexpr (!sound<Net>) {
        refuse_network<Net>();
        return true;
    } else if constexpr ((known_limit_or_refuse<Limits>() && ...)) {
        return !(exceeds<Net, Limits> || ...);
    } else {
        return true;
    }
}

template <class Net, class... Limits>
constexpr bool fits_or_refuse() {
    if constexpr (!fits<Net, Limits...>()) {
        static_assert(stands<typename excess_of<over_budget<>, Net, Limits...>::type>,
                      "fovea: the network exceeds its budget: behind each limit stand what the network takes, and by "
                      "how much that is over");
    }
    return true;
}

/// The largest N in [Low, High) for which Fits<N> holds; it holds for Low (or Low is 0) and not for High.
template <class Fits, int Low, int High>
constexpr int last_that_fits() {
    if constexpr (High - Low == 1) {
        return Low;
    } else if constexpr (Fits::template at<(Low + High) / 2>) {
        return last_that_fits<Fits, (Low + High) / 2, High>();
    } else {
        return last_that_fits<Fits, Low, (Low + High) / 2>();
    }
}
/// Doubles first, so that only networks of at most twice the answer are looked at: 2 log2(N) of them.
template <class Fits, int Most, int N = 1>
constexpr int search_from() {
    if constexpr (N > Most) {
        return last_that_fits<Fits, N / 2, Most + 1>();
    } else if constexpr (Fits::template at<N>) {
        return search_from<Fits, Most, 2 * N>();
    } else {
        return last_that_fits<Fits, N / 2, N>();
    }
}

template <template <int> class Net, class... Limits>
struct family_fits {
    /// A refused network does not: valid convolutions use up their map.
    template <int N>
    static constexpr bool at = [] {
        if constexpr (sound<Net<N>>) {
            return fits<Net<N>, Limits...>();
        } else {
            return false;
        }
    }();
};
template <template <int> class Net, std::size_t Target>
struct family_falls_short {
    template <int N>
    static constexpr bool at = [] {
        if constexpr (sound<Net<N>>) {
            return !(receptive_field<Net<N>> >= Target);
        } else {
            return false;
        }
    }();
};

inline constexpr int most_members = 1'024;

}  // namespace detail

/// Whether a network stays within the limits, without an error if it does not.
template <class Net, class... Limits>
inline constexpr bool is_within = detail::fits<Net, Limits...>();

/// The same as a claim: true, or one error with every limit that is exceeded.
///
///     static_assert(within<Net, parameters<100'000>, macs<30'000'000>>);
template <class Net, class... Limits>
inline constexpr bool within = detail::fits_or_refuse<Net, Limits...>();

/// The largest N, up to 1,024, for which Net<N> can be and stays within the limits; 0 if there is none. `Net` is any
/// family in which a larger N takes more:
///
///     template <int N> using Deep = Network<Input<3, 32, 32>, Repeat<N, Conv<out<32>>, ReLU>, GAP, Conv1x1<10>>;
///     static_assert(deepest_for<Deep, parameters<100'000>> == 10);
template <template <int> class Net, class... Limits>
inline constexpr int deepest_for = detail::search_from<detail::family_fits<Net, Limits...>, detail::most_members>();

/// The smallest N, up to 1,024, for which the receptive field of Net<N> is at least Target on every
/// axis; 0 if there is none.
template <template <int> class Net, std::size_t Target>
inline constexpr int shallowest_for = [] {
    constexpr int n = detail::search_from<detail::family_falls_short<Net, Target>, detail::most_members>() + 1;
    if constexpr (n <= detail::most_members) {
        return detail::sound<Net<n>> ? n : 0;
    } else {
        return 0;
    }
}();

}  // namespace fovea
