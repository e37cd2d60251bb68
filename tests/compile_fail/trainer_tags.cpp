// SPDX-License-Identifier: BSD-3-Clause
// Tags that a trainer does not take, or takes once: an error each.
// errors: 7
// expect: wrong_training<got_type<batch<8>>>
// expect: wrong_training<got_type<fast>, got_type<exact>>
// expect: wrong_training<got_type<fast>, got_type<fast>>
// expect: wrong_training<got_type<loss<mean_squared_error>>, got_type<loss<cross_entropy_of<>>>>
// expect: has_outputs<2>
// expect: threads, batch and all else that changes no code are given when it is made
// expect: tags are given once: exact and fast are one choice, loss and losses another
// expect: losses<> takes head<I, L, options...> once for each of the network's outputs, from head 0
#include <fovea/train/mean_squared_error.hpp>
#include <fovea/train/trainer.hpp>

using namespace fovea;

using Two = Network<Input<3, 8, 8>, Heads<Conv1x1<2>, Sequential<GAP, Conv1x1<3>>>>;

template <class... Tags>
double work(const sample_view& data) {
    Weights<Two> weights;
    Trainer<Two, Tags...> trainer(weights);
    return trainer.fit(data).best_score;
}
double run(const sample_view& v) {
#ifndef CORRECTED
    return work<fast, batch<8>>(v) + work<fast, exact>(v) + work<fast, fast>(v) +
           work<loss<mean_squared_error>, loss<cross_entropy>>(v) +
           work<losses<head<0, cross_entropy>>>(v) +                                           // one is missing
           work<losses<head<0, cross_entropy>, head<0, cross_entropy>>>(v) +                   // one twice
           work<losses<head<0, cross_entropy>, head<1, mean_squared_error, weight<0>>>>(v);
#else
    return work<fast>(v) + work<loss<mean_squared_error>, exact>(v) +
           work<losses<head<1, mean_squared_error, weight<1, 2>, own_labels>, head<0, cross_entropy>>, fast>(v);
#endif
}
