// SPDX-License-Identifier: BSD-3-Clause
// What is no loss, or not of this network: an error each, which names what is missing.
// errors: 8
// lines: 30
// expect: wrong_training<got_type<without_run>, lacks<members::run>>
// expect: wrong_training<got_type<without_name>, lacks<members::name>>
// expect: wrong_training<got_type<int>, lacks<members::label_type>>
// expect: this is no loss; train/loss.hpp says what a loss has
// expect: wrong_training<got_type<called_loss>, members::metrics>
// expect: metrics have names of their own, of a-z, 0-9 and _, other than loss
// expect: cross_entropy_of takes smoothing<A, B>, a share of at least 0 and below 1
// expect: wrong_training<head<0>, got_type<mean_squared_error>, got_type<Softmax>>
// expect: a last Softmax is part of cross-entropy and of no other loss
// expect: wrong_training<head<0>, got_type<binary_cross_entropy>, got_type<Sigmoid>>
// expect: this loss contains the sigmoid: it takes logits; leave the last Sigmoid out
#include <fovea/train/binary_cross_entropy.hpp>
#include <fovea/train/mean_squared_error.hpp>
#include <fovea/train/trainer.hpp>

using namespace fovea;

struct without_run {
    using label_type = float;
    static constexpr std::string_view name = "without_run";
    static constexpr Shape label_shape(Shape output) { return output; }
    static constexpr std::size_t sums = 1;
    static constexpr std::array<metric, 0> metrics{};
};
struct without_name {
    using label_type = float;
    static constexpr Shape label_shape(Shape output) { return output; }
};
struct called_loss : mean_squared_error {
    static constexpr std::array<metric, 1> metrics{
        metric{.name = "loss", .value = [](std::span<const double> s, double) { return s[0]; }}};
};

template <class L, class... Last>
double work(const sample_view& data) {
    using Net = Network<Input<3, 8, 8>, Conv<out<4>>, Last...>;
    Weights<Net> weights;
    return Trainer<Net, loss<L>>(weights).fit(data).best_score;
}
double run(const sample_view& v) {
#ifndef CORRECTED
    return work<without_run>(v) + work<without_name>(v) + work<int>(v) + work<called_loss>(v) +
           work<cross_entropy_of<smoothing<1, 1>>>(v) + work<cross_entropy_of<class_labels<float>>>(v) +
           work<mean_squared_error, Softmax>(v) + work<binary_cross_entropy, Sigmoid>(v);
#else
    return work<cross_entropy_of<class_labels<std::int32_t>, smoothing<1, 10>>, Softmax>(v) +
           work<mean_squared_error, Sigmoid>(v) + work<binary_cross_entropy>(v);
#endif
}
