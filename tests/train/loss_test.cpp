// SPDX-License-Identifier: BSD-3-Clause
// Is every loss right, by itself and under a network, whatever its labels are? Values beside plain double formulas,
// gradients beside differences.
#include "../catch.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <fovea/train.hpp>

#include "support.hpp"

using namespace fovea;
using train_test::contains;
using train_test::refusal;

namespace {

using weighted_numbers = std::vector<double>;
constexpr float not_a_number = detail::not_a_number;

/// A loss on one dense map of random logits, in double.
template <class L, map_layout M>
struct on_map {
    std::vector<double> logits = std::vector<double>(static_cast<std::size_t>(M.extent()));
    std::vector<typename L::label_type> labels = std::vector<typename L::label_type>(L::label_shape(shape()).size());
    L loss{};

    static constexpr Shape shape() {
        return {static_cast<std::size_t>(M.channels), static_cast<std::size_t>(M.height),
                static_cast<std::size_t>(M.width)};
    }
    double& z(std::ptrdiff_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
        return logits[static_cast<std::size_t>(c * M.plane + y * M.pitch + x)];
    }
    double value() const { return loss.template run<double, M>(logits.data(), labels.data(), nullptr, 1.0)[0]; }

    /// The largest error of the gradient at `scale`, beside differences.
    double gradient_error(double scale) {
        std::vector<double> gradient(logits.size(), 0.25);  // it is added to
        const auto sums = loss.template run<double, M>(logits.data(), labels.data(), gradient.data(), scale);
        CHECK(sums[0] == value());
        double worst = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t x = 0; x < M.width; ++x) {
                    double& v = z(c, y, x);
                    const double before = v, step = 1e-5;
                    v = before + step;
                    const double up = value();
                    v = before - step;
                    const double down = value();
                    v = before;
                    const double got = gradient[static_cast<std::size_t>(&v - logits.data())] - 0.25;
                    worst = std::max(worst, std::abs(got - scale * (up - down) / (2 * step)));
                }
            }
        }
        return worst;
    }
};

template <class L, map_layout M>
on_map<L, M> random_map(detail::random_stream& random) {
    on_map<L, M> m;
    for (double& v : m.logits) {
        v = 2 * random.normal();
    }
    detail::draw_labels<L>(m.labels.data(), m.shape(), true, 0.2, random);
    return m;
}

constexpr map_layout maps[] = {make_map_layout(2, 1, 1, 0), make_map_layout(3, 4, 5, 2), make_map_layout(7, 1, 19, 1),
                               make_map_layout(11, 6, 2, 0)};

template <class Check>
void over_maps(Check&& check) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (check(std::integral_constant<std::size_t, I>{}), ...); }
    (std::make_index_sequence<std::size(maps)>{});
}

/// -log of the softmax of z, by the definition.
weighted_numbers minus_log_softmax(const weighted_numbers& z) {
    double sum = 0;
    for (const double v : z) {
        sum += std::exp(v);
    }
    weighted_numbers all;
    for (const double v : z) {
        all.push_back(-std::log(std::exp(v) / sum));
    }
    return all;
}

template <class Integer, long long Percent>
void check_cross_entropy(const char* name) {
    INFO(name);
    using L = cross_entropy_of<smoothing<Percent, 100>, class_labels<Integer>>;
    detail::random_stream random(train_test::seed());
    CAPTURE(train_test::seed());
    over_maps([&](auto i) {
        constexpr map_layout M = maps[i];
        for (const bool weighted : {false, true}) {
            auto m = random_map<L, M>(random);
            weighted_numbers weights(static_cast<std::size_t>(M.channels), 1.0);
            if (weighted) {
                for (double& w : weights) {
                    w = random.chance(0.2) ? 0.0 : 2 * random.uniform();
                }
                m.loss.use_class_weights(weights, m.shape());
            }
            double expected = 0, right = 0;
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t x = 0; x < M.width; ++x) {
                    const auto label = m.labels[static_cast<std::size_t>(y * M.width + x)];
                    if (label == L::ignored) {
                        continue;
                    }
                    weighted_numbers z;
                    for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
                        z.push_back(m.z(c, y, x));
                    }
                    const auto own = static_cast<std::size_t>(label);
                    const auto losses_of = minus_log_softmax(z);
                    expected += (1 - Percent / 100.0) * weights[own] * losses_of[own];
                    for (std::size_t c = 0; c < z.size(); ++c) {
                        expected += Percent / 100.0 / static_cast<double>(z.size()) * weights[c] * losses_of[c];
                    }
                    right +=
                        std::max_element(z.begin(), z.end()) - z.begin() == static_cast<std::ptrdiff_t>(own) ? 1 : 0;
                }
            }
            const auto got = m.loss.template run<double, M>(m.logits.data(), m.labels.data(), nullptr, 1.0);
            CHECK(got[0] == Approx(expected).epsilon(1e-10));
            CHECK(got[1] == right);
            CHECK(m.gradient_error(0.7) < 1e-8);
        }
    });
}

