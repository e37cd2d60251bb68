// SPDX-License-Identifier: BSD-3-Clause
// What is remembered of every epoch?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fovea/detail/number_text.hpp>

namespace fovea {

/// Which of two values of a figure is the better one: the larger or the smaller?
enum class better : unsigned char { up, down };

/// What a figure is called: "loss", or a metric of the loss's.
struct figure {
    std::string name;
    better is = better::down;
    bool share = false;  ///< from 0 to 1, shown in per cent

    friend bool operator==(const figure&, const figure&) = default;
};

/// One finished epoch. Losses are means over the labels that count; metrics are in the order of
/// training_result::metrics.
struct epoch_record {
    std::uint64_t epoch = 0;  ///< counted from 1
    double train_loss = 0.0;
    std::vector<double> train_metrics{};
    double validation_loss = 0.0;  ///< of no meaning unless `validated`
    std::vector<double> validation_metrics{};
    bool validated = false;
    double learning_rate = 0.0;  ///< of the epoch's last step
    double seconds = 0.0;        ///< training and validation; over all parts of a run that was resumed

    friend bool operator==(const epoch_record&, const epoch_record&) = default;
};

/// Adds the sums of a step (step_result::sums) to those of the steps before, in double and in the order of the steps.
inline void add_sums(std::vector<double>& sums, std::span<const double> more) {
    sums.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) {
        sums[i] += more[i];
    }
}

namespace detail {

/// "97.3 %" or "0.0123"; digits behind the point of a share, and of a number that is none.
inline std::string figure_text(const figure& f, double value, int share_digits, int digits) {
    return f.share ? fixed_text(100.0 * value, share_digits) + " %" : fixed_text(value, digits);
}

}  // namespace detail
}  // namespace fovea
