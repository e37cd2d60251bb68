// SPDX-License-Identifier: BSD-3-Clause
// What do sums over labels say? A loss's mean and its metrics, by name, for one head or several.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/train/history.hpp>
#include <fovea/train/loss.hpp>

namespace fovea::detail {

/// What the figures of one head are made of. Among the sums that add over steps each head has: the loss's mean times
/// the labels' weight, their weight, their number, and from its loss's second sum on those for its metrics.
struct head_figures {
    std::span<const metric> metrics{};
    double weight = 1;     ///< of the head
    std::size_t sums = 1;  ///< that its loss gives
};

inline std::vector<figure> figure_names(std::span<const head_figures> heads) {
    std::vector<figure> names{{.name = "loss", .is = better::down}};
    for (std::size_t h = 0; h < heads.size(); ++h) {
        const std::string own = heads.size() > 1 ? joined({"head", std::to_string(h), "_"}) : "";
        if (heads.size() > 1) {
            names.push_back({.name = joined({own, "loss"}), .is = better::down});
        }
        for (const metric& m : heads[h].metrics) {
            names.push_back({.name = joined({own, m.name}), .is = m.is, .share = m.share});
        }
    }
    return names;
}

/// Their values, 0 for the loss of no labels.
inline std::vector<double> figures_of(std::span<const head_figures> heads, std::span<const double> sums) {
    std::vector<double> values(1);
    std::vector<double> own;
    for (const head_figures& h : heads) {
        if (sums.size() < h.sums + 2) {  // no step yet
            values.resize(values.size() + (heads.size() > 1 ? 1 : 0) + h.metrics.size());
            continue;
        }
        const double mean = sums[1] > 0 ? sums[0] / sums[1] : 0.0;
        values[0] += h.weight * mean;
        if (heads.size() > 1) {
            values.push_back(mean);
        }
        own.assign(1, sums[0]);
        for (const double s : sums.subspan(3, h.sums - 1)) {
            own.push_back(s);
        }
        for (const metric& m : h.metrics) {
            values.push_back(m.value(own, sums[2]));
        }
        sums = sums.subspan(h.sums + 2);
    }
    return values;
}

/// The losses of a batch, added, from what run() gave, summed over its images; `step` becomes the sums that add over
/// steps.
inline double total_loss(std::span<const head_figures> heads, std::span<const label_count> counted,
                         std::span<const double> sums, std::vector<double>& step) {
    double loss = 0;
    for (std::size_t h = 0; h < heads.size(); ++h) {
        const double mean = counted[h].weight > 0 ? sums[0] / counted[h].weight : 0.0;
        loss += heads[h].weight * mean;
        step.push_back(counted[h].weight > 0 ? mean * counted[h].weight : 0.0);
        step.push_back(counted[h].weight);
        step.push_back(static_cast<double>(counted[h].counted));
        for (const double s : sums.subspan(1, heads[h].sums - 1)) {
            step.push_back(s);
        }
        sums = sums.subspan(heads[h].sums);
    }
    return loss;
}

/// "cross_entropy(smoothing=0.1), huber x 0.5, class weights 1,2".
struct losses_text {
    std::string text{};

    void add(std::string_view name, const std::string& settings, double weight) {
        text += joined(
            {text.empty() ? "" : ", ", name, settings.empty() ? "" : "(", settings, settings.empty() ? "" : ")"});
        text += weight == 1 ? "" : joined({" x ", exact_text(weight)});
    }
    /// \throws Error for class weights that no loss takes
    std::string with_class_weights(std::span<const double> weights, bool taken) {
        if (!weights.empty() && !taken) {
            throw Error(joined({"fovea: class_weights: ", text, " takes none"}));
        }
        for (std::size_t c = 0; c < weights.size(); ++c) {
            text += joined({c == 0 ? ", class weights " : ",", exact_text(weights[c])});
        }
        return text;
    }
};

/// Labels of n images, `pitch` bytes from one to the next. \throws Error for one that the loss does not allow
template <class L>
label_count count_batch(const L* loss, const void* labels, std::size_t pitch, std::size_t n,
                        const label_source& source) {
    label_count all;
    for (std::size_t i = 0; i < n; ++i) {
        const auto* own = static_cast<const std::byte*>(labels) + i * pitch;
        const label_count c = count_labels(loss, own, source.shape.size(), source.output);
        if (c.wrong < source.shape.size()) {
            const auto* values = static_cast<const typename L::label_type*>(static_cast<const void*>(own));
            throw Error(joined({"fovea: label ", number_view(values).text(c.wrong), " of image ", std::to_string(i),
                                ": expected ", source.expected(source.output)}));
        }
        all.counted += c.counted;
        all.weight += c.weight;
    }
    return all;
}

}  // namespace fovea::detail
