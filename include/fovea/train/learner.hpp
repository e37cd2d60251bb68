// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a network's loss? Forward with batch statistics, loss, backward; batches are shared among
// threads image by image, and every sum is taken in an order that does not depend on how many there are.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/thread_pool.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/train/figures.hpp>
#include <fovea/train/history.hpp>
#include <fovea/train/operations.hpp>
#include <fovea/train/train_plan.hpp>
#include <fovea/train/trained_network.hpp>
#include <fovea/train/training_tags.hpp>

namespace fovea {

struct thread_count {
    std::size_t value = 1;
};

struct step_result {
    double loss = 0;          ///< the heads' means over the labels that count, each times its weight, added
    std::size_t counted = 0;  ///< labels of the first head that are not ignored: images, positions, values
    /// What adds over steps; learner::figures(sums) makes the loss's figures of them.
    std::vector<double> sums{};
    /// What has a NaN or an infinity: "loss", the tensor of a gradient ("0.weight"), a running statistic
    /// ("1.running_var"); empty: nothing. After such a training step the running statistics are those of before.
    std::string_view not_finite{};
};

inline namespace FOVEA_KERNELS_ISA {

/// Loss and gradient of `Net` on batches. T = double is for checking gradients.
///
/// Tags, in any order: loss<L>, the loss of every head (cross_entropy unless given), or losses<head<I, L,
/// options...>...>, one for each; the losses are added, each times its weight. exact, or fast, with which convolutions
/// and their gradients go by Winograd's filtering where the plan expects that to pay. The gradient of a layer's weights
/// then differs from the exact one by at most 1e-4 of its largest sum of |dy| |x|.
///
/// Heads of one shape whose losses take the same labels share them (deep supervision: Lee et al. 2015), but for those
/// with own_labels; other heads have labels of their own, which follow those of the heads before them, image by image.
/// If the losses take labels of several types, an image's labels are a struct of such arrays, in the heads' order.
template <class Net, class T = float, class... Tags>
class learner : public detail::trained_network<Net> {
    using plan = train_plan<Net>;
    using goal = training_goal<Net, Tags...>;

    static constexpr const auto& heads = plan::heads;
    static constexpr std::size_t head_count = plan::head_count;

public:
    /// Values of all heads of one image.
    static constexpr std::size_t outputs_per_image = [] {
        std::size_t n = 0;
        for (const train_head& h : heads) {
            n += h.shape.size();
        }
        return n;
    }();
    /// What train_step's labels point to: the type that the losses take, or std::byte where they take several.
    using label_type = typename goal::label_type;
    static constexpr std::size_t labels_per_image = goal::labels_per_image;
    /// Bytes from one image's labels to the next one's.
    static constexpr std::size_t label_bytes = goal::record_bytes;
    /// The labels that an image has: one entry for all heads that share them.
    static std::span<const detail::label_source> label_sources() { return goal::sources; }

    /// Of step_result::sums.
    static constexpr std::size_t sum_count = goal::sums + 2 * head_count;
    /// What figures() gives: the loss, then metrics. With several Heads their own losses, too, as "head0_loss", and
    /// metrics as "head0_accuracy".
    static const std::vector<figure>& figure_names() {
        static const std::vector<figure> names = detail::figure_names(goal::figures);
        return names;
    }
    /// The figures of the sums of one step, or of several that were added. Of no labels: 0.
    static std::vector<double> figures(std::span<const double> step_sums) {
        return detail::figures_of(goal::figures, step_sums);
    }
    static constexpr bool takes_class_weights = goal::takes_class_weights;
    /// The losses and what they depend on, for a checkpoint.
    std::string loss_text() const { return loss_text_; }

    /// `weights` are trained in place and must outlive the learner. \throws Error for class weights that are not one a
    /// class of each loss that takes them, or that no loss takes
    explicit learner(Weights<Net, T>& weights, thread_count threads = {}, std::span<const double> class_weights = {})
        : weights_(&weights), pool_(threads.value), gradient_(parameter_count<Net>) {
        for (std::size_t k = 0; k < plan::count; ++k) {
            packed_.emplace_back(table[k].packed_size);
            packed_back_.emplace_back(table[k].packed_back_size);
        }
        scratch_ = detail::aligned_array<T>(pool_.size() * scratch_size);
        shard_gradients_ = detail::aligned_array<T>(shards * gradient_pitch);
        loss_text_ = goal::prepare(losses_, class_weights);
    }

    std::span<T> parameters() noexcept { return weights_->parameters(); }
    std::span<T> gradient() noexcept { return gradient_; }
    std::span<T> buffers() noexcept { return weights_->buffers(); }

    /// Mean loss over the counted labels of n images and its gradient; BatchNorm uses the batch's statistics and
    /// updates the running ones. images: n x C x H x W; labels: n x labels_per_image, see above. `noise` seeds dropout.
    /// Throws Error for a label that the loss does not allow, and for a batch of one image where require_batch does.
    /// Ask the result what is `not_finite` before the gradient is used.
    step_result train_step(const T* images, const label_type* labels, std::size_t n, std::uint64_t noise = 0) {
        this->require_batch(n);
        const batch_info batch{images, labels, n, noise, true, count_labels(labels, n), &lose_all};
        begin_step(batch);
        run_backward(batch);
        const std::string_view not_finite = end_step();
        step_result result = total(batch);
        result.not_finite = result.not_finite.empty() ? not_finite : result.not_finite;
        if (!result.not_finite.empty()) {
            std::copy(buffers_before_.begin(), buffers_before_.end(), buffers().begin());
        }
        return result;
    }

    /// The same figures with the running statistics; changes nothing.
    step_result evaluate(const T* images, const label_type* labels, std::size_t n) {
        const batch_info batch{images, labels, n, 0, false, count_labels(labels, n), &lose_all};
        prepare(n);
        run_forward(batch);
        return total(batch);
    }

    /// For loops of your own, without fovea's losses: the first half of a training step. BatchNorm uses the batch's
    /// statistics and updates the running ones. images: n x C x H x W; outputs: n x outputs_per_image, an image's heads
    /// one behind the other, each C x H x W; a last Softmax is left out, these are its logits. Throws as require_batch.
    void forward(const T* images, std::size_t n, T* outputs, std::uint64_t noise = 0) {
        this->require_batch(n);
        const batch_info batch{images, nullptr, n, noise, true, {}, &give_all, outputs};
        begin_step(batch);
        half_done_ = batch;
    }
    /// The second half: the gradient of what has `output_gradient`, of the outputs' shape, as its derivative by the
    /// last forward()'s outputs; in gradient(), summed over the images. Between the two calls the weights stay as they
    /// are. Gives what is not finite, as step_result::not_finite; the running statistics are then those of before
    /// forward(). \throws Error without a forward() before it
    std::string_view backward(const T* output_gradient) {
        if (half_done_.size == 0) {
            throw Error("fovea: backward: expected one forward() of this learner before it, got none");
        }
        take_all(output_gradient, std::make_index_sequence<head_count>{});
        run_backward(half_done_);
        half_done_.size = 0;
        const std::string_view not_finite = end_step();
        if (!not_finite.empty()) {
            std::copy(buffers_before_.begin(), buffers_before_.end(), buffers().begin());
        }
        return not_finite;
    }

private:
    /// Sums of gradients are private to a shard: image i belongs to shard i % shards, whatever thread works on it.
    static constexpr std::size_t shards = 8;

    using label_counts = std::array<detail::label_count, head_count>;
    struct image_call;
    struct batch_info {
        const T* images = nullptr;
        const label_type* labels = nullptr;
        std::size_t size = 0;
        std::uint64_t noise = 0;
        bool training = false;
        label_counts counted{};
        void (*finish)(learner&, const image_call&) = nullptr;  ///< behind an image's last operation
        T* outputs = nullptr;                                   ///< of forward()
    };
    /// One image's call.
    struct image_call {
        const batch_info& batch;
        std::size_t image;
        std::size_t shard;
        T* scratch;
    };

    template <std::size_t K>
    using op = detail::train::operation_with<Net, T, K, goal::fast>;

    /// What an operation does, as functions: loops over them compile in time that grows with their number.
    struct functions {
        std::size_t packed_size = 0;
        std::size_t packed_back_size = 0;
        std::size_t scratch_size = 0;
        void (*pack)(const Weights<Net, T>&, T*, T*) = nullptr;
        void (*forward)(learner&, const image_call&) = nullptr;
        void (*backward)(learner&, const image_call&) = nullptr;  ///< only of those that are trained
        // BatchNorm
        void (*measure)(learner&, std::size_t) = nullptr;
        void (*combine)(learner&, const batch_info&) = nullptr;
        void (*measure_back)(learner&, std::size_t) = nullptr;
        void (*combine_back)(learner&, std::size_t) = nullptr;
    };
    template <std::size_t K>
    static constexpr functions functions_of() {
        functions f{.packed_size = static_cast<std::size_t>(op<K>::packed_size),
                    .packed_back_size = static_cast<std::size_t>(op<K>::packed_back_size),
                    .scratch_size = static_cast<std::size_t>(op<K>::scratch_size),
                    .pack = &op<K>::pack,
                    .forward = &forward_one<K>};
        if constexpr (op<K>::self.trained) {
            f.backward = &backward_one<K>;
        }
        if constexpr (op<K>::self.kind == train_kind::norm) {
            f.measure = [](learner& l, std::size_t i) {
                op<K>::measure(l.kept_map(op<K>::self.in, i), l.statistics_[K], i);
            };
            f.combine = [](learner& l, const batch_info& b) {
                op<K>::combine(l.statistics_[K], b.size, *l.weights_, b.training);
            };
            f.measure_back = [](learner& l, std::size_t i) {
                op<K>::measure_back(l.kept_map(op<K>::self.in, i), l.kept_gradient(op<K>::self.out, i),
                                    l.statistics_[K], i);
            };
            f.combine_back = [](learner& l, std::size_t n) {
                op<K>::combine_back(l.statistics_[K], n, l.shard_gradients_.data());
            };
        }
        return f;
    }
    template <std::size_t... K>
    static constexpr std::array<functions, plan::count + 1> make_table(std::index_sequence<K...>) {
        return {functions_of<K>()..., functions{}};
    }
    static constexpr std::array<functions, plan::count + 1> table = make_table(std::make_index_sequence<plan::count>{});

    static constexpr std::size_t in_lines(std::size_t n) {
        return static_cast<std::size_t>(round_up(static_cast<std::ptrdiff_t>(n), map_quantum));
    }
    /// A thread's: what the kernels need, behind it a map for a gradient that is added to another, the map that is made
    /// again, and gradients that do not outlive a stretch.
    static constexpr std::size_t kernel_scratch = [] {
        std::size_t largest = 1;
        for (const functions& f : table) {
            largest = std::max(largest, f.scratch_size);
        }
        return in_lines(largest);
    }();
    static constexpr std::size_t map_at = kernel_scratch + static_cast<std::size_t>(plan::gradients.largest_sum);
    static constexpr std::size_t gradients_at = map_at + static_cast<std::size_t>(plan::largest_made_again);
    static constexpr std::size_t scratch_size = gradients_at + static_cast<std::size_t>(plan::gradients.passing_size);
    static constexpr std::size_t gradient_pitch = in_lines(parameter_count<Net>);

    /// Packs the weights, and finds memory for n images; grows only.
    void prepare(std::size_t n) {
        half_done_.size = 0;
        pool_.for_each(plan::count, [&](std::size_t k, std::size_t) {
            table[k].pack(*weights_, packed_[k].data(), packed_back_[k].data());
        });
        if (n <= capacity_) {
            return;
        }
        maps_.clear();
        for (std::size_t m = 0; m < plan::map_count; ++m) {
            maps_.emplace_back(plan::made_again[m] ? 0 : n * static_cast<std::size_t>(plan::maps[m].footprint()));
        }
        gradient_maps_ = detail::aligned_array<T>(n * static_cast<std::size_t>(plan::gradients.size));
        statistics_.assign(plan::count, {});
        for (std::size_t k = 0; k < plan::count; ++k) {
            const train_operation o = plan::operation(k);
            if (o.kind == train_kind::norm) {
                statistics_[k].resize(n, static_cast<std::size_t>(plan::maps[o.in].channels));
            }
        }
        sums_.resize(n);
        capacity_ = n;
    }

    /// Of an image, for as long as the step.
    T* kept_map(std::size_t m, std::size_t image) {
        return maps_[m].data() + image * static_cast<std::size_t>(plan::maps[m].footprint()) + plan::maps[m].guard;
    }
    T* kept_gradient(std::size_t m, std::size_t image) {
        return gradient_maps_.data() + image * static_cast<std::size_t>(plan::gradients.size) + plan::gradients.at[m];
    }
    T* map(std::size_t m, const image_call& c) {
        return plan::made_again[m] ? c.scratch + map_at + plan::maps[m].guard : kept_map(m, c.image);
    }
    T* gradient_map(std::size_t m, const image_call& c) {
        return plan::gradients.passing[m] ? c.scratch + gradients_at + plan::gradients.at[m]
                                          : kept_gradient(m, c.image);
    }

    const void* labels_of(const label_type* labels, std::size_t image, std::size_t head) const {
        return reinterpret_cast<const std::byte*>(labels) + image * label_bytes + goal::heads[head].at;
    }
    label_counts count_labels(const label_type* labels, std::size_t n) const {
        return count_labels(labels, n, std::make_index_sequence<head_count>{});
    }
    template <std::size_t... H>
    label_counts count_labels(const label_type* labels, std::size_t n, std::index_sequence<H...>) const {
        return {detail::count_batch(&std::get<H>(losses_), labels_of(labels, 0, H), label_bytes, n,
                                    goal::heads[H].source)...};
    }

    /// Before the images of a training step run backward.
    void begin_step(const batch_info& batch) {
        prepare(batch.size);
        buffers_before_.assign(buffers().begin(), buffers().end());
        std::fill_n(shard_gradients_.data(), shard_gradients_.size(), T(0));
        run_forward(batch);
    }
    /// Puts the gradient together. What is not finite, in it or in the running statistics?
    std::string_view end_step() {
        std::string_view not_finite;
        const auto look = [&](std::span<const T> values, std::size_t first) {
            const std::size_t bad = detail::first_not_finite(values);
            if (not_finite.empty() && bad < values.size()) {
                not_finite = this->tensor_at(first + bad);
            }
        };
        if (!add_shards()) {
            look(gradient(), 0);
        }
        look(buffers(), gradient().size());
        return not_finite;
    }

    /// f(call) for every image; a shard's images in order, shards in parallel.
    template <class F>
    void for_images(const batch_info& batch, F&& f) {
        pool_.for_each(std::min(batch.size, shards), [&](std::size_t shard, std::size_t member) {
            for (std::size_t i = shard; i < batch.size; i += shards) {
                f(image_call{batch, i, shard, scratch_.data() + member * scratch_size});
            }
        });
    }

    detail::train::context<T> context_of(std::size_t k, const T* packed, const image_call& c) {
        return {.packed = packed,
                .scratch = c.scratch,
                .statistics = &statistics_[k],
                .image = c.image,
                .noise = c.batch.noise,
                .training = c.batch.training};
    }

    /// Images run through a stretch of operations one by one; before a BatchNorm the batch's statistics are put
    /// together.
    void run_forward(const batch_info& batch) {
        for (std::size_t s = 0; s < plan::stretch_count; ++s) {
            const std::size_t begin = plan::stretches[s], end = plan::stretches[s + 1];
            if (s > 0) {
                table[begin].combine(*this, batch);
            }
            for_images(batch, [&](const image_call& c) {
                if (s == 0) {
                    constexpr map_layout in = plan::maps[0];
                    kernels::copy_in<T, in>(batch.images + c.image * input_shape<Net>.size(), kept_map(0, c.image), 0,
                                            in.height);
                }
                for (std::size_t k = begin; k < end; ++k) {
                    table[k].forward(*this, c);
                }
                if (end == plan::count) {
                    batch.finish(*this, c);
                } else if (batch.training) {
                    table[end].measure(*this, c.image);
                }
            });
        }
    }

    template <std::size_t K>
    static void forward_one(learner& l, const image_call& c) {
        constexpr train_operation o = plan::operation(K);
        T* to = l.map(o.out, c);
        if constexpr (plan::made_again[o.out]) {
            kernels::clear_guards<T, plan::maps[o.out]>(to);  // another map was there
        }
        op<K>::forward(l.context_of(K, l.packed_[K].data(), c), *l.weights_, l.map(o.in, c), to);
    }

    static void lose_all(learner& l, const image_call& c) { l.lose_heads(c, std::make_index_sequence<head_count>{}); }
    template <std::size_t... H>
    void lose_heads(const image_call& c, std::index_sequence<H...>) {
        (lose<H>(c), ...);
    }
    template <std::size_t H>
    void lose(const image_call& c) {
        constexpr train_head own = heads[H];
        constexpr map_layout layout = plan::maps[own.map];
        using label = typename goal::template loss_of<H>::label_type;
        const double weight = c.batch.counted[H].weight;
        const T scale = weight > 0 ? static_cast<T>(goal::heads[H].weight / weight) : T(0);
        const auto sums = std::get<H>(losses_).template run<T, layout>(
            kept_map(own.map, c.image), static_cast<const label*>(labels_of(c.batch.labels, c.image, H)),
            c.batch.training ? cleared_gradient<H>(c.image) : nullptr, scale);
        std::copy(sums.begin(), sums.end(), sums_[c.image].begin() + goal::heads[H].sums_at);
    }
    /// Of head H's map, to be added to; null if nothing is trained before it.
    template <std::size_t H>
    T* cleared_gradient(std::size_t image) {
        constexpr train_head own = heads[H];
        constexpr map_layout layout = plan::maps[own.map];
        if constexpr (!plan::gradients.exists[own.map]) {
            return nullptr;
        } else {
            T* gradient = kept_gradient(own.map, image);
            if (!own.shares_gradient) {
                std::fill_n(gradient - layout.guard, layout.footprint(), T(0));
            }
            return gradient;
        }
    }

    /// Where head H begins in an image's outputs.
    template <std::size_t H>
    static constexpr std::size_t output_at = [] {
        std::size_t at = 0;
        for (std::size_t h = 0; h < H; ++h) {
            at += heads[h].shape.size();
        }
        return at;
    }();
    static void give_all(learner& l, const image_call& c) { l.give_heads(c, std::make_index_sequence<head_count>{}); }
    template <std::size_t... H>
    void give_heads(const image_call& c, std::index_sequence<H...>) {
        (give<H>(c), ...);
    }
    template <std::size_t H>
    void give(const image_call& c) {
        constexpr map_layout layout = plan::maps[heads[H].map];
        kernels::copy_out<T, layout>(kept_map(heads[H].map, c.image),
                                     c.batch.outputs + c.image * outputs_per_image + output_at<H>, 0, layout.height);
    }
    template <std::size_t... H>
    void take_all(const T* gradients, std::index_sequence<H...>) {
        for_images(half_done_,
                   [&](const image_call& c) { (take<H>(c, gradients + c.image * outputs_per_image), ...); });
    }
    template <std::size_t H>
    void take(const image_call& c, const T* gradients) {
        constexpr map_layout m = plan::maps[heads[H].map];
        T* to = cleared_gradient<H>(c.image);
        for (std::ptrdiff_t i = 0; to != nullptr && i < m.channels * m.height; ++i) {
            T* row = to + i / m.height * m.plane + i % m.height * m.pitch;
            const T* from = gradients + output_at<H> + static_cast<std::size_t>(i * m.width);
            for (std::ptrdiff_t x = 0; x < m.width; ++x) {
                row[x] += from[x];
            }
        }
    }

    /// The same stretches from the end. A BatchNorm's gradient needs two sums over the batch.
    void run_backward(const batch_info& batch) {
        for (std::size_t s = plan::stretch_count; s > 0; --s) {
            const std::size_t begin = plan::stretches[s - 1];
            const bool behind_norm = s > 1;
            // The norm that ends the stretch, whose sums are known now, then what lies before it.
            const std::size_t last = plan::stretches[s] + (s < plan::stretch_count ? 1 : 0);
            const std::size_t first = std::max(begin + (behind_norm ? 1 : 0), plan::first_trained);
            const bool again = behind_norm && plan::made_again[plan::operation(begin).out];
            for_images(batch, [&](const image_call& c) {
                if (again) {
                    table[begin].forward(*this, c);
                }
                for (std::size_t k = last; k > first; --k) {
                    if (table[k - 1].backward != nullptr) {
                        table[k - 1].backward(*this, c);
                    }
                }
                if (behind_norm) {
                    table[begin].measure_back(*this, c.image);
                }
            });
            if (behind_norm) {
                table[begin].combine_back(*this, batch.size);
                if (begin == plan::first_trained) {
                    return;
                }
            }
        }
    }

    /// Operation K of one image: parameter gradients into the shard's, and the input's gradient.
    template <std::size_t K>
    static void backward_one(learner& l, const image_call& c) {
        constexpr train_operation o = plan::operation(K);
        constexpr map_layout in = plan::maps[o.in];
        constexpr bool apart = o.adds && !op<K>::accumulates;
        T* sum = o.passes ? l.gradient_map(o.in, c) : nullptr;
        T* to = apart ? c.scratch + kernel_scratch + in.guard : sum;
        op<K>::backward(l.context_of(K, l.packed_back_[K].data(), c), *l.weights_, l.map(o.in, c), l.map(o.out, c),
                        l.gradient_map(o.out, c), to, l.shard_gradients_.data() + c.shard * gradient_pitch);
        if constexpr (apart) {
            kernels::accumulate<T, in, in>::run(to, sum, 0, in.height);
        } else if constexpr (o.passes && !o.adds) {
            kernels::clear_guards<T, in>(to);
        }
    }

    /// The gradient is the sum of the shards, in their order; BatchNorm added its own to the first. Is it finite?
    bool add_shards() {
        std::atomic<bool> finite{true};
        constexpr std::size_t block = 4'096;
        const std::size_t count = gradient_.size();
        pool_.for_each((count + block - 1) / block, [&](std::size_t b, std::size_t) {
            const std::size_t end = std::min(count, (b + 1) * block);
            for (std::size_t i = b * block; i < end; ++i) {
                gradient_[i] = T(0);
            }
            for (std::size_t s = 0; s < shards; ++s) {
                const T* from = shard_gradients_.data() + s * gradient_pitch;
                for (std::size_t i = b * block; i < end; ++i) {
                    gradient_[i] += from[i];
                }
            }
            const std::span<const T> sums(gradient_.data() + b * block, end - b * block);
            if (detail::first_not_finite(sums) < sums.size()) {
                finite = false;
            }
        });
        return finite;
    }

    step_result total(const batch_info& batch) const {
        step_result r{.counted = batch.counted[0].counted};
        std::array<double, goal::sums> sums{};
        for (std::size_t i = 0; i < batch.size; ++i) {
            for (std::size_t k = 0; k < goal::sums; ++k) {
                sums[k] += sums_[i][k];
            }
        }
        r.loss = detail::total_loss(goal::figures, batch.counted, sums, r.sums);
        r.not_finite = detail::is_finite(r.loss) ? "" : "loss";
        return r;
    }

    Weights<Net, T>* weights_;
    detail::thread_pool pool_;
    std::vector<T> gradient_;
    std::vector<T> buffers_before_;  ///< the step under way
    detail::aligned_array<T> shard_gradients_;
    std::vector<detail::aligned_array<T>> packed_;
    std::vector<detail::aligned_array<T>> packed_back_;
    detail::aligned_array<T> scratch_;
    std::vector<detail::aligned_array<T>> maps_;
    detail::aligned_array<T> gradient_maps_;
    std::vector<detail::train::norm_statistics<T>> statistics_;
    std::vector<std::array<double, goal::sums>> sums_;  ///< an image
    typename goal::losses_type losses_;
    std::string loss_text_;
    batch_info half_done_;  ///< by forward(); of size 0: nothing
    std::size_t capacity_ = 0;
};

/// What cannot be trained: the one error has been reported, the code around it still compiles.
template <class Net, class T, class... Tags>
    requires(!detail::learns_or_refuse<Net, T, Tags...>())
class learner<Net, T, Tags...> {
public:
    static constexpr std::size_t channels = input_shape<Net>.channels;
    static constexpr std::size_t height = input_shape<Net>.height;
    static constexpr std::size_t width = input_shape<Net>.width;
    static constexpr std::size_t outputs_per_image = 1;
    using label_type = std::byte;
    static constexpr std::size_t labels_per_image = 1;
    static constexpr std::size_t label_bytes = 1;
    static constexpr std::size_t sum_count = 0;
    static constexpr bool takes_class_weights = true;
    static std::span<const detail::label_source> label_sources() { return {}; }
    static std::vector<figure> figure_names() { return {}; }
    static std::vector<double> figures(std::span<const double>) { return {}; }
    static void require_batch(std::size_t) {}
    static std::string_view tensor_at(std::size_t) { return {}; }

    template <class Weights>
    explicit learner(Weights&, thread_count = {}, std::span<const double> = {}) {}
    std::span<T> parameters() noexcept { return {}; }
    std::span<T> gradient() noexcept { return {}; }
    std::span<T> buffers() noexcept { return {}; }
    std::string loss_text() const { return {}; }
    step_result train_step(const T*, const void*, std::size_t, std::uint64_t = 0) { return {}; }
    step_result evaluate(const T*, const void*, std::size_t) { return {}; }
    void forward(const T*, std::size_t, T*, std::uint64_t = 0) {}
    std::string_view backward(const T*) { return {}; }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea
