// SPDX-License-Identifier: BSD-3-Clause
// How wrong is a classifier? Cross-entropy from logits, fused with the softmax: one label an image or one a position.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/train/loss.hpp>

namespace fovea {

/// A label's share A/B is spread over all classes evenly, its own among them (Szegedy et al. 2016).
template <long long A, long long B>
struct smoothing {};

/// Class labels of this type: std::uint8_t (classes 0 to 254, the default), std::uint16_t (0 to 65,534) or
/// std::int32_t.
template <class Integer>
struct class_labels {};

namespace detail {

struct cross_entropy_options {
    double smoothing = 0;
    int smoothing_tags = 0;
    int label_tags = 0;
    int foreign = 0;
};
template <class Option>
struct cross_entropy_option {
    using label_type = void;
    static constexpr void apply(cross_entropy_options& o) { ++o.foreign; }
};
template <long long A, long long B>
struct cross_entropy_option<smoothing<A, B>> {
    using label_type = void;
    static constexpr void apply(cross_entropy_options& o) {
        const bool share = A >= 0 && B > A;
        o.foreign += share ? 0 : 1;
        o.smoothing = share ? static_cast<double>(A) / static_cast<double>(B) : 0.0;
        ++o.smoothing_tags;
    }
};
template <class Integer>
struct cross_entropy_option<class_labels<Integer>> {
    using label_type = Integer;
    static constexpr void apply(cross_entropy_options& o) {
        o.foreign += sample_number<Integer> && std::integral<Integer> ? 0 : 1;
        ++o.label_tags;
    }
};
template <class... Options>
constexpr cross_entropy_options cross_entropy_options_of() {
    cross_entropy_options o;
    (cross_entropy_option<Options>::apply(o), ...);
    return o;
}
/// The type in class_labels<>, std::uint8_t without one.
template <class Found, class... Options>
struct first_label_type {
    using type = std::uint8_t;
};
template <class First, class... More>
struct first_label_type<void, First, More...>
    : first_label_type<typename cross_entropy_option<First>::label_type, More...> {};
template <class Found, class... Options>
    requires(sample_number<Found>)
struct first_label_type<Found, Options...> {
    using type = Found;
};

/// Are these what cross_entropy_of takes?
template <class Loss>
inline constexpr bool sound_options = true;

}  // namespace detail

/// -log softmax(logits)[label] at every position of a map, in nats; the channels are the classes. The label that is
/// ignored is 255 of std::uint8_t, 65,535 of std::uint16_t, -1 of std::int32_t. With class weights w a label counts
/// w[label] times, and the mean is divided by the sum of these. With smoothing e the loss is
/// -(1 - e) w[label] log p[label] - e / C sum over c of w[c] log p[c], as PyTorch's CrossEntropyLoss.
template <class... Options>
class cross_entropy_of {
    static constexpr detail::cross_entropy_options options = detail::cross_entropy_options_of<Options...>();

public:
    using label_type = typename detail::first_label_type<void, Options...>::type;
    static constexpr bool sound = options.foreign == 0 && options.smoothing_tags <= 1 && options.label_tags <= 1;

    static constexpr std::string_view name = "cross_entropy";
    static constexpr last_activation contains = last_activation::softmax;
    static constexpr label_type ignored =
        std::is_signed_v<label_type> ? label_type(-1) : static_cast<label_type>(std::numeric_limits<label_type>::max());
    static_assert(!std::is_same_v<label_type, std::uint8_t> || ignored == label_type(ignore_label));

    static constexpr Shape label_shape(Shape output) { return {1, output.height, output.width}; }
    /// At least two classes, and no more than a label can name.
    static constexpr bool fits(Shape output) {
        return output.channels >= 2 && output.channels <= static_cast<std::size_t>(most_classes);
    }
    static constexpr bool allows(label_type label, Shape output) {
        return std::cmp_greater_equal(label, 0) && std::cmp_less(label, output.channels);
    }
    static std::string expected(Shape output) { return "0 to " + std::to_string(output.channels - 1); }

    static constexpr std::size_t sums = 2;  ///< the loss, and labels whose class has the largest logit
    static constexpr std::array<metric, 1> metrics{metric{
        .name = "accuracy", .is = better::up, .share = true, .value = [](std::span<const double> s, double counted) {
            return counted == 0 ? 0.0 : s[1] / counted;
        }}};

