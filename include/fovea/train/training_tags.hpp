// SPDX-License-Identifier: BSD-3-Clause
// How can a Trainer or learner be asked to train? Tags in any order behind the network: Trainer<Net, fast,
// loss<huber>>.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/detail/error.hpp>
#include <fovea/execute/options.hpp>
#include <fovea/infer/check.hpp>
#include <fovea/train/cross_entropy.hpp>
#include <fovea/train/figures.hpp>
#include <fovea/train/loss.hpp>
#include <fovea/train/train_plan.hpp>

namespace fovea {

/// Every head has this loss.
template <class L>
struct loss {};

/// A loss of its own for each of the Heads, or for a network's one output, which is head 0.
template <class... HeadLosses>
struct losses {};

/// Head I has loss L. Options: weight<A, B>, and own_labels.
template <std::size_t I, class L, class... Options>
struct head {};

/// This head's loss, and so its gradient, is multiplied by A / B.
template <long long A, long long B = 1>
struct weight {};

/// This head shares no labels with one before it, although its output and its labels are of the same kind.
struct own_labels {};

namespace why {
template <class... Facts>
struct wrong_training {};
template <class Member>
struct lacks {};
template <std::size_t N>
struct of_channels {};
/// What a loss may lack.
namespace members {
struct label_type;
struct label_shape;
struct name;
struct metrics;
struct sums;
struct run;
struct default_constructor;
}  // namespace members
}  // namespace why

namespace detail {

/// What one head is trained by.
struct head_choice {
    std::size_t index = 0;
    double weight = 1;
    bool own_labels = false;
    bool sound = true;
};

template <class Option>
struct head_option {
    static constexpr void apply(head_choice& c) { c.sound = false; }
};
template <long long A, long long B>
struct head_option<weight<A, B>> {
    static constexpr void apply(head_choice& c) {
        c.sound = c.sound && A > 0 && B > 0;
        c.weight = c.sound ? static_cast<double>(A) / static_cast<double>(B) : 1;
    }
};
template <>
struct head_option<own_labels> {
    static constexpr void apply(head_choice& c) { c.own_labels = true; }
};

/// The tags' counts, and what they choose.
struct training_choice {
    bool fast = false;
    int mode_tags = 0;
    int loss_tags = 0;
    int foreign = 0;
};
template <class Tag>
struct training_tag {
    static constexpr void apply(training_choice& c) { ++c.foreign; }
};
template <>
struct training_tag<exact> {
    static constexpr void apply(training_choice& c) { ++c.mode_tags; }
};
template <>
struct training_tag<fast> {
    static constexpr void apply(training_choice& c) {
        c.fast = true;
        ++c.mode_tags;
    }
};
template <class L>
struct training_tag<loss<L>> {
    static constexpr void apply(training_choice& c) { ++c.loss_tags; }
};
template <class... HeadLosses>
struct training_tag<losses<HeadLosses...>> {
    static constexpr void apply(training_choice& c) { ++c.loss_tags; }
};

template <class... Tags>
constexpr training_choice training_choice_of() {
    training_choice c;
    (training_tag<Tags>::apply(c), ...);
    return c;
}

/// The tag that chooses losses; loss<cross_entropy> if there is none.
template <class... Tags>
struct loss_tag {
    using type = loss<cross_entropy>;
};
template <class L, class... More>
struct loss_tag<loss<L>, More...> {
    using type = loss<L>;
};
template <class... HeadLosses, class... More>
struct loss_tag<losses<HeadLosses...>, More...> {
    using type = losses<HeadLosses...>;
};
template <class First, class... More>
struct loss_tag<First, More...> : loss_tag<More...> {};

/// What a tag says of head I: `type`, its loss, and `choice`.
template <std::size_t I, class Tag>
struct head_loss {
    static constexpr int found = 0;
};
template <std::size_t I, class L>
struct head_loss<I, loss<L>> {
    static constexpr int found = 1;
    using type = L;
    static constexpr head_choice choice{.index = I};
};
template <std::size_t I, std::size_t J, class L, class... Options>
struct head_loss<I, fovea::head<J, L, Options...>> {
    static constexpr int found = I == J ? 1 : 0;
    using type = L;
    static constexpr head_choice choice = [] {
        head_choice c{.index = J};
        (head_option<Options>::apply(c), ...);
        return c;
    }();
};
template <std::size_t I, class... HeadLosses>
struct head_loss<I, losses<HeadLosses...>> {
    static constexpr int found = (0 + ... + head_loss<I, HeadLosses>::found);
    static constexpr std::size_t place = [] {
        const bool mine[] = {head_loss<I, HeadLosses>::found == 1 ..., false};
        std::size_t p = 0;
        while (p < sizeof...(HeadLosses) && !mine[p]) {
            ++p;
        }
        return p;
    }();
    using own = head_loss<I, std::tuple_element_t<place, std::tuple<HeadLosses..., loss<cross_entropy>>>>;
    using type = typename own::type;
    static constexpr head_choice choice = own::choice;
};

template <class HeadLoss>
struct head_of {
    static constexpr bool sound = false;
};
template <std::size_t I, class L, class... Options>
struct head_of<fovea::head<I, L, Options...>> {
    static constexpr bool sound = head_loss<I, fovea::head<I, L, Options...>>::choice.sound;
    static constexpr std::size_t index = I;
};
/// Are there as many as heads, each once, with options that a head takes?
template <class Tag>
struct names_heads {
    static constexpr bool once(std::size_t) { return true; }
};
template <class... HeadLosses>
struct names_heads<losses<HeadLosses...>> {
    static constexpr bool once(std::size_t heads) {
        if constexpr (!(head_of<HeadLosses>::sound && ...)) {
            return false;
        } else {
            const std::size_t index[] = {head_of<HeadLosses>::index..., heads};
            for (std::size_t h = 0; h < heads; ++h) {
                int found = 0;
                for (const std::size_t i : index) {
                    found += i == h ? 1 : 0;
                }
                if (found != 1) {
                    return false;
                }
            }
            return sizeof...(HeadLosses) == heads;
        }
    }
};

/// The first thing that a loss lacks.
template <class L>
constexpr auto lacking() {
    if constexpr (!std::default_initializable<L> || !std::copyable<L>) {
        return why::lacks<why::members::default_constructor>{};
    } else if constexpr (!has_label_type<L>) {
        return why::lacks<why::members::label_type>{};
    } else if constexpr (!has_label_shape<L>) {
        return why::lacks<why::members::label_shape>{};
    } else if constexpr (!has_name<L>) {
        return why::lacks<why::members::name>{};
    } else if constexpr (!has_metrics<L>) {
        return why::lacks<why::members::metrics>{};
    } else if constexpr (!has_loss_sums<L>) {
        return why::lacks<why::members::sums>{};
    } else {
        return why::lacks<why::members::run>{};
    }
}

/// The last activation of head H.
template <class Net>
constexpr last_activation last_of(std::size_t h) {
    const auto& trace = network_traits<Net>::trace;
    const std::size_t map = trace.outputs()[h];
    if (map == 0) {
        return last_activation::none;
    }
    const layer_info& last = trace.layers[map - 1];
    return last.kind == brick_kind::softmax  ? last_activation::softmax
           : last.act == activation::sigmoid ? last_activation::sigmoid
                                             : last_activation::none;
}

/// Is this the loss of an output of this network? Reports the one mistake if not.
template <class Net, std::size_t H, class L>
constexpr bool loss_fits_or_refuse() {
    constexpr Shape output = train_plan<Net>::heads[H].shape;
    constexpr last_activation last = last_of<Net>(H);
    if constexpr (!sound_options<L>) {
        static_assert(stands<wrong_training<got_type<L>>>,
                      "fovea: cross_entropy_of takes smoothing<A, B>, a share of at least 0 and below 1, and "
                      "class_labels<T> of std::uint8_t, std::uint16_t or std::int32_t, each at most once");
        return false;
    } else if constexpr (!loss_function<L>) {
        static_assert(stands<wrong_training<got_type<L>, decltype(lacking<L>())>>,
                      "fovea: this is no loss; train/loss.hpp says what a loss has, and this one lacks what is named "
                      "here");
        return false;
    } else if constexpr (!sound_names(L::metrics)) {
        static_assert(stands<wrong_training<got_type<L>, why::members::metrics>>,
                      "fovea: a loss's metrics have names of their own, of a-z, 0-9 and _, other than loss, and a "
                      "value");
        return false;
    } else if constexpr (last == last_activation::softmax && contained<L>() != last) {
        static_assert(stands<wrong_training<why::head<static_cast<int>(H)>, got_type<L>, got_type<Softmax>>>,
                      "fovea: a last Softmax is part of cross-entropy and of no other loss; leave it out, or train by "
                      "cross_entropy");
        return false;
    } else if constexpr (last == last_activation::sigmoid && contained<L>() == last) {
        static_assert(stands<wrong_training<why::head<static_cast<int>(H)>, got_type<L>, got_type<Sigmoid>>>,
                      "fovea: this loss contains the sigmoid: it takes logits; leave the last Sigmoid out");
        return false;
    } else if constexpr (requires { L::fits(output); }) {
        static_assert(
            L::fits(output) ||
                stands<wrong_training<why::head<static_cast<int>(H)>, got_type<L>, why::of_channels<output.channels>>>,
            "fovea: this loss is of another output; cross_entropy takes 2 channels, the classes, to 255, more "
            "with cross_entropy_of<class_labels<std::uint16_t>>");
        return L::fits(output);
    } else {
        return true;
    }
}

/// Can it be trained this way? Reports the one mistake if not.
template <class Net, class T, class... Tags>
constexpr bool learns_or_refuse() {
    constexpr training_choice choice = training_choice_of<Tags...>();
    if constexpr (!sound<Net>) {
        refuse_network<Net>();
        return false;
    } else if constexpr (!std::is_same_v<T, float> && !std::is_same_v<T, double>) {
        static_assert(stands<wrong_training<got_type<T>>>, "fovea: weights are trained as float, or as double");
        return false;
    } else if constexpr (choice.foreign > 0) {
        constexpr bool good[] = {training_choice_of<Tags>().foreign == 0 ...};
        static_assert(stands<wrong_training<got_type<typename type_at<first_false(good), Tags...>::type>>>,
                      "fovea: a Trainer or learner takes exact or fast, and loss<L> or losses<head<I, L>...>; threads, "
                      "batch and all else that changes no code are given when it is made");
        return false;
    } else if constexpr (choice.mode_tags > 1 || choice.loss_tags > 1) {
        static_assert(stands<wrong_training<got_type<Tags>...>>,
                      "fovea: a Trainer's or learner's tags are given once: exact and fast are one choice, loss and "
                      "losses another");
        return false;
    } else {
        using tag = typename loss_tag<Tags...>::type;
        if constexpr (!names_heads<tag>::once(train_plan<Net>::head_count)) {
            static_assert(
                stands<wrong_training<got_type<tag>, has_outputs<train_plan<Net>::head_count>>>,
                "fovea: losses<> takes head<I, L, options...> once for each of the network's outputs, from head "
                "0; options are weight<A, B>, above 0, and own_labels");
            return false;
        } else {
            return []<std::size_t... H>(std::index_sequence<H...>) {
                return (loss_fits_or_refuse<Net, H, typename head_loss<H, tag>::type>() && ...);
            }
            (std::make_index_sequence<train_plan<Net>::head_count>{});
        }
    }
}

}  // namespace detail

/// The losses of a network's heads, and where an image's labels are among its record of labels.
template <class Net, class... Tags>
struct training_goal {
    using plan = train_plan<Net>;
    using tag = typename detail::loss_tag<Tags...>::type;
    static constexpr std::size_t head_count = plan::head_count;
    static constexpr bool fast = detail::training_choice_of<Tags...>().fast;