template <class Net, class... Tags>
void check_network_gradient(const char* name, const gradient_check_options& options = {}) {
    const gradient_check_result r = check_gradient<Net, Tags...>(options);
    INFO(name << ": " << r.tensor << " gradient " << r.gradient << ", numeric " << r.numeric);
    CHECK(r.worst < 1e-5);
    CHECK(r.tried > 10);
}

using Body = Sequential<Conv<out<4>>, BatchNorm, ReLU>;
using Classes = Network<Input<2, 5, 6>, Body, Conv1x1<3>, Softmax>;
using Values = Network<Input<2, 5, 6>, Body, Conv<out<3>, stride<2>>>;
using Signal = Network<Input<1, 40>, Conv<out<5>, dil<2>>, Tanh, Conv<out<1>>>;
using Several = Network<Input<2, 5, 6>, Body, Heads<Conv1x1<3>, Sequential<GAP, Conv1x1<4>>, Conv1x1<3>>>;

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
    detail::random_stream random(seed);
    std::vector<float> v(n);
    for (float& x : v) {
        x = static_cast<float>(random.normal());
    }
    return v;
}

/// Signals with what is to be made of them.
struct signals {
    std::vector<float> noisy = random_floats(24 * 40, 1);
    std::vector<float> clean = noisy;
    sample_view view;
    explicit signals(std::size_t n = 24) {
        for (std::size_t i = 1; i + 1 < clean.size(); ++i) {
            clean[i] = 0.5F * noisy[i] + 0.25F * noisy[i - 1];
        }
        clean[5] = not_a_number;
        view = {.images = noisy.data(), .labels = {clean.data(), {1, 1, 40}}, .count = n, .channels = 1, .width = 40};
    }
};

trainer_options quiet() {
    trainer_options o;
    o.epochs = 2;
    o.steps_per_epoch = 10;
    o.batch = 6;
    o.threads = 2;
    o.learning_rate = constant_rate{1e-2};
    o.progress = false;
    o.on_message = [](std::string_view) {};
    return o;
}

/// A loss that is nobody's but the test's: of pairs of bytes.
struct distance {
    using label_type = std::uint16_t;
    static constexpr std::string_view name = "distance";
    static constexpr Shape label_shape(Shape output) { return {2 * output.channels, 1, 1}; }
    static constexpr std::size_t sums = 1;
    static constexpr std::array<metric, 0> metrics{};
    template <class T, map_layout M>
    std::array<double, 1> run(const T* values, const std::uint16_t* ends, T* gradient, T scale) const {
        double sum = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            const T low = static_cast<T>(ends[2 * c]), high = static_cast<T>(ends[2 * c + 1]), v = values[c * M.plane];
            const T over = v < low ? v - low : v > high ? v - high : T(0);
            sum += static_cast<double>(over) * static_cast<double>(over);
            if (gradient != nullptr) {
                gradient[c * M.plane] += 2 * over * scale;
            }
        }
        return {sum};
    }
};
static_assert(loss_function<distance> && loss_function<cross_entropy> && loss_function<mean_squared_error> &&
              loss_function<binary_cross_entropy>);
