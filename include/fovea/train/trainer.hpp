// SPDX-License-Identifier: BSD-3-Clause
// How is a declared network trained? Trainer<Net>: the loop of fit.hpp with the gradient of learner.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/processors.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/infer/describe.hpp>
#include <fovea/infer/tensors.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/train/fit.hpp>
#include <fovea/train/learner.hpp>
#include <fovea/train/trainer_options.hpp>

namespace fovea {

/// The samples of a data set, which must outlive the view.
inline sample_view view_of(const dataset& data) {
    return {.images = data.images.data(),
            .labels = data.labels.data(),
            .count = data.size(),
            .channels = data.channels(),
            .height = data.height(),
            .width = data.width(),
            .per_pixel = data.is_per_pixel()};
}

namespace detail {

/// "layers 1234567890: 0.weight [16, 3, 3, 3], 0.bias [16], ...": what a checkpoint belongs to. The number is the
/// CRC-32 of the layer table, for what shapes do not show: dilations, strides, activations.
template <class Net, class Mode>
std::string network_text() {
    const std::string_view table = summary<Net>;
    std::string text = "layers " + std::to_string(crc32_of(std::as_bytes(std::span{table.data(), table.size()}))) + ":";
    for (const tensor_info& t : detail::tensor_list<Net>) {
        text += (text.back() == ':' ? " " : ", ") + std::string{std::string_view{t.name}} + " " +
                shape_text(std::span{t.extents}.first(t.rank));
    }
    if (std::is_same_v<Mode, fast>) {
        text += ", arithmetic fast";  // a run does not go on with other roundings
    }
    return text;
}

/// The same for what Trainer needs besides.
template <class Net, class Mode>
constexpr bool trains_or_refuse() {
    if constexpr (!learns_or_refuse<Net, float, Mode>()) {
        return false;
    } else {
        constexpr bool one_kind = train_plan<Net>::labels_per_image == output_shape<Net>.positions();
        if constexpr (!one_kind) {
            static_assert(
                stands<wrong_training<got_type<Net>>>,
                "fovea: a Trainer's data has labels of one kind, these Heads differ in shape; give them one shape, or "
                "train with learner<Net>, which takes labels for each");
        }
        return one_kind;
    }
}

}  // namespace detail

inline namespace FOVEA_KERNELS_ISA {

/// Trains a network's weights in place:
///
///     auto weights = he_normal<Net>(1);
///     Trainer<Net> trainer(weights, {.epochs = 10, .csv = "log.csv", .checkpoint = "run.ckpt"});
///     auto result = trainer.fit(data.train, data.test);
///     save(weights, "net.safetensors");
///
/// The same seed gives the same weights, bit for bit, whatever the number of threads and however often the run was
/// stopped and resumed. Trainer<Net, fast> may use Winograd's filtering; see learner.
template <class Net, class Mode = exact>
class Trainer {
public:
    /// `weights` must outlive the trainer; they change while it trains.
    /// \throws Error for options that make no sense (0 epochs)
    explicit Trainer(Weights<Net>& weights, trainer_options options = {})
        : learner_(weights, thread_count{threads_of(options)}),
          loop_(learner_, std::move(options), detail::network_text<Net, Mode>()) {}

    /// The loop keeps a reference to the learner beside it.
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;

    /// Trains, and validates after every epoch if there is a validation set; see fit_loop::fit for what it throws.
    training_result fit(const dataset& train) { return loop_.fit(view_of(train)); }
    training_result fit(const dataset& train, const dataset& validation) {
        return loop_.fit(view_of(train), view_of(validation));
    }
    training_result fit(const sample_view& train, const sample_view& validation = {}) {
        return loop_.fit(train, validation);
    }

    /// The epochs finished so far, also after fit() threw.
    const std::vector<epoch_record>& history() const { return loop_.history(); }

    learner<Net, float, Mode>& model() { return learner_; }

private:
    static std::size_t threads_of(const trainer_options& options) {
        return options.threads > 0 ? options.threads : detail::usable_processors();
    }

    learner<Net, float, Mode> learner_;
    fit_loop<learner<Net, float, Mode>> loop_;
};

/// What a Trainer cannot train: the one error has been reported, the code around it still compiles.
template <class Net, class Mode>
    requires(!detail::trains_or_refuse<Net, Mode>())
class Trainer<Net, Mode> {
public:
    explicit Trainer(Weights<Net>& weights, const trainer_options& = {}) : learner_(weights) {}
    template <class... Data>
    training_result fit(const Data&...) {
        return {};
    }
    const std::vector<epoch_record>& history() const { return history_; }
    learner<Net, float, Mode>& model() { return learner_; }

private:
    learner<Net, float, Mode> learner_;
    std::vector<epoch_record> history_;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea
