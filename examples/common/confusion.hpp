// SPDX-License-Identifier: BSD-3-Clause
// How good are predictions? Counts of (truth, prediction) and the figures that follow from them, for a class an image
// and for a class a pixel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <fovea/detail/finite.hpp>
#include <fovea/detail/number_text.hpp>

namespace examples {

/// "93.45 %"
inline std::string percent(double share, int decimals = 2) {
    return fovea::detail::fixed_text(100.0 * share, decimals) + " %";
}

/// Large numbers before small ones, NaN before all: a network that gives it is seen to.
inline bool comes_before(float a, float b) {
    return a > b || (fovea::detail::is_nan(a) && !fovea::detail::is_nan(b));
}

/// The index of the largest of `count` values that lie `stride` apart, or of NaN; the first of equal ones.
inline std::size_t largest(const float* values, std::size_t count, std::size_t stride = 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i) {
        best = comes_before(values[i * stride], values[best * stride]) ? i : best;
    }
    return best;
}

class confusion {
public:
    explicit confusion(std::vector<std::string> class_names)
        : names_(std::move(class_names)), counts_(names_.size() * names_.size()) {}

    void add(std::size_t truth, std::size_t predicted) { ++counts_[truth * names_.size() + predicted]; }

    std::uint64_t count(std::size_t truth, std::size_t predicted) const {
        return counts_[truth * names_.size() + predicted];
    }
    std::uint64_t of_truth(std::size_t truth) const {
        std::uint64_t sum = 0;
        for (std::size_t p = 0; p < names_.size(); ++p) {
            sum += count(truth, p);
        }
        return sum;
    }
    std::uint64_t predicted_as(std::size_t predicted) const {
        std::uint64_t sum = 0;
        for (std::size_t t = 0; t < names_.size(); ++t) {
            sum += count(t, predicted);
        }
        return sum;
    }
    std::uint64_t right() const {
        std::uint64_t sum = 0;
        for (std::size_t c = 0; c < names_.size(); ++c) {
            sum += count(c, c);
        }
        return sum;
    }
    std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t n : counts_) {
            sum += n;
        }
        return sum;
    }

    /// The share that is right.
    double accuracy() const { return share(right(), total()); }
    /// The same without those whose truth is the class `left_out`: with a background, of the foreground.
    double accuracy_without(std::size_t left_out) const {
        return share(right() - count(left_out, left_out), total() - of_truth(left_out));
    }
    /// Of those that are of the class, the share found.
    double recall(std::size_t c) const { return share(count(c, c), of_truth(c)); }
    /// Of those predicted as the class, the share that is.
    double precision(std::size_t c) const { return share(count(c, c), predicted_as(c)); }
    /// Intersection over union: right / (right + missed + wrongly predicted).
    double iou(std::size_t c) const { return share(count(c, c), of_truth(c) + predicted_as(c) - count(c, c)); }
    /// Mean over the classes that occur in truth or prediction.
    double mean_iou() const {
        double sum = 0;
        std::size_t classes = 0;
        for (std::size_t c = 0; c < names_.size(); ++c) {
            if (of_truth(c) + predicted_as(c) != 0) {
                sum += iou(c);
                ++classes;
            }
        }
        return classes == 0 ? 0.0 : sum / static_cast<double>(classes);
    }

    /// A line a class: share of the truth, recall, precision, intersection over union.
    void print_classes(std::ostream& out) const {
        const std::size_t width = name_width();
        out << "  " << padded("class", width) << "    share   recall  precision      IoU\n";
        for (std::size_t c = 0; c < names_.size(); ++c) {
            out << "  " << padded(names_[c], width) << right_aligned(percent(share(of_truth(c), total())), 9)
                << right_aligned(percent(recall(c), 1), 9) << right_aligned(percent(precision(c), 1), 11)
                << right_aligned(fovea::detail::fixed_text(iou(c), 3), 9) << '\n';
        }
    }

    /// The matrix, a line a true class, a column a predicted one. With more than 20 classes: the twelve commonest errors.
    void print_matrix(std::ostream& out) const {
        if (names_.size() > 20) {
            print_commonest_errors(out, 12);
            return;
        }
        const std::size_t width = name_width();
        const std::size_t cell = std::max<std::size_t>(6, std::to_string(total()).size() + 1);
        out << "  " << padded("truth \\ predicted", width);
        for (std::size_t p = 0; p < names_.size(); ++p) {
            out << right_aligned(names_[p].substr(0, cell - 1), cell);
        }
        out << "   recall\n";
        for (std::size_t t = 0; t < names_.size(); ++t) {
            out << "  " << padded(names_[t], width);
            for (std::size_t p = 0; p < names_.size(); ++p) {
                out << right_aligned(count(t, p) == 0 ? "." : std::to_string(count(t, p)), cell);
            }
            out << right_aligned(percent(recall(t), 1), 9) << '\n';
        }
    }

private:
    static double share(std::uint64_t part, std::uint64_t whole) {
        return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    }
    static std::string padded(const std::string& text, std::size_t width) {
        return text + std::string(width - std::min(width, text.size()), ' ');
    }
    static std::string right_aligned(const std::string& text, std::size_t width) {
        return std::string(width - std::min(width, text.size()), ' ') + text;
    }
    std::size_t name_width() const {
        std::size_t width = 17;
        for (const std::string& name : names_) {
            width = std::max(width, name.size());
        }
        return width;
    }
    void print_commonest_errors(std::ostream& out, std::size_t lines) const {
        struct mistake {
            std::uint64_t count;
            std::size_t truth;
            std::size_t predicted;
        };
        std::vector<mistake> mistakes;
        for (std::size_t t = 0; t < names_.size(); ++t) {
            for (std::size_t p = 0; p < names_.size(); ++p) {
                if (t != p && count(t, p) != 0) {
                    mistakes.push_back({count(t, p), t, p});
                }
            }
        }
        std::stable_sort(mistakes.begin(), mistakes.end(),
                         [](const mistake& a, const mistake& b) { return a.count > b.count; });
        out << "  the commonest errors of " << names_.size() << " classes (truth taken for prediction)\n";
        for (std::size_t i = 0; i < std::min(lines, mistakes.size()); ++i) {
            out << right_aligned(std::to_string(mistakes[i].count), 8) << "  " << names_[mistakes[i].truth] << " -> "
                << names_[mistakes[i].predicted] << '\n';
        }
    }

    std::vector<std::string> names_;
    std::vector<std::uint64_t> counts_;
};

}  // namespace examples