struct no_run {
    using label_type = float;
    static constexpr std::string_view name = "no_run";
    static constexpr Shape label_shape(Shape output) { return output; }
    static constexpr std::size_t sums = 1;
    static constexpr std::array<metric, 0> metrics{};
};
static_assert(!loss_function<no_run> && !loss_function<int>);

}  // namespace

TEST_CASE("cross-entropy is that of its definition, with weights and smoothing, for labels of every type") {
    check_cross_entropy<std::uint8_t, 0>("bytes");
    check_cross_entropy<std::uint8_t, 10>("bytes, smoothed");
    check_cross_entropy<std::uint16_t, 30>("uint16");
    check_cross_entropy<std::int32_t, 0>("int32");
}

TEST_CASE("mean squared error and binary cross-entropy are those of their definitions") {
    detail::random_stream random(train_test::seed());
    CAPTURE(train_test::seed());
    over_maps([&](auto i) {
        constexpr map_layout M = maps[i];
        auto squares = random_map<mean_squared_error, M>(random);
        auto binary = random_map<binary_cross_entropy, M>(random);
        double sum = 0, loss = 0, right = 0;
        std::size_t at = 0;
        for (std::ptrdiff_t c = 0; c < M.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < M.height; ++y) {
                for (std::ptrdiff_t x = 0; x < M.width; ++x, ++at) {
                    if (const float t = squares.labels[at]; t == t) {
                        sum += std::pow(squares.z(c, y, x) - static_cast<double>(t), 2);
                    }
                    if (const double t = static_cast<double>(binary.labels[at]); t == t) {
                        const double s = 1 / (1 + std::exp(-binary.z(c, y, x)));
                        loss -= t * std::log(s) + (1 - t) * std::log(1 - s);
                        right += (s > 0.5) == (t > 0.5) ? 1 : 0;
                    }
                }
            }
        }
        CHECK(squares.value() == Approx(sum).epsilon(1e-10));
        CHECK(squares.gradient_error(0.3) < 1e-7);
        const auto got = binary.loss.template run<double, M>(binary.logits.data(), binary.labels.data(), nullptr, 1.0);
        CHECK(got[0] == Approx(loss).epsilon(1e-8));
        CHECK(got[1] == right);
        CHECK(binary.gradient_error(0.3) < 1e-8);
    });
}

TEST_CASE("binary cross-entropy keeps its digits far from zero, and passes NaN on") {
    const auto at = [](float z, float t, float& g) {
        constexpr map_layout m = make_map_layout(1, 1, 1, 0);
        g = 0;
        return binary_cross_entropy{}.run<float, m>(&z, &t, &g, 1.0F)[0];
    };
    float g = 0;
    for (const float z : {30.0F, 90.0F, 1e30F}) {
        CHECK(at(z, 0, g) == Approx(static_cast<double>(z)).epsilon(1e-12));
        CHECK(g == 1);
        CHECK(at(-z, 1, g) == Approx(static_cast<double>(z)).epsilon(1e-12));
        CHECK(g == -1);
        CHECK(at(z, 1, g) == Approx(std::log1p(std::exp(-static_cast<double>(z)))).epsilon(1e-6));
        CHECK(at(-z, 0, g) == at(z, 1, g));
    }
    CHECK(detail::is_nan(at(not_a_number, 1, g)));
    CHECK(detail::is_nan(g));
    CHECK(at(3, not_a_number, g) == 0);
    CHECK(g == 0);
}

TEST_CASE("gradients of networks under every loss agree with central differences") {
    check_network_gradient<Classes, loss<cross_entropy_of<smoothing<1, 10>>>>("smoothed");
    check_network_gradient<Classes>("weighted", {.class_weights = {0.5, 2, 0.75}});
    check_network_gradient<Classes, loss<cross_entropy_of<class_labels<std::int32_t>, smoothing<1, 5>>>>(
        "both", {.class_weights = {0.5, 2, 0.75}});
    check_network_gradient<Values, loss<mean_squared_error>>("squares");
    check_network_gradient<Values, loss<binary_cross_entropy>>("binary");
    check_network_gradient<Signal, loss<mean_squared_error>>("signal");
    check_network_gradient<Several, fast,
                           losses<head<2, mean_squared_error, weight<3, 2>>, head<0, cross_entropy, weight<1, 4>>,
                                  head<1, binary_cross_entropy>>>("several");
    check_network_gradient<Several,
                           losses<head<0, cross_entropy>, head<1, cross_entropy>, head<2, cross_entropy, own_labels>>>(
        "own labels");
}

