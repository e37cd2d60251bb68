// SPDX-License-Identifier: BSD-3-Clause
// What would an experienced reader say of a network? Named lints, each with the layer, a sentence and the smallest
// change that mends it.
#pragma once

#include <fovea/infer/lint_rules.hpp>

namespace fovea {

/// One remark on one layer of layers<Net>.
struct finding {
    lint rule{};
    std::size_t layer = 0;
    std::string_view path{};       ///< of the layer's weight names
    std::string_view name{};       ///< of its brick, or of the join
    detail::text<256> sentence{};  ///< "its taps lie 9 input positions apart, ..."
    detail::text<96> remedy{};     ///< "dilation 7"

    detail::lint_form form{};
    detail::lint_numbers numbers{};  ///< that stand in the texts; see infer/lint_forms.hpp
};

namespace detail {

/// The rules' findings without their texts.
template <class Net>
struct lint_records {
    /// Where the support is too large to be computed nothing is said of gridding.
    static constexpr lint_subject subject = [] {
        using set = support_of<Net>;
        const auto& t = network_traits<Net>::trace;
        return lint_subject{graph_of(t), t.input, t.one_dimensional, set::fits, set::view, set::result.facts.subnets};
    }();
    static constexpr std::size_t count = [] {
        lint_sink sink;
        find_lints(subject, sink);
        return sink.count;
    }();
    static constexpr std::array<lint_record, count> list = [] {
        std::array<lint_record, count> a{};
        lint_sink sink{.at = a.data()};
        if (count > 0) {
            find_lints(subject, sink);
        }
        return a;
    }();
};

}  // namespace detail

/// std::array of findings, in the order of enum lint. Lints are remarks, not errors; what must
/// not be, say with is_free_of.
template <class Net>
inline constexpr auto lints = [] {
    if constexpr (detail::sound<Net>) {
        using records = detail::lint_records<Net>;
        std::array<finding, records::count> a{};
        for (std::size_t i = 0; i < a.size(); ++i) {
            const detail::lint_record& r = records::list[i];
            const layer_info& l = detail::layers_of<Net>[r.layer];
            const detail::lint_words& words = detail::words_of(r.form);
            a[i] = {.rule = words.rule,
                    .layer = r.layer,
                    .path = l.path,
                    .name = l.name,
                    .sentence = detail::fill_in<256>(words.sentence, r.numbers, {}),
                    .remedy = detail::fill_in<96>(words.remedy, r.numbers, detail::layers_of<Net>[r.other].path),
                    .form = r.form,
                    .numbers = r.numbers};
        }
        return a;
    } else {
        return detail::refuse_network<Net>();
    }
}();

/// Whether a network has no finding of these lints; of any lint, without a list.
///
///     static_assert(is_free_of<Net, lint::gridding, lint::misaligned_centres>);
template <class Net, lint... Rules>
inline constexpr auto is_free_of = [] {
    if constexpr (detail::sound<Net>) {
        for (const detail::lint_record& r : detail::lint_records<Net>::list) {
            const lint rule = detail::words_of(r.form).rule;
            if (sizeof...(Rules) == 0 || ((rule == Rules) || ...)) {
                return false;
            }
        }
        return true;
    } else {
        return detail::refuse_network<Net>();
    }
}();

}  // namespace fovea
