// SPDX-License-Identifier: BSD-3-Clause
// What is remembered of every epoch?
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea {

/// One finished epoch. Losses are means over the counted labels; accuracies are shares from 0 to 1.
struct epoch_record {
    std::uint64_t epoch = 0;  ///< counted from 1
    double train_loss = 0.0;
    double train_accuracy = 0.0;
    double validation_loss = 0.0;  ///< of no meaning unless `validated`
    double validation_accuracy = 0.0;
    bool validated = false;
    double learning_rate = 0.0;  ///< of the epoch's last step
    double seconds = 0.0;        ///< training and validation; over all parts of a run that was resumed

    friend bool operator==(const epoch_record&, const epoch_record&) = default;
};

/// Sums over the steps of an epoch, in double and in the order of the steps.
struct running_metrics {
    double loss_sum = 0.0;
    std::uint64_t correct = 0;
    std::uint64_t counted = 0;

    template <class StepResult>
    void add(const StepResult& r) {
        loss_sum += r.counted == 0 ? 0.0 : static_cast<double>(r.loss) * static_cast<double>(r.counted);
        correct += r.correct;
        counted += r.counted;
    }
    double loss() const { return counted == 0 ? 0.0 : loss_sum / static_cast<double>(counted); }
    double accuracy() const { return counted == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(counted); }

    friend bool operator==(const running_metrics&, const running_metrics&) = default;
};

}  // namespace fovea