    template <std::size_t H>
    using loss_of = typename detail::head_loss<H, tag>::type;

    struct head_labels {
        detail::label_source source{};
        double weight = 1;
        bool shares = false;      ///< with a head before it
        std::size_t at = 0;       ///< bytes from the begin of an image's record
        std::size_t sums_at = 0;  ///< of its loss, among those of all
        std::size_t sums = 0;
    };

private:
    template <std::size_t... H>
    static constexpr auto make_heads(std::index_sequence<H...>) {
        std::array<head_labels, head_count> all{
            head_labels{.source = detail::label_source_of<loss_of<H>>(plan::heads[H].shape),
                        .weight = detail::head_loss<H, tag>::choice.weight,
                        .shares = !detail::head_loss<H, tag>::choice.own_labels,
                        .sums = loss_of<H>::sums}...};
        std::size_t end = 0;
        for (std::size_t h = 0; h < head_count; ++h) {
            head_labels& own = all[h];
            std::size_t like = 0;
            while (like < h &&
                   !(all[like].source.kind == own.source.kind && all[like].source.shape == own.source.shape &&
                     all[like].source.output == own.source.output)) {
                ++like;
            }
            own.shares = own.shares && like < h;
            own.at = own.shares ? all[like].at : detail::record_offset(end, own.source.kind);
            if (!own.shares) {
                end = own.at + own.source.shape.size() * bytes_of(own.source.kind);
            }
            own.sums_at = h == 0 ? 0 : all[h - 1].sums_at + all[h - 1].sums;
        }
        return all;
    }
    static constexpr std::size_t largest_label() {
        std::size_t largest = 1;
        for (const head_labels& h : heads) {
            largest = bytes_of(h.source.kind) > largest ? bytes_of(h.source.kind) : largest;
        }
        return largest;
    }

public:
    static constexpr std::array<head_labels, head_count> heads = make_heads(std::make_index_sequence<head_count>{});
    static constexpr std::size_t sums = heads[head_count - 1].sums_at + heads[head_count - 1].sums;
    /// Heads that share no labels with one before them.
    static constexpr std::size_t source_count = [] {
        std::size_t n = 0;
        for (const head_labels& h : heads) {
            n += h.shares ? 0 : 1;
        }
        return n;
    }();
    static constexpr std::array<detail::label_source, source_count> sources = [] {
        std::array<detail::label_source, source_count> all{};
        std::size_t n = 0;
        for (const head_labels& h : heads) {
            if (!h.shares) {
                all[n++] = h.source;
            }
        }
        return all;
    }();
    static constexpr std::size_t labels_per_image = [] {
        std::size_t n = 0;
        for (const detail::label_source& s : sources) {
            n += s.shape.size();
        }
        return n;
    }();
    static constexpr std::size_t record_bytes = [] {
        std::size_t end = 0;
        for (const detail::label_source& s : sources) {
            end = detail::record_offset(end, s.kind) + s.shape.size() * bytes_of(s.kind);
        }
        return (end + largest_label() - 1) / largest_label() * largest_label();
    }();

private:
    template <std::size_t... H>
    static constexpr bool of_one_type(std::index_sequence<H...>) {
        return (std::is_same_v<typename loss_of<H>::label_type, typename loss_of<0>::label_type> && ...);
    }
    template <std::size_t... H>
    static std::tuple<loss_of<H>...> tuple_of(std::index_sequence<H...>);

public:
    /// What a batch's labels are given as: numbers if all losses take labels of one type, else records.
    using label_type = std::conditional_t<of_one_type(std::make_index_sequence<head_count>{}),
                                          typename loss_of<0>::label_type, std::byte>;
    using losses_type = decltype(tuple_of(std::make_index_sequence<head_count>{}));