TEST_CASE("class weights weigh the mean") {
    auto w = he_normal<Classes>(3);
    const std::vector<double> weights{0.5, 2, 0.75};
    learner<Classes> plain(w), weighted(w, {}, weights);
    const auto images = random_floats(2 * 60, 4);
    std::vector<std::uint8_t> labels(60);
    for (std::size_t i = 0; i < 60; ++i) {
        labels[i] = i % 7 == 0 ? ignore_label : static_cast<std::uint8_t>(i % 3);
    }
    // The weighted mean of the means of each class's pixels.
    double sum = 0, all = 0;
    for (std::uint8_t c = 0; c < 3; ++c) {
        auto own = labels;
        double count = 0;
        for (auto& l : own) {
            l = l == c ? l : ignore_label;
            count += l == c ? 1 : 0;
        }
        sum += weights[c] * count * plain.evaluate(images.data(), own.data(), 2).loss;
        all += weights[c] * count;
    }
    const step_result r = weighted.evaluate(images.data(), labels.data(), 2);
    CHECK(r.loss == Approx(sum / all).epsilon(1e-6));
    CHECK(r.counted == 60 - 9);
    CHECK(weighted.figures(r.sums)[1] == plain.figures(plain.evaluate(images.data(), labels.data(), 2).sums)[1]);
    CHECK(weighted.loss_text() == "cross_entropy, class weights 0.5,2,0.75");

    using bad = std::vector<double>;
    CHECK(contains(refusal([&] { learner<Classes>(w, {}, bad{1, 2}); }), "2 weights, the network has 3 classes"));
    CHECK(contains(refusal([&] { learner<Classes>(w, {}, bad{1, -2, 1}); }), "for class 1"));
    CHECK(contains(refusal([&] { learner<Classes>(w, {}, bad{1, 1, std::nan("")}); }), "for class 2"));
    auto v = he_normal<Values>(3);
    CHECK(contains(refusal([&] {
                       learner<Values, float, loss<mean_squared_error>>(v, {}, bad{1, 1, 1});
                   }),
                   "mean_squared_error takes none"));
    auto options = quiet();
    options.class_weights = {1, 1};
    CHECK(contains(refusal([&] { Trainer<Classes>(w, options); }), "class_weights"));
}

TEST_CASE("more than 255 classes, by labels of two or four bytes") {
    using Many = Network<Input<1, 2, 3>, Conv1x1<300>, Softmax>;
    auto w = he_normal<Many>(3);
    const auto images = random_floats(6, 4);
    const auto check = [&](auto& model, auto last, auto ignored, auto wrong, const char* text) {
        std::vector<decltype(last)> labels(6, last);
        labels[2] = ignored;
        const step_result r = model.train_step(images.data(), labels.data(), 1);
        CHECK(r.counted == 5);
        const auto bias = w.tensor("0.bias");
        const auto gradient = model.gradient().last(300);
        CHECK(gradient[299] < -0.9F);  // its probability is small
        CHECK(gradient[0] > 0.0F);
        labels[1] = wrong;
        CHECK(contains(refusal([&] { model.train_step(images.data(), labels.data(), 1); }), text));
        return r.loss;
    };
    learner<Many, float, loss<cross_entropy_of<class_labels<std::uint16_t>>>> two(w);
    learner<Many, float, loss<cross_entropy_of<class_labels<std::int32_t>>>> four(w);
    const double loss_of_two = check(two, std::uint16_t{299}, std::uint16_t{65535}, std::uint16_t{300},
                                     "label 300 of image 0: expected 0 to 299, or 65535 to ignore it");
    CHECK(check(four, std::int32_t{299}, std::int32_t{-1}, std::int32_t{-2},
                "label -2 of image 0: expected 0 to 299, or -1 to ignore it") == loss_of_two);
}

