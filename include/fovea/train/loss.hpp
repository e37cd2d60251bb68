// SPDX-License-Identifier: BSD-3-Clause
// How wrong is a network? What a loss says: what a label is, value and gradient at the logits, and its metrics.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <fovea/detail/finite.hpp>
#include <fovea/plan/geometry.hpp>
#include <fovea/train/history.hpp>
#include <fovea/train/sample_view.hpp>

namespace fovea {

/// A figure beside the loss's value: `value(sums, counted)` of the sums that run() gave, added over images (sums[0] is
/// the loss), and the number of labels that count.
struct metric {
    std::string_view name;  ///< lower-case letters, digits and '_'; a column of the log and a value of `best`
    better is = better::up;
    bool share = false;  ///< shown in per cent
    double (*value)(std::span<const double> sums, double counted) = nullptr;
};

/// What a loss contains itself, so that training leaves it to the loss.
enum class last_activation : unsigned char { none, softmax, sigmoid };

namespace detail {

/// run() is asked with a map of one value; it must take any map.
inline constexpr map_layout smallest_map{};

template <class L>
concept has_label_type = requires {
    typename L::label_type;
}
&&sample_number<typename L::label_type>;
template <class L>
concept has_name = requires {
    { L::name } -> std::convertible_to<std::string_view>;
};
template <class L>
concept has_label_shape = requires(Shape s) {
    { L::label_shape(s) } -> std::same_as<Shape>;
};
template <class L>
concept has_metrics = requires {
    { L::metrics.size() } -> std::convertible_to<std::size_t>;
    { L::metrics.data() } -> std::convertible_to<const metric*>;
};
template <class L>
concept has_loss_sums = requires {
    { L::sums } -> std::convertible_to<std::size_t>;
}
&&L::sums >= 1;
template <class L>
concept has_run = has_label_type<L> && has_loss_sums<L> &&
    requires(const L& l, const float* logits, const typename L::label_type* labels, float* gradient, float scale) {
    {
        l.template run<float, smallest_map>(logits, labels, gradient, scale)
        } -> std::same_as<std::array<double, L::sums>>;
};

}  // namespace detail

/// A loss is a type with
/// 1. `label_type`: std::uint8_t, std::uint16_t, std::int32_t or float, and `static constexpr Shape label_shape(Shape
///    output)`: how many of them an image has, for a head of that output;
/// 2. `name`, for log, checkpoint and messages;
/// 3. `run<T, M>(logits, labels, gradient, scale)` of one image's map of layout M (value c, y, x is at
///    c * M.plane + y * M.pitch + x; labels are dense): adds scale times the derivative of every label's loss to
///    `gradient` unless it is null, and gives `std::array<double, sums>`: the sum of the losses, summed in double, then
///    what metrics are made of;
/// 4. `metrics`, a std::array of `metric`.
/// It may say besides
/// - `ignored`: the label that is passed over, in run() too (NaN is equal to NaN here);
/// - `allows(label, output)`, and `expected(output)` for the message: which others there may be. Without it floats must
///   be finite, and integers may be anything;
/// - `fits(output)`: can it be the loss of such an output?
/// - `contains`: the last activation that it contains;
/// - `use_class_weights(weights, output)`, `weight_of(label)`: trainer_options::class_weights are for it.
/// The mean over the labels that count, each with its weight, is what is trained: scale is 1 / (sum of the weights),
/// times the head's weight.
template <class L>
concept loss_function =
    std::default_initializable<L> && std::copyable<L> && detail::has_label_type<L> && detail::has_label_shape<L> &&
    detail::has_name<L> && detail::has_metrics<L> && detail::has_loss_sums<L> && detail::has_run<L>;

namespace detail {

template <class L>
constexpr bool is_ignored(typename L::label_type label) {
    if constexpr (!requires { L::ignored; }) {
        return false;
    } else if constexpr (std::same_as<typename L::label_type, float>) {
        return is_nan(label) ? is_nan(L::ignored) : label == L::ignored;
    } else {
        return label == L::ignored;
    }
}
template <class L>
constexpr bool allows(typename L::label_type label, const Shape& output) {
    if constexpr (requires { L::allows(label, output); }) {
        return L::allows(label, output);
    } else if constexpr (std::same_as<typename L::label_type, float>) {
        return is_finite(label);
    } else {
        return true;
    }
}
template <class L>
std::string expected_labels(const Shape& output) {
    std::string text = "finite numbers";
    if constexpr (requires { L::expected(output); }) {
        text = L::expected(output);
    }
    if constexpr (requires { L::ignored; }) {
        const typename L::label_type ignored = L::ignored;
        text += ", or " + number_view(&ignored).text(0) + " to ignore it";
    }
    return text;
}

template <class L>
constexpr last_activation contained() {
    if constexpr (requires { L::contains; }) {
        return L::contains;
    } else {
        return last_activation::none;
    }
}

/// Of some labels: how many count, the sum of their weights, and the first that may not be, `size` if there is none.
struct label_count {
    std::size_t counted = 0;
    double weight = 0;
    std::size_t wrong = 0;
};
template <class L>
label_count count_labels(const L* loss, const void* values, std::size_t size, const Shape& output) {
    const auto* labels = static_cast<const typename L::label_type*>(values);
    label_count c{.wrong = size};
    for (std::size_t i = 0; i < size; ++i) {
        if (is_ignored<L>(labels[i])) {
            continue;
        }
        if (!allows<L>(labels[i], output)) {
            c.wrong = i;
            return c;
        }
        ++c.counted;
    }
    c.weight = static_cast<double>(c.counted);
    if constexpr (requires { loss->weight_of(labels[0]); }) {
        if (loss != nullptr && loss->is_weighted()) {
            c.weight = 0;
            for (std::size_t i = 0; i < size; ++i) {
                c.weight += is_ignored<L>(labels[i]) ? 0.0 : loss->weight_of(labels[i]);
            }
        }
    }
    return c;
}

/// What a data set must have for a head, as functions: checks of data compile once for all networks.
struct label_source {
    std::string_view loss;
    number_kind kind = number_kind::uint8;
    Shape shape{};   ///< of one sample's labels
    Shape output{};  ///< of the head that they are for
    label_count (*count)(const void* values, std::size_t size, const Shape& output) = nullptr;
    std::string (*expected)(const Shape& output) = nullptr;
};
template <loss_function L>
constexpr label_source label_source_of(Shape output) {
    return {.loss = L::name,
            .kind = kind_of_number<typename L::label_type>,
            .shape = L::label_shape(output),
            .output = output,
            .count = [](const void* values, std::size_t size,
                        const Shape& of) { return count_labels<L>(nullptr, values, size, of); },
            .expected = &expected_labels<L>};
}

/// Are these names columns of their own?
constexpr bool sound_names(std::span<const metric> metrics) {
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const std::string_view name = metrics[i].name;
        bool sound = !name.empty() && name != "loss" && metrics[i].value != nullptr;
        for (const char c : name) {
            sound = sound && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
        }
        for (std::size_t j = 0; j < i; ++j) {
            sound = sound && metrics[j].name != name;
        }
        if (!sound) {
            return false;
        }
    }
    return true;
}

}  // namespace detail
}  // namespace fovea