    /// \throws Error unless there is a finite weight of at least 0 for each class
    void use_class_weights(std::span<const double> weights, Shape output) {
        if (weights.size() != output.channels) {
            throw Error(detail::joined({"fovea: class_weights: ", std::to_string(weights.size()),
                                        " weights, the network has ", std::to_string(output.channels), " classes"}));
        }
        for (std::size_t c = 0; c < weights.size(); ++c) {
            if (!detail::is_finite(weights[c]) || weights[c] < 0) {
                throw Error(detail::joined({"fovea: class_weights: expected finite numbers of at least 0, got ",
                                            std::to_string(weights[c]), " for class ", std::to_string(c)}));
            }
        }
        weights_.assign(weights.begin(), weights.end());
    }
    bool is_weighted() const { return !weights_.empty(); }
    double weight_of(label_type label) const {
        return weights_.empty() ? 1.0 : weights_[static_cast<std::size_t>(label)];
    }
    /// What the result depends on, for the checkpoint.
    static std::string settings() {
        return options.smoothing == 0 ? "" : "smoothing=" + detail::exact_text(options.smoothing);
    }

    /// The logits' largest is subtracted first, so no exp overflows. A prediction is the first largest logit, NaN
    /// before all. (softmax - one-hot) * scale is added to `gradient`, if there is one, but where the label is ignored.
    template <class T, map_layout M>
    std::array<double, sums> run(const T* logits, const label_type* labels, T* gradient, T scale) const {
        double loss = 0;
        std::size_t correct = 0;
        for (std::ptrdiff_t y = 0; y < M.height; ++y) {
            for (std::ptrdiff_t x = 0; x < M.width; ++x) {
                const T* p = logits + y * M.pitch + x;
                T* g = gradient == nullptr ? nullptr : gradient + y * M.pitch + x;
                const label_type label = labels[y * M.width + x];
                if (label == ignored) {
                    continue;
                }
                std::ptrdiff_t best = 0;
                for (std::ptrdiff_t c = 1; c < M.channels; ++c) {
                    const T value = p[c * M.plane], largest = p[best * M.plane];
                    best = value > largest || (detail::is_nan(value) && !detail::is_nan(largest)) ? c : best;
                }
                const T largest = p[best * M.plane];
                T values[M.channels];
                double sum = 0;
                for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                    values[c] = std::exp(p[c * M.plane] - largest);
                    sum += static_cast<double>(values[c]);
                }
                correct += best == static_cast<std::ptrdiff_t>(label) ? 1U : 0U;
                const double own = weight_of(label);
                if constexpr (options.smoothing != 0) {
                    loss += smooth<T, M>(p, values, g, static_cast<std::ptrdiff_t>(label), own, largest, sum, scale);
                    continue;
                }
                loss += own * (std::log(sum) - static_cast<double>(p[label * M.plane] - largest));
                if (g != nullptr) {
                    const T factor = static_cast<T>(static_cast<double>(scale) * own / sum);
                    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                        g[c * M.plane] += values[c] * factor;
                    }
                    g[label * M.plane] -= scale * static_cast<T>(own);
                }
            }
        }
        return {loss, static_cast<double>(correct)};
    }

private:
    static constexpr std::uint64_t most_classes =
        std::is_signed_v<label_type> ? std::uint64_t{65'536} : std::uint64_t{std::numeric_limits<label_type>::max()};

    /// The loss of one position: the sum over c of a[c] (log(sum) - (z[c] - largest)), with a[c] the share of class c.
    template <class T, map_layout M>
    double smooth(const T* p, const T* values, T* g, std::ptrdiff_t label, double own, T largest, double sum,
                  T scale) const {
        constexpr double spread = options.smoothing / static_cast<double>(M.channels);
        const auto share_of = [&](std::ptrdiff_t c) {
            return spread * weight_of(static_cast<label_type>(c)) + (c == label ? (1 - options.smoothing) * own : 0.0);
        };
        double loss = 0, shares = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            const double share = share_of(c);
            shares += share;
            loss += share * (std::log(sum) - static_cast<double>(p[c * M.plane] - largest));
        }
        for (std::ptrdiff_t c = 0; g != nullptr && c < M.channels; ++c) {
            const double slope = shares * static_cast<double>(values[c]) / sum - share_of(c);
            g[c * M.plane] += static_cast<T>(static_cast<double>(scale) * slope);
        }
        return loss;
    }

    std::vector<double> weights_;  ///< one a class; empty: all 1
};

/// The default loss.
using cross_entropy = cross_entropy_of<>;

namespace detail {

template <class... Options>
inline constexpr bool sound_options<cross_entropy_of<Options...>> = cross_entropy_of<Options...>::sound;

}  // namespace detail
}  // namespace fovea
