// SPDX-License-Identifier: BSD-3-Clause
// What cannot be trained is one error each, and none for the code that goes on to use the trainer.
// errors: 4
// expect: wrong_training<got_type<int>>
// expect: wrong_training<head<0>, got_type<classes<1>>>
// expect: weights are trained as float, or as double
// expect: labels of one kind, these Heads differ in shape
#include <fovea/train/trainer.hpp>

using namespace fovea;

template <class... Last>
using Net = Network<Input<3, 8, 8>, Conv<out<4>>, Last...>;
using Two = Net<Heads<Conv1x1<2>, Sequential<GAP, Conv1x1<3>>>>;

template <class N, class... Mode>
double work(const dataset& data) {
    Weights<N> weights;
    Trainer<N, Mode...> trainer(weights, {.epochs = 3});
    const training_result result = trainer.fit(data, data);
    auto& l = trainer.model();
    l.require_batch(2);
    const step_result step = l.train_step(nullptr, nullptr, 0);
    const step_result same = l.evaluate(nullptr, nullptr, 0);
    return result.best_score + step.loss + same.loss + static_cast<double>(trainer.history().size()) +
           static_cast<double>(l.parameters().size() + l.gradient().size() + l.buffers().size()) +
           static_cast<double>(l.tensor_at(0).size() + l.classes + l.labels_per_image + l.classes_of_label(0) + l.channels);
}
double run(const dataset& data) {
#ifndef CORRECTED
    Weights<Net<>, int> integers;
    learner<Net<>, int> learns(integers);
    return work<Net<>, int>(data) + work<Net<Conv1x1<1>>>(data) + work<Two>(data) +
           static_cast<double>(learns.parameters().size());
#else
    Weights<Net<>, double> doubles;
    learner<Net<>, double> learns(doubles);
    return work<Net<GAP>>(data) + static_cast<double>(learns.parameters().size());
#endif
}
