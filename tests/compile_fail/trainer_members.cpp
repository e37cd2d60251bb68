// SPDX-License-Identifier: BSD-3-Clause
// What cannot be trained is one error each, and none for the code that goes on to use the trainer.
// errors: 4
// expect: wrong_training<got_type<int>>
// expect: wrong_training<head<0>, got_type<cross_entropy_of<>>, of_channels<1>>
// expect: weights are trained as float, or as double
// expect: this loss is of another output; cross_entropy takes 2 channels, the classes, to 255
// expect: a Trainer or learner takes exact or fast, and loss<L> or losses<head<I, L>...>
#include <fovea/train/trainer.hpp>

using namespace fovea;

template <class... Last>
using Net = Network<Input<3, 8, 8>, Conv<out<4>>, Last...>;
using Many = Net<Heads<Conv1x1<2>, Sequential<GAP, Conv1x1<300>>>>;

template <class N, class... Tags>
double work(const dataset& data) {
    Weights<N> weights;
    Trainer<N, Tags...> trainer(weights, {.epochs = 3});
    const training_result result = trainer.fit(data, data);
    auto& l = trainer.model();
    l.require_batch(2);
    const step_result step = l.train_step(nullptr, nullptr, 0);
    const step_result same = l.evaluate(nullptr, nullptr, 0);
    l.forward(nullptr, 0, nullptr);
    return result.best_score + step.loss + same.loss + l.figures(step.sums)[0] +
           static_cast<double>(trainer.history().size() + l.figure_names().size() + l.label_sources().size() + l.loss_text().size()) +
           static_cast<double>(l.parameters().size() + l.gradient().size() + l.buffers().size() + l.backward(nullptr).size()) +
           static_cast<double>(l.tensor_at(0).size() + l.label_bytes + l.labels_per_image + l.outputs_per_image + l.channels);
}
double run(const dataset& data) {
#ifndef CORRECTED
    Weights<Net<>, int> integers;
    learner<Net<>, int> learns(integers);
    return work<Net<>, int>(data) + work<Net<Conv1x1<1>>>(data) + work<Many>(data) +
           static_cast<double>(learns.parameters().size());
#else
    Weights<Net<>, double> doubles;
    learner<Net<>, double> learns(doubles);
    return work<Net<GAP>>(data) + work<Many, loss<cross_entropy_of<class_labels<std::uint16_t>>>>(data) +
           static_cast<double>(learns.parameters().size());
#endif
}