    static constexpr auto figures = []<std::size_t... H>(std::index_sequence<H...>) {
        return std::array<detail::head_figures, head_count>{detail::head_figures{.metrics = loss_of<H>::metrics,
                                                                                 .weight = heads[H].weight,
                                                                                 .sums = loss_of<H>::sums}...};
    }
    (std::make_index_sequence<head_count>{});

    template <class L>
    static constexpr bool has_weights = requires(L& l, std::span<const double> w, Shape s) {
        l.use_class_weights(w, s);
    };
    static constexpr bool takes_class_weights = []<std::size_t... H>(std::index_sequence<H...>) {
        return (has_weights<loss_of<H>> || ...);
    }
    (std::make_index_sequence<head_count>{});

    /// Gives the losses what they depend on, and says it: "cross_entropy(smoothing=0.1)". \throws Error for class
    /// weights that none takes, or that are none
    static std::string prepare(losses_type& all, std::span<const double> class_weights) {
        detail::losses_text text;
        const auto one = [&]<std::size_t H>(std::integral_constant<std::size_t, H>) {
            using own = loss_of<H>;
            if constexpr (requires { own::settings(); }) {
                text.add(own::name, own::settings(), heads[H].weight);
            } else {
                text.add(own::name, {}, heads[H].weight);
            }
            if constexpr (has_weights<own>) {
                if (!class_weights.empty()) {
                    std::get<H>(all).use_class_weights(class_weights, heads[H].source.output);
                }
            }
        };
        [&]<std::size_t... H>(std::index_sequence<H...>) { (one(std::integral_constant<std::size_t, H>{}), ...); }
        (std::make_index_sequence<head_count>{});
        return text.with_class_weights(class_weights, takes_class_weights);
    }
};

}  // namespace fovea
