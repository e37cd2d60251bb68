// SPDX-License-Identifier: BSD-3-Clause
// How does a program handle a network whose name it learns at run time? Through this class; behind it stand the types,
// each compiled in a file of its own (models/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <fovea/infer/shape.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/train/trainer_options.hpp>

namespace examples {

class model {
public:
    virtual ~model() = default;

    virtual fovea::Shape input() const = 0;
    virtual fovea::Shape output() const = 0;
    virtual std::size_t parameters() const = 0;
    /// The table of layers.
    virtual std::string_view table() const = 0;

    virtual void initialise(std::uint64_t seed) = 0;
    virtual void load(const fovea::safetensors::file& file) = 0;
    virtual void save(const std::string& path, const fovea::safetensors::metadata_map& metadata) const = 0;
    virtual fovea::training_result train(const fovea::dataset& train, const fovea::dataset& validation,
                                         fovea::trainer_options options) = 0;
    /// Runs `count` inputs, shared among `threads` threads with an Engine each; `to` holds count * output().size().
    virtual void predict(const float* images, std::size_t count, float* to, std::size_t threads) const = 0;
};

/// The network of that name in its form for that data set.
/// \throws fovea::Error for unknown names and for pairs that do not fit, saying which do
std::unique_ptr<model> make_model(std::string_view network, std::string_view data_set);

/// A line a network: name, parameters, receptive field, what it is for; then the data sets.
std::string list_of_models();

/// The network of that type for the data set of that name, or nothing if they do not fit.
template <class Network>
std::unique_ptr<model> make_model_of(std::string_view data_set);

}  // namespace examples