TEST_CASE("heads have losses, weights and labels of their own, as a struct has its members") {
    using model_type =
        learner<Several, float,
                losses<head<0, cross_entropy>, head<1, mean_squared_error, weight<1, 2>>, head<2, cross_entropy>>>;
    struct record {
        std::uint8_t classes[30];
        float targets[4];
    };
    static_assert(model_type::label_bytes == sizeof(record));
    static_assert(std::is_same_v<model_type::label_type, std::byte>);
    auto w = he_normal<Several>(3);
    model_type model(w);
    CHECK(model.label_sources().size() == 2);  // heads 0 and 2 share theirs
    std::vector<record> labels(2);
    for (auto& r : labels) {
        std::fill(std::begin(r.classes), std::end(r.classes), std::uint8_t{1});
        std::fill(std::begin(r.targets), std::end(r.targets), 0.25F);
    }
    labels[1].targets[2] = not_a_number;
    const auto images = random_floats(2 * 60, 4);
    const step_result r = model.evaluate(images.data(), reinterpret_cast<const std::byte*>(labels.data()), 2);
    const auto names = model.figure_names();
    const auto values = model.figures(r.sums);
    REQUIRE(names.size() == 7);
    CHECK((names[1].name == "head0_loss" && names[2].name == "head0_accuracy" && names[4].name == "head1_rmse"));
    CHECK(values[0] == r.loss);
    CHECK(r.loss == Approx(values[1] + 0.5 * values[3] + values[5]));
    CHECK(values[4] == Approx(std::sqrt(values[3])));
    CHECK(model.loss_text() == "cross_entropy, mean_squared_error x 0.5, cross_entropy");

    // The same of outputs by Engine.
    double squares = 0;
    Engine<Several> engine(w);
    for (std::size_t i = 0; i < 2; ++i) {
        std::vector<float> a(90), b(4), c(90);
        engine.run(images.data() + 60 * i, {a.data(), b.data(), c.data()});
        for (std::size_t k = 0; k < 4; ++k) {
            squares += i == 1 && k == 2 ? 0 : std::pow(static_cast<double>(b[k]) - 0.25, 2);
        }
    }
    CHECK(values[3] == Approx(squares / 7).epsilon(1e-5));

    // And under a Trainer, whose data has a view for each kind.
    const auto inputs = random_floats(9 * 60, 5), targets = random_floats(9 * 4, 6);
    const std::vector<std::uint8_t> classes(9 * 30, 2);
    const sample_view data{.images = inputs.data(),
                           .labels = {{classes.data(), {1, 5, 6}}, {targets.data(), {4, 1, 1}}},
                           .count = 9,
                           .channels = 2,
                           .height = 5,
                           .width = 6};
    Trainer<Several, losses<head<0, cross_entropy>, head<1, mean_squared_error, weight<1, 2>>, head<2, cross_entropy>>>
        trainer(w, quiet());
    const auto result = trainer.fit(data, data);
    CHECK(result.metrics.size() == 6);
    CHECK(result.history.back().train_loss < result.history.front().train_loss);
    CHECK(result.best_score == result.history.back().validation_metrics[1]);  // head0_accuracy
    auto swapped = data;
    swapped.labels = {{targets.data(), {4, 1, 1}}, {classes.data(), {1, 5, 6}}};
    CHECK(contains(refusal([&] { trainer.fit(swapped); }),
                   "labels of 4x1x1 float32, cross_entropy of an output of 3x5x6 takes 1x5x6 uint8"));
    swapped.labels = {{classes.data(), {1, 5, 6}}};
    CHECK(contains(refusal([&] { trainer.fit(swapped); }), "1 kinds of labels, the network's losses take 2"));
}

