// SPDX-License-Identifier: BSD-3-Clause
// How is a declared network trained? Trainer<Net>: the loop of fit.hpp with the gradient of learner.hpp.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/detail/processors.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/infer/describe.hpp>
#include <fovea/infer/tensors.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/train/fit.hpp>
#include <fovea/train/learner.hpp>
#include <fovea/train/sample_view.hpp>
#include <fovea/train/trainer_options.hpp>

namespace fovea {

/// The samples of a data set, which must outlive the view.
inline sample_view view_of(const dataset& data) {
    return {.images = data.images.data(),
            .labels = {data.labels.data(), {1, data.labels.shape()[1], data.labels.shape()[2]}},
            .count = data.size(),
            .channels = data.channels(),
            .height = data.height(),
            .width = data.width()};
}

namespace detail {

/// "layers 1234567890: 0.weight [16, 3, 3, 3], 0.bias [16], ...": what a checkpoint belongs to. The number is the
/// CRC-32 of the layer table, for what shapes do not show: dilations, strides, activations.
template <class Net>
std::string network_text(bool fast_arithmetic) {
    const std::string_view table = summary<Net>;
    std::string text = "layers " + std::to_string(crc32_of(std::as_bytes(std::span{table.data(), table.size()}))) + ":";
    for (const tensor_info& t : detail::tensor_list<Net>) {
        text += (text.back() == ':' ? " " : ", ") + std::string{std::string_view{t.name}} + " " +
                shape_text(std::span{t.extents}.first(t.rank));
    }
    if (fast_arithmetic) {
        text += ", arithmetic fast";  // a run does not go on with other roundings
    }
    return text;
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
/// stopped and resumed. Tags in any order, see learner: Trainer<Net, fast, loss<mean_squared_error>>.
template <class Net, class... Tags>
class Trainer {
public:
    using model_type = learner<Net, float, Tags...>;

    /// `weights` must outlive the trainer; they change while it trains.
    /// \throws Error for options that make no sense (0 epochs)
    explicit Trainer(Weights<Net>& weights, trainer_options options = {})
        : parts_(std::make_unique<parts>(weights, std::move(options))) {}

    /// Trains, and validates after every epoch if there is a validation set; see fit_loop::fit for what it throws.
    training_result fit(const dataset& train) { return parts_->loop.fit(view_of(train)); }
    training_result fit(const dataset& train, const dataset& validation) {
        return parts_->loop.fit(view_of(train), view_of(validation));
    }
    training_result fit(const sample_view& train, const sample_view& validation = {}) {
        return parts_->loop.fit(train, validation);
    }

    /// The epochs finished so far, also after fit() threw.
    const std::vector<epoch_record>& history() const { return parts_->loop.history(); }

    model_type& model() { return parts_->model; }

private:
    /// The loop keeps a reference to the learner: both stay where they are when a Trainer is moved.
    struct parts {
        parts(Weights<Net>& weights, trainer_options&& options)
            : model(weights, thread_count{options.threads > 0 ? options.threads : detail::usable_processors()},
                    options.class_weights),
              loop(model, std::move(options), detail::network_text<Net>(detail::training_choice_of<Tags...>().fast)) {}

        model_type model;
        fit_loop<model_type> loop;
    };
    std::unique_ptr<parts> parts_;
};

/// What a Trainer cannot train: the one error has been reported, the code around it still compiles.
template <class Net, class... Tags>
    requires(!detail::learns_or_refuse<Net, float, Tags...>())
class Trainer<Net, Tags...> {
public:
    using model_type = learner<Net, float, Tags...>;
    explicit Trainer(Weights<Net>& weights, const trainer_options& = {}) : learner_(weights) {}
    template <class... Data>
    training_result fit(const Data&...) {
        return {};
    }
    training_result fit(const sample_view&, const sample_view& = {}) { return {}; }
    const std::vector<epoch_record>& history() const { return history_; }
    model_type& model() { return learner_; }

private:
    model_type learner_;
    std::vector<epoch_record> history_;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea
