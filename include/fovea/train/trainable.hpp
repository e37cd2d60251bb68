// SPDX-License-Identifier: BSD-3-Clause
// What can be trained? The demands of the training loop on a model, and of a model on data.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/train/history.hpp>
#include <fovea/train/loss.hpp>
#include <fovea/train/sample_view.hpp>

namespace fovea {

/// The number type of a model's parameters.
template <class Model>
using scalar_of = std::remove_cvref_t<decltype(*std::declval<Model&>().parameters().data())>;

/// What fit_loop asks of a model:
/// 1. its input's extents as constants, and label_sources(): what a sample's labels are
/// (detail::label_source_of<L>(output)
///    of a loss L says it);
/// 2. parameters(), gradient() (aligned with parameters), buffers() (running statistics): contiguous, writable, always
///    the same memory. The loop writes parameters between two calls, and buffers when it resumes;
/// 3. train_step(images, labels, n, noise): fills gradient(), updates buffers(), returns the loss, which is a mean, and
///    `sums`, sum_count doubles that
///    add over steps. `noise` seeds dropout; it differs in every step. Labels are of the type
///    `label_type`;
/// 4. evaluate(images, labels, n): the same figures by the running statistics, changing nothing;
/// 5. figure_names(), the first of which is "loss", and figures(sums), their values, also for no sums; loss_text():
/// what they
///    depend on, for the checkpoint;
/// 6. both steps give the same numbers for the same input, whatever the number of threads. n is at most the batch;
/// 7. optionally require_batch(n), which throws Error for batches that it cannot learn from, and tensor_at(i), the name
///    for messages of what holds value i of parameters() or, behind them, of buffers(); a `not_finite` in the result of
///    train_step, the name of a value that it took back because it was not; takes_class_weights, true if the model was
///    given trainer_options::class_weights.
/// Not asked: copying, a particular loss, a particular network.
template <class Model>
concept trainable = requires(Model& m, const scalar_of<Model>* images, const typename Model::label_type* labels,
                             std::size_t n, std::uint64_t noise, std::span<const double> sums) {
    { Model::channels } -> std::convertible_to<std::size_t>;
    { Model::height } -> std::convertible_to<std::size_t>;
    { Model::width } -> std::convertible_to<std::size_t>;
    { Model::label_sources() } -> std::convertible_to<std::span<const detail::label_source>>;
    { Model::sum_count } -> std::convertible_to<std::size_t>;
    { Model::figure_names() } -> std::convertible_to<std::vector<figure>>;
    { Model::figures(sums) } -> std::convertible_to<std::vector<double>>;
    { m.loss_text() } -> std::convertible_to<std::string>;
    { m.parameters() } -> std::convertible_to<std::span<scalar_of<Model>>>;
    { m.gradient() } -> std::convertible_to<std::span<const scalar_of<Model>>>;
    { m.buffers() } -> std::convertible_to<std::span<scalar_of<Model>>>;
    { m.train_step(images, labels, n, noise).loss } -> std::convertible_to<double>;
    { m.evaluate(images, labels, n).sums } -> std::convertible_to<std::span<const double>>;
};

namespace detail {

/// Is there a label that counts? Loss and metrics of data without are no figures.
inline bool has_counted_labels(std::span<const label_source> sources, const sample_view& data) {
    for (std::size_t i = 0; i < std::min(sources.size(), data.labels.size()); ++i) {
        const std::size_t size = data.count * data.labels[i].shape.size();
        if (size > 0 && sources[i].count(data.labels[i].data(), size, sources[i].output).counted > 0) {
            return true;
        }
    }
    return false;
}

/// \throws Error unless `data`, called `which` in the message, holds inputs of that shape and labels of these kinds
inline void require_fitting_data(const Shape& input, std::span<const label_source> sources, const sample_view& data,
                                 std::string_view which) {
    const auto fail = [&](std::initializer_list<std::string_view> parts) {
        throw Error{joined({"trainer: ", which, ": ", joined(parts)})};
    };
    const auto number = [](std::size_t n) { return std::to_string(n); };
    if (data.count == 0) {
        fail({"no images"});
    }
    if (data.image_shape() != input) {
        fail({"images of ", text_of(data.image_shape()), ", the network takes ", text_of(input)});
    }
    if (data.labels.size() != sources.size()) {
        fail({number(data.labels.size()), " kinds of labels, the network's losses take ", number(sources.size())});
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const label_source& s = sources[i];
        const label_view& labels = data.labels[i];
        if (labels.shape != s.shape || labels.kind() != s.kind) {
            fail({"labels of ", text_of(labels.shape), " ", name_of(labels.kind()), ", ", s.loss, " of an output of ",
                  text_of(s.output), " takes ", text_of(s.shape), " ", name_of(s.kind)});
        }
        const std::size_t size = data.count * s.shape.size();
        if (const std::size_t wrong = s.count(labels.data(), size, s.output).wrong; wrong < size) {
            fail({"label ", labels.text(wrong), " of sample ", number(wrong / s.shape.size()), ", ", s.loss,
                  " of an output of ", text_of(s.output), " takes ", s.expected(s.output)});
        }
    }
    if (const float* floats = data.images.as<float>()) {
        const std::size_t size = data.count * data.image_size();
        if (const std::size_t bad = first_not_finite(std::span{floats, size}); bad < size) {
            fail({"value ", number(bad % data.image_size()), " of sample ", number(bad / data.image_size()),
                  " is not finite"});
        }
    }
}

}  // namespace detail
}  // namespace fovea