TEST_CASE("a loss of another kind: labels of its own shape, without metrics, ignoring none") {
    using Net = Network<Input<1, 4, 4>, Conv<out<3>>, GAP>;
    check_network_gradient<Network<Input<1, 4, 4>, Conv<out<3>>, Tanh, Conv<out<3>>, GAP>, loss<mean_squared_error>>(
        "mean");
    auto w = he_normal<Net>(2);
    const auto images = random_floats(8 * 16, 5);
    std::vector<std::uint16_t> ends;
    for (int i = 0; i < 24; ++i) {
        ends.insert(ends.end(), {1, 2});
    }
    auto options = quiet();
    options.epochs = 20;
    const train_test::scratch folder;
    options.csv = folder / "log.csv";
    options.optimiser = sgd_options{};
    const auto result = Trainer<Net, loss<distance>>(w, options)
                            .fit({.images = images.data(),
                                  .labels = {ends.data(), {6, 1, 1}},
                                  .count = 8,
                                  .channels = 1,
                                  .height = 4,
                                  .width = 4});
    CHECK(result.metrics.empty());
    CHECK(result.history.back().train_loss < 0.5 * result.history.front().train_loss);
    CHECK(train_test::get(options.csv).starts_with("epoch,train_loss,val_loss,learning_rate,seconds\n1,"));
}

TEST_CASE("a loop of one's own, by forward() and backward(), takes the Trainer's steps to the bit") {
    const signals data;
    auto expected = he_normal<Signal>(7), got = expected;
    auto options = quiet();
    options.optimiser = sgd_options{.momentum = 0.9};
    options.restore_best = false;
    Trainer<Signal, loss<mean_squared_error>>(expected, options).fit(data.view);

    learner<Signal, float, loss<mean_squared_error>> model(got, thread_count{2});  // its loss is not asked
    optimiser<float> sgd(options.optimiser, parameter_count<Signal>);
    batch_stream<float> stream{data.view, unit_normalisation(1), {.batch = options.batch, .seed = options.seed}};
    std::vector<float> outputs(options.batch * model.outputs_per_image), gradient(outputs.size());
    for (int step = 0; step < 20; ++step) {
        const auto batch = stream.next();
        const float* targets = batch.labels_as<float>();
        std::size_t counted = 0;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            counted += detail::is_nan(targets[i]) ? 0U : 1U;
        }
        model.forward(batch.images, batch.size, outputs.data());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const auto scale = static_cast<float>(1.0 / static_cast<double>(counted));
            gradient[i] = detail::is_nan(targets[i]) ? 0 : 2 * (outputs[i] - targets[i]) * scale;
        }
        REQUIRE(model.backward(gradient.data()).empty());
        REQUIRE(sgd.step(model.parameters(), model.gradient(), 1e-2));
    }
    CHECK(got == expected);
    CHECK(contains(refusal([&] { model.backward(gradient.data()); }),
                   "expected one forward() of this learner before it"));
    model.forward(data.noisy.data(), 6, outputs.data());
    model.evaluate(data.noisy.data(), data.clean.data(), 6);
    CHECK_THROWS_AS(model.backward(gradient.data()), Error);  // its maps are another batch's
}

TEST_CASE(
    "forward() and backward() of several heads and of a BatchNorm: train_step's gradient, logits and statistics") {
    using Twice = Network<Input<2, 5, 6>, Body, Heads<Conv1x1<3>, Sequential<GAP, Conv1x1<4>>, Identity>>;
    using tags = loss<mean_squared_error>;
    const auto images = random_floats(5 * 60, 4);
    auto w = he_normal<Twice>(3), v = w;
    learner<Twice, float, tags> whole(w), halves(v);
    const auto targets = random_floats(5 * halves.outputs_per_image, 8);
    std::vector<float> outputs(targets.size()), gradient(targets.size());
    // Each head's mean is over its own values.
    const std::size_t sizes[] = {90, 4, 120};
    const step_result r = whole.train_step(images.data(), targets.data(), 5);
    halves.forward(images.data(), 5, outputs.data());
    std::size_t at = 0;
    double losses_of_heads[3] = {};
    for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t h = 0; h < 3; ++h) {
            const auto scale = static_cast<float>(1.0 / static_cast<double>(5 * sizes[h]));
            for (std::size_t k = 0; k < sizes[h]; ++k, ++at) {
                const float difference = outputs[at] - targets[at];
                gradient[at] = 2 * difference * scale;
                losses_of_heads[h] += static_cast<double>(difference) * static_cast<double>(difference) /
                                      static_cast<double>(5 * sizes[h]);
            }
        }
    }
    REQUIRE(at == outputs.size());
    CHECK(halves.backward(gradient.data()).empty());
    CHECK(std::equal(whole.gradient().begin(), whole.gradient().end(), halves.gradient().begin()));
    CHECK(w == v);
    CHECK(r.loss == Approx(losses_of_heads[0] + losses_of_heads[1] + losses_of_heads[2]));
    // What is not finite is said, and the statistics are those of before.
    halves.forward(images.data(), 5, outputs.data());
    gradient[7] = not_a_number;
    CHECK(!halves.backward(gradient.data()).empty());
    CHECK(w == v);
}

