// SPDX-License-Identifier: BSD-3-Clause
// What does a report say of a network? Its constants, copied into plain values: behind this file nothing is a template.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fovea/infer/border.hpp>
#include <fovea/infer/describe.hpp>
#include <fovea/infer/lint_rules.hpp>
#include <fovea/infer/questions.hpp>
#include <fovea/infer/support.hpp>
#include <fovea/report/paths.hpp>

namespace fovea {

/// A figure of the whole network. `unit` is "" or "bytes".
struct report_figure {
    std::string_view key{};    ///< in the page's JSON: "parameters"
    std::string_view label{};  ///< for readers: "Parameters"
    std::string_view unit{};
    std::size_t value = 0;
    std::string_view note{};
};

/// What a lint has to say.
struct report_lint {
    std::string name{};
    std::string finding{};
    std::string remedy{};
    std::string layer{};  ///< path of the offending layer
    std::string brick{};  ///< its name
};

/// Everything that a report shows. Maps are numbered as in the network's trace, where the records live: 0 is the input,
/// i + 1 the output of layer i.
struct report_data : detail::graph {
    std::string title{};
    Shape input{};
    bool one_dimensional = false;
    ReceptiveField field{};
    std::vector<report_figure> figures{};
    bool sees_whole_input = false;
    bool causal = false;
    bool aligned = true;
    path_histogram paths{};
    bool has_support = false;  ///< false: too large; the histogram stands in for it
    Support support{};
    std::shared_ptr<const std::vector<std::uint64_t>> support_words{};
    std::size_t subnets = 0;
    std::vector<report_lint> lints{};

    const Shape& shape(std::size_t map) const { return map == 0 ? input : layers[map - 1].output; }
    std::size_t field_positions() const {
        return has_support ? support.height * support.width : paths.height * paths.width;
    }
    std::size_t seen() const { return has_support ? support.count() : paths.seen; }
    std::size_t holes() const { return field_positions() - seen(); }
    std::size_t figure(std::string_view key) const {
        for (const report_figure& f : figures) {
            if (f.key == key) {
                return f.value;
            }
        }
        return 0;
    }
};

namespace detail {

/// A sentence of its own, from words that go on after a layer's name.
inline std::string sentence_of(std::string_view words) {
    std::string s(words);
    if (!s.empty()) {
        s[0] = s[0] >= 'a' && s[0] <= 'z' ? static_cast<char>(s[0] - 'a' + 'A') : s[0];
        s += '.';
    }
    return s;
}

/// The same functions as the compiler's `support<Net>` and `lints<Net>`, now without its limits on steps: large
/// networks have both here.
inline void find_support(report_data& r) {
    constexpr std::size_t most_work = 50'000'000;
    const support_box box = support_box_of(r, r.outputs);
    auto words = std::make_shared<std::vector<std::uint64_t>>(std::max<std::size_t>(box.words, 1));
    const support_facts facts = find_support(r, r.outputs, box, r.one_dimensional, words->data(), most_work);
    r.has_support = facts.fits;
    r.support = Support{words->data(), box.row_words, facts.box, facts.count};
    r.subnets = facts.subnets;
    r.support_words = std::move(words);
}

inline void find_lints(report_data& r) {
    const lint_subject subject{r, r.input, r.one_dimensional, r.has_support, r.support, r.subnets};
    lint_sink sink;
    find_lints(subject, sink);
    std::vector<lint_record> records(sink.count);
    sink = {.at = records.data()};
    find_lints(subject, sink);
    for (const lint_record& record : records) {
        const lint_words& words = words_of(record.form);
        const layer_info& l = r.layers[record.layer];
        const std::string_view other = r.layers[record.other].path;
        r.lints.push_back({std::string(words.name),
                           sentence_of(fill_in<256>(words.sentence, record.numbers, other).view()),
                           std::string(fill_in<96>(words.remedy, record.numbers, other).view()) + '.',
                           std::string(l.path), std::string(l.name)});
    }
}

/// The part of a report that does not depend on the network's type.
inline void complete_report(report_data& r) {
    std::size_t convolutions = 0, weight_bytes = 0, state = 0;
    for (const layer_info& l : r.layers) {
        convolutions += has_sums(l) && !sees_whole_map(l) ? 1 : 0;
        weight_bytes += sizeof(float) * (l.parameters + l.buffers);
    }
    for (const report_figure& f : r.figures) {
        state = f.key == "state_bytes" ? f.value : state;
    }
    r.figures.push_back({"layers", "Layers", "", r.layers.size(), "bricks and joins"});
    r.figures.push_back({"convolutions", "Convolutions", "", convolutions, "transposed ones too"});
    r.figures.push_back({"weight_bytes", "Weights", "bytes", weight_bytes, "float32, running statistics too"});
    if (!r.one_dimensional || !r.causal) {
        std::erase_if(r.figures, [](const report_figure& f) { return f.key == "state_bytes"; });
    }
    find_support(r);
    find_lints(r);
    r.paths = count_paths(r, r.field);
}

/// `later`: what later stages know of the network, shown behind the executed MACs.
template <class Net>
report_data report_of(std::string title, std::initializer_list<report_figure> later) {
    report_data r;
    r.title = std::move(title);
    if constexpr (sound<Net>) {
        constexpr const auto& trace = network_traits<Net>::trace;
        static_cast<graph&>(r) = graph_of(trace);
        r.input = trace.input;
        r.one_dimensional = trace.one_dimensional;
        r.field = receptive_field<Net>;
        r.sees_whole_input = sees_whole_input<Net>;
        r.causal = is_causal<Net>;
        r.aligned = is_aligned<Net>;
        r.figures = {
            {"parameters", "Parameters", "", parameter_count<Net>, "trainable"},
            {"buffers", "Running statistics", "", buffer_count<Net>, "saved, not trained"},
            {"macs", "MACs", "", mac_count<Net>, "multiply-accumulates of one input"},
            {"executed_macs", "Executed MACs", "", executed_mac_count<Net>, "without taps in the padding"},
        };
        r.figures.insert(r.figures.end(), later);
        r.figures.push_back(
            {"activation_bytes", "Activations", "bytes", activation_bytes<Net>, "all maps, as training keeps them"});
        r.figures.push_back({"state_bytes", "Stream state", "bytes", state_bytes<Net>, "kept between samples"});
        complete_report(r);
    } else {
        static_cast<void>(refuse_network<Net>());
    }
    return r;
}

}  // namespace detail
}  // namespace fovea
