// SPDX-License-Identifier: BSD-3-Clause
// docs/training.md: what can be chosen, on data of a few pixels.
#include <cstdio>
#include <vector>

#include <fovea/train.hpp>

using namespace fovea;

using Net = Network<Input<1, 6, 8>, Conv<out<4>>, BatchNorm, ReLU, Conv1x1<3>, Softmax>;   // a class for every pixel

int main() {
    std::vector<std::uint8_t> images(20 * 6 * 8);
    std::vector<std::uint8_t> labels(20 * 6 * 8);
    for (std::size_t i = 0; i < images.size(); ++i) {
        images[i] = static_cast<std::uint8_t>(i * 37 % 256);
        labels[i] = images[i] < 100 ? 0 : images[i] < 200 ? 1 : 2;
    }

    // [view]
    sample_view data{.images = images.data(),    // bytes, N x C x H x W
                     .labels = {labels.data(), {1, 6, 8}},  // a class a position; labels.data() alone: one an image; 255 is not counted
                     .count = 20,
                     .channels = 1,
                     .height = 6,
                     .width = 8};
    // [view]

    // [options]
    trainer_options options;
    options.epochs = 3;
    options.steps_per_epoch = 10;
    options.batch = 4;
    options.optimiser = adamw_options{.weight_decay = 0.01};
    options.learning_rate = one_cycle_rate{.peak = 0.02};
    options.best = "loss";
    options.on_epoch = [](epoch_report& r) { std::printf("epoch %d\n", static_cast<int>(r.record.epoch)); };
    // [options]
    options.progress = false;

    // [fit]
    auto weights = he_normal<Net>(1);
    Trainer<Net> trainer(weights, options);
    training_result result = trainer.fit(data, data);
    if (result.status == training_status::finished) {
        save(weights, "segment.safetensors");
    }
    // [fit]
    const std::vector<float> batch(2 * 6 * 8, 0.5F);
    const std::vector<std::uint8_t> batch_labels(2 * 6 * 8, 1);
    // [loop]
    learner<Net> model(weights, thread_count{2});
    optimiser<float> adam(adam_options{}, parameter_count<Net>);
    const step_result step = model.train_step(batch.data(), batch_labels.data(), 2);
    if (!step.not_finite.empty()) {  // "loss", or the tensor: running statistics are those of before the step
        std::printf("%s is not finite\n", std::string(step.not_finite).c_str());
    } else if (!adam.step(model.parameters(), model.gradient(), 1e-3)) {
        const tensor_info* broken = first_not_finite(weights);  // null: the optimiser's state
        std::printf("%s\n", broken == nullptr ? "adam" : std::string(std::string_view(broken->name)).c_str());
    }
    // [loop]
    // [gradient]
    const gradient_check_result check = check_gradient<Net>();
    const bool right = check.worst < 1e-5;
    // [gradient]
    std::printf("loss %.3f then %.3f\n", result.history.front().train_loss, result.history.back().train_loss);
    return right && result.history.back().train_loss < result.history.front().train_loss ? 0 : 1;
}