TEST_CASE(
    "targets and inputs of floats: as they are, or normalised; moved with their pixels; refused if they do not fit") {
    const std::vector<float> inputs = random_floats(4 * 6, 1), targets = random_floats(4 * 12, 2);
    const std::vector<std::uint16_t> classes(4, 3);
    sample_view data{.images = inputs.data(),
                     .labels = {{targets.data(), {2, 2, 3}}, {classes.data()}},
                     .count = 4,
                     .channels = 1,
                     .height = 2,
                     .width = 3};
    struct record {
        float targets[12];
        std::uint16_t classes;
    };
    const auto first = [&](const channel_normalisation& n, augment_options augment, bool shuffled) {
        batch_stream<float> stream{data, n, {.batch = 4, .seed = 3, .shuffled = shuffled, .augment = augment}};
        const auto b = stream.next();
        std::vector<record> records(4);
        std::memcpy(records.data(), b.labels, 4 * sizeof(record));
        return std::pair{std::vector<float>(b.images, b.images + 24), records};
    };
    const auto [plain, records] = first(unit_normalisation(1), {}, false);
    CHECK(plain == inputs);
    CHECK(records[2].targets[5] == targets[2 * 12 + 5]);
    CHECK(records[3].classes == 3);
    const auto scaled = first({{0.5F}, {2.0F}}, {}, false).first;
    CHECK(scaled[7] == Approx((inputs[7] - 0.5F) / 2));
    // Every sample's targets are its input twice: they must move as it does.
    std::vector<float> twice(48);
    for (std::size_t i = 0; i < 48; ++i) {
        twice[i] = inputs[i / 12 * 6 + i % 6];
    }
    data.labels = {{twice.data(), {2, 2, 3}}, {classes.data()}};
    const auto [moved, labels] = first(unit_normalisation(1), {.shift = 0.4, .flip = true}, true);
    CHECK(moved != inputs);
    for (std::size_t i = 0; i < 48; ++i) {
        CHECK(labels[i / 12].targets[i % 12] == moved[i / 12 * 6 + i % 6]);
    }
    data.labels = {{targets.data(), {3, 2, 2}}};
    CHECK(contains(refusal([&] { first(unit_normalisation(1), {.flip = true}, true); }),
                   "labels of 3x2x2 have not the positions of images of 1x2x3"));
    augment_options own;
    own.custom = [](auto, auto, auto&) {};
    CHECK(contains(refusal([&] { first(unit_normalisation(1), own, true); }), "takes images and labels of bytes"));

    const signals tones;
    auto weights = he_normal<Signal>(1);
    Trainer<Signal, loss<mean_squared_error>> trainer(weights, quiet());
    CHECK(trainer.fit(tones.view).normalisation == unit_normalisation(1));
    auto wrong = tones.noisy;
    wrong[85] = HUGE_VALF;
    auto view = tones.view;
    view.images = wrong.data();
    CHECK(contains(refusal([&] { trainer.fit(view); }), "value 5 of sample 2 is not finite"));
    view = tones.view;
    wrong = tones.clean;
    wrong[90] = -HUGE_VALF;
    view.labels = {wrong.data(), {1, 1, 40}};
    CHECK(contains(
        refusal([&] { trainer.fit(view); }),
        "label -inf of sample 2, mean_squared_error of an output of 1x1x40 takes finite numbers, or nan to ignore it"));
    view.labels = {tones.clean.data(), {1, 1, 39}};
    CHECK(contains(refusal([&] { trainer.fit(view); }), "labels of 1x1x39 float32"));
    const std::vector<std::uint8_t> bytes(24 * 40);
    view.labels = {bytes.data(), {1, 1, 40}};
    CHECK(contains(refusal([&] { trainer.fit(view); }), "labels of 1x1x40 uint8"));
}

