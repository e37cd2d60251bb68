// SPDX-License-Identifier: BSD-3-Clause
// What stands behind `model`? One network type with its weights. Included by models/*.cpp only: each instantiates the
// kernels of one network, so that compilers run side by side and none needs much memory.
#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include <fovea/train.hpp>

#include "model.hpp"
#include "networks.hpp"

namespace examples {

template <class Network>
class model_of final : public model {
public:
    fovea::Shape input() const override { return fovea::input_shape<Network>; }
    fovea::Shape output() const override { return fovea::output_shape<Network>; }
    std::size_t parameters() const override { return fovea::parameter_count<Network>; }
    std::string_view table() const override { return fovea::summary<Network>; }

    void initialise(std::uint64_t seed) override { weights_ = fovea::he_normal<Network>(seed); }
    void load(const fovea::safetensors::file& file) override { weights_ = fovea::load<Network>(file); }
    void save(const std::string& path, const fovea::safetensors::metadata_map& metadata) const override {
        fovea::save(weights_, path, metadata);
    }

    fovea::training_result train(const fovea::dataset& train, const fovea::dataset& validation,
                                 fovea::trainer_options options) override {
        return fovea::Trainer<Network>(weights_, std::move(options)).fit(train, validation);
    }

    void predict(const float* images, std::size_t count, float* to, std::size_t threads) const override {
        fovea::detail::thread_pool pool(std::min(threads, count));
        std::deque<fovea::Engine<Network>> engines;
        for (std::size_t member = 0; member < pool.size(); ++member) {
            engines.emplace_back(weights_);
        }
        pool.for_each(count, [&](std::size_t i, std::size_t member) {
            engines[member].run(images + i * input().size(), to + i * output().size());
        });
    }

private:
    fovea::Weights<Network> weights_;
};

template <class Network>
std::unique_ptr<model> make_model_of([[maybe_unused]] std::string_view data_set) {
#if defined(FOVEA_EXAMPLE_LEFT_OUT)
    throw fovea::Error("this program was built without this network (CMake's FOVEA_EXAMPLE_NETWORKS)");
#else
    std::unique_ptr<model> made;
    hana::for_each(data_sets, [&](auto set) {
        using data = decltype(set);
        if constexpr (fits<Network, data>) {
            if (data_set == data::name) {
                made = std::make_unique<model_of<adapted<Network, data>>>();
            }
        }
    });
    return made;
#endif
}

}  // namespace examples
