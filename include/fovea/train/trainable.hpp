// SPDX-License-Identifier: BSD-3-Clause
// What can be trained? The demands of the training loop on a model, and of a model on data.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <fovea/detail/error.hpp>
#include <fovea/train/batches.hpp>

namespace fovea {

/// The number type of a model's parameters.
template <class Model>
using scalar_of = std::remove_cvref_t<decltype(*std::declval<Model&>().parameters().data())>;

/// What fit_loop asks of a model:
/// 1. its input's extents, its number of classes and whether there is a label per pixel, as constants; optionally
///    ignore_label (255 without it), which data may hold beside the classes;
/// 2. parameters(), gradient() (aligned with parameters), buffers() (running statistics): contiguous, writable, always
///    the same memory. The loop writes parameters between two calls, and buffers when it resumes;
/// 3. train_step(images, labels, n, noise): fills gradient(), updates buffers(), returns the mean loss over the counted
///    labels, how many of them were right, and their number. `noise` seeds dropout; it differs in every step;
/// 4. evaluate(images, labels, n): the same figures by the running statistics, changing nothing;
/// 5. both give the same numbers for the same input, whatever the number of threads. n is at most the batch;
/// 6. optionally require_batch(n), which throws Error for batches that it cannot learn from, and tensor_at(i), the name
///    for messages of what holds value i of parameters() or, behind them, of buffers(); a `not_finite` in the result of
///    train_step, the name of a value that it took back because it was not.
/// Not asked: copying, a particular loss, a particular network.
template <class Model>
concept trainable = requires(Model& m, const scalar_of<Model>* images, const std::uint8_t* labels, std::size_t n,
                             std::uint64_t noise) {
    { Model::channels } -> std::convertible_to<std::size_t>;
    { Model::height } -> std::convertible_to<std::size_t>;
    { Model::width } -> std::convertible_to<std::size_t>;
    { Model::classes } -> std::convertible_to<std::size_t>;
    { Model::per_pixel } -> std::convertible_to<bool>;
    { m.parameters() } -> std::convertible_to<std::span<scalar_of<Model>>>;
    { m.gradient() } -> std::convertible_to<std::span<const scalar_of<Model>>>;
    { m.buffers() } -> std::convertible_to<std::span<scalar_of<Model>>>;
    { m.train_step(images, labels, n, noise).loss } -> std::convertible_to<double>;
    { m.train_step(images, labels, n, noise).correct } -> std::convertible_to<std::uint64_t>;
    { m.evaluate(images, labels, n).counted } -> std::convertible_to<std::uint64_t>;
};

/// The label that a model passes over.
template <trainable Model>
constexpr std::uint8_t ignored_label() {
    if constexpr (requires { Model::ignore_label; }) {
        return static_cast<std::uint8_t>(Model::ignore_label);
    } else {
        return 255;
    }
}

/// Is there a label that counts? Loss and accuracy of data without are no figures.
template <trainable Model>
bool has_counted_labels(const sample_view& data) {
    const std::size_t labels = data.count * data.labels_per_sample();
    return std::any_of(data.labels, data.labels + labels, [](std::uint8_t l) { return l != ignored_label<Model>(); });
}

/// \throws Error unless `data`, called `which` in the message, holds images of the model's shape and labels of its kind
template <trainable Model>
void require_fitting_data(const sample_view& data, const std::string& which) {
    const auto fail = [&](const std::string& text) { throw Error{"trainer: " + which + ": " + text}; };
    const auto shape = [](std::size_t c, std::size_t h, std::size_t w) {
        return std::to_string(c) + "x" + std::to_string(h) + "x" + std::to_string(w);
    };
    if (data.count == 0) {
        fail("no images");
    }
    if (data.channels != Model::channels || data.height != Model::height || data.width != Model::width) {
        fail("images of " + shape(data.channels, data.height, data.width) + ", the network takes " +
             shape(Model::channels, Model::height, Model::width));
    }
    if (data.per_pixel != Model::per_pixel) {
        fail(data.per_pixel ? "a label per pixel, the network gives one class an image"
                            : "a label per image, the network gives a class for every pixel");
    }
    const std::size_t labels = data.count * data.labels_per_sample();
    for (std::size_t i = 0; i < labels; ++i) {
        if (data.labels[i] >= Model::classes && data.labels[i] != ignored_label<Model>()) {
            fail("label " + std::to_string(data.labels[i]) + " of sample " +
                 std::to_string(i / data.labels_per_sample()) + ", the network has " + std::to_string(Model::classes) +
                 " classes");
        }
    }
}

}  // namespace fovea