TEST_CASE("log, best and checkpoint call figures as the loss does, and a resumed run ends the same") {
    const signals data;
    const train_test::scratch folder;
    auto options = quiet();
    options.epochs = 4;
    options.csv = folder / "a.csv";
    std::vector<double> scores, rmse;
    std::string said;
    options.progress = true;
    options.on_message = [&](std::string_view text) { said += std::string(text) + "\n"; };
    options.on_epoch = [&](epoch_report& r) {
        scores.push_back(r.score.value());
        rmse.push_back(r.record.validation_metrics.at(0));
    };
    auto expected = he_normal<Signal>(7);
    using trainer_type = Trainer<Signal, loss<mean_squared_error>>;
    const auto whole = trainer_type(expected, options).fit(data.view, data.view);
    CHECK(train_test::get(options.csv)
              .starts_with("epoch,train_loss,train_rmse,val_loss,val_rmse,learning_rate,seconds\n1,"));
    REQUIRE(whole.metrics.size() == 1);
    CHECK((whole.metrics[0].name == "rmse" && whole.metrics[0].is == better::down));
    CHECK(contains(said, "rmse 0."));
    for (std::size_t e = 0; e < 4; ++e) {
        CHECK(scores[e] == -rmse[e]);
        CHECK(rmse[e] == Approx(std::sqrt(whole.history[e].validation_loss)));
    }
    CHECK(whole.best_epoch ==
          1 + static_cast<std::uint64_t>(std::min_element(rmse.begin(), rmse.end()) - rmse.begin()));
    auto other = quiet();
    other.best = "accuracy";
    CHECK(
        contains(refusal([&] { trainer_type(expected, other); }), "best 'accuracy': expected one of none, loss, rmse"));

    options.on_epoch = {};
    options.progress = false;
    options.checkpoint = folder / "run.ckpt";
    options.resume = true;
    Weights<Signal> weights;
    for (bool finished = false; !finished;) {
        weights = he_normal<Signal>(7);
        int steps = 0;
        options.on_step = [&](step_report& r) {
            CHECK(r.metrics.size() == 1);
            r.stop = ++steps == 13;
        };
        finished = trainer_type(weights, options).fit(data.view, data.view).status == training_status::finished;
    }
    CHECK(weights == expected);
    using huberless = Trainer<Signal, loss<binary_cross_entropy>>;
    auto targets = data.clean;
    for (float& t : targets) {
        t = t > 0 ? 1.0F : 0.0F;
    }
    auto view = data.view;
    view.labels = {targets.data(), {1, 1, 40}};
    CHECK(contains(refusal<FileError>([&] { huberless(weights, options).fit(view, view); }),
                   "option 'loss': expected binary_cross_entropy, got mean_squared_error"));
}

TEST_CASE("a Trainer can be moved") {
    const signals data;
    auto one = he_normal<Signal>(7), two = he_normal<Signal>(8);
    auto expected = one;
    using trainer_type = Trainer<Signal, loss<mean_squared_error>>;
    trainer_type(expected, quiet()).fit(data.view);
    std::vector<trainer_type> trainers;
    trainers.emplace_back(two, quiet());
    trainer_type first(one, quiet());
    trainers.push_back(std::move(first));
    std::swap(trainers[0], trainers[1]);
    CHECK(trainers[0].fit(data.view).status == training_status::finished);
    CHECK(one == expected);
    CHECK(two == he_normal<Signal>(8));
    CHECK(trainers[0].history().size() == 2);
}
