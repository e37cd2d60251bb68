// SPDX-License-Identifier: BSD-3-Clause
// Do the families train? One step of gradient descent on a batch lowers its loss, and every weight has a part in it.
#include "../catch.hpp"

#include <cmath>
#include <vector>

#include <fovea/train.hpp>

#include "reduced.hpp"

namespace {

namespace reduced = family::reduced;
using namespace fovea;

template <class Net>
void trains(const char* name, float rate) {
    INFO(name);
    using model = learner<Net>;
    constexpr std::size_t images = 4, size = input_shape<Net>.size();
    detail::random_stream random(5);
    std::vector<float> x(images * size);
    for (float& v : x) {
        v = static_cast<float>(random.normal());
    }
    std::vector<std::uint8_t> labels(images * model::labels_per_image);
    for (std::uint8_t& l : labels) {
        l = static_cast<std::uint8_t>(random.below(output_shape<Net>.channels));
    }
    auto weights = he_normal<Net>(3);
    model m(weights);
    const double before = m.train_step(x.data(), labels.data(), images).loss;
    for (const tensor_info& t : tensors<Net>) {
        if (t.trainable) {
            double sum = 0;
            for (std::size_t k = 0; k < t.size(); ++k) {
                const float g = m.gradient()[t.offset + k];
                sum += std::abs(double{g});
                weights[t][k] -= rate * g;
            }
            INFO(t.name.view());
            CHECK((sum > 0 || t.rank == 1));  // a bias in front of a BatchNorm has none
        }
    }
    CHECK((m.train_step(x.data(), labels.data(), images).loss) < before);
}

}  // namespace

TEST_CASE("families train") {
    trains<reduced::ResNetDilated>("ResNetDilated", 0.01F);
    trains<reduced::Trident>("Trident", 0.01F);
    trains<reduced::HrFull>("HrFull", 0.01F);
    trains<reduced::WaveNet>("WaveNet", 0.01F);
}
