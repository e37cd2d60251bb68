// SPDX-License-Identifier: BSD-3-Clause
// Which learning rate at which step? A schedule is a small value; rate_at(schedule, step) is a pure function of the
// step (counted from 0), so a resumed run needs no schedule state.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <type_traits>
#include <variant>

#include <fovea/detail/number_text.hpp>

namespace fovea {

/// Always the same rate.
struct constant_rate {
    double rate = 1e-3;
};

/// rate * factor^(step / every): a staircase (PyTorch: StepLR, stepped per step).
struct step_rate {
    double rate = 1e-1;
    std::uint64_t every = 1000;
    double factor = 0.1;
};

/// Linear warm-up over `warm_up` steps (step s has rate * (s+1) / warm_up), then half a cosine from `rate` down to
/// `final_rate` at the last of `total` steps (Loshchilov and Hutter, SGDR, 2017, without restarts). A fall of one step
/// is none: it has `rate`. total = 0: the trainer puts in epochs * steps_per_epoch.
struct cosine_rate {
    double rate = 1e-3;
    std::uint64_t total = 0;
    std::uint64_t warm_up = 0;
    double final_rate = 0.0;
};

/// Cosine up from peak / start_divisor to `peak` over `warm_up` (a fraction) of the steps, then cosine down to
/// peak / start_divisor / end_divisor (Smith and Topin 2018; PyTorch: OneCycleLR with its default two phases, warm_up
/// being pct_start; the momentum is left alone: cycle_momentum=False). With warm_up 1 the last step has the peak. Where
/// the rise ends at step 0, PyTorch divides by 0; here that step has the peak. total = 0: as for cosine_rate.
struct one_cycle_rate {
    double peak = 1e-2;
    std::uint64_t total = 0;
    double warm_up = 0.3;
    double start_divisor = 25.0;
    double end_divisor = 1e4;
};

/// rate / (1 + decay * step): the `decay` argument of Keras's optimisers before 2.11.
struct keras_decay_rate {
    double rate = 1e-3;
    double decay = 1e-5;
};

using schedule = std::variant<constant_rate, step_rate, cosine_rate, one_cycle_rate, keras_decay_rate>;

namespace detail {

/// From `start` (fraction 0) to `end` (fraction 1) along half a cosine.
inline double cosine_between(double start, double end, double fraction) {
    return end + (start - end) * 0.5 * (1.0 + std::cos(std::numbers::pi * fraction));
}

inline double rate_of(const constant_rate& s, std::uint64_t) { return s.rate; }

inline double rate_of(const step_rate& s, std::uint64_t step) {
    return s.rate * std::pow(s.factor, static_cast<double>(s.every == 0 ? 0 : step / s.every));
}

/// The step itself, or the last of `total`, whose rate is kept.
inline double step_within(std::uint64_t step, std::uint64_t total) {
    return static_cast<double>(total == 0 ? 0 : std::min(step, total - 1));
}

inline double rate_of(const cosine_rate& s, std::uint64_t step) {
    const double now = step_within(step, s.total);
    const double last = step_within(s.total, s.total);
    const auto top = static_cast<double>(s.warm_up);  // the first step of the fall
    if (now < top) {
        return s.rate * (now + 1.0) / top;
    }
    return last > top ? cosine_between(s.rate, s.final_rate, (now - top) / (last - top)) : s.rate;
}

inline double rate_of(const one_cycle_rate& s, std::uint64_t step) {
    const double start = s.peak / s.start_divisor;
    const double now = step_within(step, s.total);
    const double last = step_within(s.total, s.total);
    const double top = s.warm_up * static_cast<double>(s.total) - 1.0;  // before the first step if warm_up is small
    if (now <= top) {
        // Not above 0: in one rounding 0.05 * 20 - 1 is 6e-17, and which it is the compiler decides.
        return top > 1e-9 ? cosine_between(start, s.peak, now / top) : s.peak;
    }
    return cosine_between(s.peak, start / s.end_divisor, (now - top) / (last - top));
}

inline double rate_of(const keras_decay_rate& s, std::uint64_t step) {
    return s.rate / (1.0 + s.decay * static_cast<double>(step));
}

}  // namespace detail

/// The learning rate of step `step`, the first step being 0. Past the end of a schedule its last value holds.
inline double rate_at(const schedule& s, std::uint64_t step) {
    return std::visit([step](const auto& kind) { return detail::rate_of(kind, step); }, s);
}

/// The same schedule, with `total` filled in where it was left 0.
inline schedule with_total(schedule s, std::uint64_t total) {
    std::visit(
        [total](auto& kind) {
            if constexpr (requires { kind.total; }) {
                kind.total = kind.total == 0 ? total : kind.total;
            }
        },
        s);
    return s;
}

/// "cosine(rate=0.001,total=10000,warm_up=500,final_rate=0)": the same text for the same schedule.
inline std::string to_string(const schedule& s) {
    using detail::exact_text;
    return std::visit(
        [](const auto& k) -> std::string {
            using kind = std::remove_cvref_t<decltype(k)>;
            if constexpr (std::is_same_v<kind, constant_rate>) {
                return "constant(rate=" + exact_text(k.rate) + ")";
            } else if constexpr (std::is_same_v<kind, step_rate>) {
                return "step(rate=" + exact_text(k.rate) + ",every=" + std::to_string(k.every) +
                       ",factor=" + exact_text(k.factor) + ")";
            } else if constexpr (std::is_same_v<kind, cosine_rate>) {
                return "cosine(rate=" + exact_text(k.rate) + ",total=" + std::to_string(k.total) +
                       ",warm_up=" + std::to_string(k.warm_up) + ",final_rate=" + exact_text(k.final_rate) + ")";
            } else if constexpr (std::is_same_v<kind, one_cycle_rate>) {
                return "one_cycle(peak=" + exact_text(k.peak) + ",total=" + std::to_string(k.total) +
                       ",warm_up=" + exact_text(k.warm_up) + ",start_divisor=" + exact_text(k.start_divisor) +
                       ",end_divisor=" + exact_text(k.end_divisor) + ")";
            } else {
                return "keras_decay(rate=" + exact_text(k.rate) + ",decay=" + exact_text(k.decay) + ")";
            }
        },
        s);
}

}  // namespace fovea
