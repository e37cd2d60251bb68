// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a network's loss? Forward with batch statistics, cross-entropy, backward; batches are shared
// among threads image by image, and every sum is taken in an order that does not depend on how many there are.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/thread_pool.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/weights.hpp>
#include <fovea/train/loss.hpp>
#include <fovea/train/operations.hpp>
#include <fovea/train/steps.hpp>

namespace fovea {

struct thread_count {
    std::size_t value = 1;
};

struct step_result {
    double loss = 0;          ///< mean over the counted labels, nats
    std::size_t correct = 0;  ///< of the counted ones
    std::size_t counted = 0;  ///< labels that are not ignored: images, or pixels
};

inline namespace FOVEA_KERNELS_ISA {

/// Loss and gradient of `Net` on batches. T = double is for checking gradients.
template <class Net, class T = float>
class learner {
    using plan = train_plan<Net>;
    static constexpr map_layout last_map = plan::maps[plan::count];

public:
    static constexpr std::size_t channels = input_shape<Net>.channels;
    static constexpr std::size_t height = input_shape<Net>.height;
    static constexpr std::size_t width = input_shape<Net>.width;
    static constexpr std::size_t classes = output_shape<Net>.channels;
    static constexpr bool per_pixel = output_shape<Net>.positions() > 1;
    static_assert(classes >= 2 && classes <= 255,
                  "fovea: training needs 2 to 255 classes: the channels of the network's output");

    /// `weights` are trained in place and must outlive the learner.
    explicit learner(Weights<Net, T>& weights, thread_count threads = {})
        : weights_(weights), pool_(threads.value), gradient_(parameter_count<Net>) {
        packed_.resize(plan::count);
        packed_back_.resize(plan::count);
        for (std::size_t k = 0; k < plan::count; ++k) {
            packed_[k] = detail::aligned_array<T>(forward_sizes[k]);
            packed_back_[k] = detail::aligned_array<T>(backward_sizes[k]);
        }
        scratch_ = detail::aligned_array<T>(pool_.size() * scratch_size);
        shard_gradients_ = detail::aligned_array<T>(shards * gradient_pitch);
    }

    std::span<T> parameters() noexcept { return weights_.parameters(); }
    std::span<T> gradient() noexcept { return gradient_; }
    std::span<T> buffers() noexcept { return weights_.buffers(); }

    /// Mean loss over the counted labels of n images and its gradient; BatchNorm uses the batch's statistics and
    /// updates the running ones. images: n x C x H x W; labels: one an image, or n x H' x W' of the output. `noise`
    /// seeds dropout. Throws Error for a label that is neither a class nor ignore_label.
    step_result train_step(const T* images, const std::uint8_t* labels, std::size_t n, std::uint64_t noise = 0) {
        prepare(n);
        const std::size_t counted = count_labels(labels, n);
        const T scale = counted == 0 ? T(0) : static_cast<T>(1.0 / static_cast<double>(counted));
        each_operation([&]<std::size_t K>() { pack<K>(); });
        std::fill_n(shard_gradients_.data(), shard_gradients_.size(), T(0));
        forward<true>(images, labels, n, scale, noise);
        backward(n, noise);
        add_shards();
        return total(n);
    }

    /// The same figures with the running statistics; changes nothing.
    step_result evaluate(const T* images, const std::uint8_t* labels, std::size_t n) {
        prepare(n);
        count_labels(labels, n);
        each_operation([&]<std::size_t K>() { pack<K>(); });
        forward<false>(images, labels, n, T(0), 0);
        return total(n);
    }

private:
    /// Sums of gradients are private to a shard: image i belongs to shard i % shards, whatever thread works on it.
    static constexpr std::size_t shards = 8;

    template <std::size_t K>
    using op = detail::train::operation<Net, T, K>;

    template <class F, std::size_t... K>
    static void each_operation(F&& f, std::index_sequence<K...>) {
        (f.template operator()<K>(), ...);
    }
    template <class F>
    static void each_operation(F&& f) {
        each_operation(f, std::make_index_sequence<plan::count>{});
    }

    template <class Size, std::size_t... K>
    static constexpr std::array<std::size_t, plan::count + 1> sizes(Size size, std::index_sequence<K...>) {
        return {static_cast<std::size_t>(size(std::integral_constant<std::size_t, K>{}))..., std::size_t{0}};
    }
    static constexpr auto forward_sizes =
        sizes([](auto k) { return op<k>::packed_size; }, std::make_index_sequence<plan::count>{});
    static constexpr auto backward_sizes =
        sizes([](auto k) { return op<k>::packed_back_size; }, std::make_index_sequence<plan::count>{});
    static constexpr std::size_t scratch_size = [] {
        std::size_t largest = 1;
        for (std::size_t s :
             sizes([](auto k) { return op<k>::scratch_size; }, std::make_index_sequence<plan::count>{})) {
            largest = std::max(largest, s);
        }
        return static_cast<std::size_t>(round_up(static_cast<std::ptrdiff_t>(largest), map_quantum));
    }();
    static constexpr std::size_t gradient_pitch =
        static_cast<std::size_t>(round_up(static_cast<std::ptrdiff_t>(parameter_count<Net>), map_quantum));
    static constexpr std::size_t gradient_map_size = static_cast<std::size_t>(plan::largest_map);

    /// Memory for n images; grows only.
    void prepare(std::size_t n) {
        if (n <= capacity_) {
            return;
        }
        maps_.clear();
        for (std::size_t i = 0; i <= plan::count; ++i) {
            maps_.emplace_back(n * static_cast<std::size_t>(plan::maps[i].footprint()));
        }
        for (auto& g : gradient_maps_) {
            g = detail::aligned_array<T>(n * gradient_map_size);
        }
        statistics_.assign(plan::count, {});
        for (std::size_t k = 0; k < plan::count; ++k) {
            if (plan::operation(k).kind == train_kind::norm) {
                statistics_[k].resize(n, static_cast<std::size_t>(plan::maps[k].channels));
            }
        }
        sums_.resize(n);
        capacity_ = n;
    }

    T* map(std::size_t i, std::size_t image) {
        return maps_[i].data() + image * static_cast<std::size_t>(plan::maps[i].footprint()) + plan::maps[i].guard;
    }
    /// The gradient of map i lies in buffer i % 2: a layer's input and output gradient never share one.
    T* gradient_map(std::size_t i, std::size_t image) {
        return gradient_maps_[i % 2].data() + image * gradient_map_size + plan::maps[i].guard;
    }

    std::size_t count_labels(const std::uint8_t* labels, std::size_t n) const {
        constexpr std::size_t positions = output_shape<Net>.positions();
        std::size_t counted = 0;
        for (std::size_t i = 0; i < n * positions; ++i) {
            if (labels[i] != ignore_label) {
                if (labels[i] >= classes) {
                    throw Error("fovea: label " + std::to_string(labels[i]) + " of image " +
                                std::to_string(i / positions) + ": expected 0 to " + std::to_string(classes - 1) +
                                ", or 255 to ignore it");
                }
                ++counted;
            }
        }
        return counted;
    }

    template <std::size_t K>
    void pack() {
        op<K>::pack(weights_, packed_[K].data(), packed_back_[K].data());
    }

    /// f(shard, image) for every image; a shard's images in order, shards in parallel.
    template <class F>
    void for_images(std::size_t n, F&& f) {
        pool_.for_each(std::min(n, shards), [&](std::size_t shard, std::size_t member) {
            for (std::size_t i = shard; i < n; i += shards) {
                f(i, shard, scratch_.data() + member * scratch_size);
            }
        });
    }

    // Forward: images run through a stretch of operations one by one; before a BatchNorm the batch's statistics are put
    // together.
    template <bool Training, std::size_t K = 0>
    void forward(const T* images, const std::uint8_t* labels, std::size_t n, T scale, std::uint64_t noise) {
        if constexpr (K == 0 && plan::count > 0 && plan::operation(0).kind == train_kind::norm) {
            for_images(n, [&](std::size_t i, std::size_t, T*) {
                load(images, i);
                if constexpr (Training) {
                    op<0>::measure(map(0, i), statistics_[0], i);
                }
            });
        }
        if constexpr (K < plan::count) {
            if constexpr (plan::operation(K).kind == train_kind::norm) {
                if constexpr (Training) {
                    op<K>::template combine<true>(statistics_[K], n, weights_);
                } else {
                    op<K>::template combine<false>(statistics_[K], n, weights_);
                }
            }
            constexpr std::size_t end = plan::stretch_end(K);
            for_images(n, [&](std::size_t i, std::size_t, T* scratch) {
                if constexpr (K == 0 && plan::operation(0).kind != train_kind::norm) {
                    load(images, i);
                }
                forward_stretch<Training, K, end>(i, scratch, noise);
                if constexpr (end < plan::count) {
                    if constexpr (Training) {
                        op<end>::measure(map(end, i), statistics_[end], i);
                    }
                } else {
                    lose<Training>(labels, i, scale);
                }
            });
            if constexpr (end < plan::count) {
                forward<Training, end>(images, labels, n, scale, noise);
            }
        } else if constexpr (plan::count == 0) {
            for_images(n, [&](std::size_t i, std::size_t, T*) {
                load(images, i);
                lose<Training>(labels, i, scale);
            });
        }
    }

    void load(const T* images, std::size_t i) {
        constexpr map_layout in = plan::maps[0];
        kernels::copy_in<T, in>(images + i * input_shape<Net>.size(), map(0, i), 0, in.height);
    }

    template <bool Training>
    void lose(const std::uint8_t* labels, std::size_t i, T scale) {
        T* gradient = nullptr;
        if constexpr (Training) {
            gradient = gradient_map(plan::count, i);
            kernels::clear_gaps<T, last_map>(gradient, 0, last_map.height, true);
        }
        sums_[i] = cross_entropy<T, last_map>(map(plan::count, i), labels + i * output_shape<Net>.positions(), gradient,
                                              scale);
    }

    template <bool Training, std::size_t K, std::size_t End>
    void forward_stretch(std::size_t i, T* scratch, std::uint64_t noise) {
        if constexpr (K < End) {
            detail::train::context<T> c{.packed = packed_[K].data(),
                                        .scratch = scratch,
                                        .statistics = &statistics_[K],
                                        .image = i,
                                        .noise = noise};
            op<K>::template forward<Training>(c, weights_, map(K, i), map(K + 1, i));
            forward_stretch<Training, K + 1, End>(i, scratch, noise);
        }
    }

    // Backward: the same stretches from the end. A BatchNorm's gradient needs two sums over the batch.
    void backward(std::size_t n, std::uint64_t noise) {
        if constexpr (plan::count > 0) {
            backward_from<plan::count>(n, noise);
        }
    }

    /// Operations [begin of the stretch, End) for all images, then what lies before.
    template <std::size_t End>
    void backward_from(std::size_t n, std::uint64_t noise) {
        constexpr std::size_t begin = [] {
            std::size_t b = End;
            while (b > 0 && plan::operation(b - 1).kind != train_kind::norm) {
                --b;
            }
            return b;
        }();  // [begin, End) without a norm; the norm before, if any, is begin - 1
        for_images(n, [&](std::size_t i, std::size_t shard, T* scratch) {
            if constexpr (End < plan::count) {  // End is a norm whose sums are known
                backward_one<End>(i, shard, scratch, noise);
            }
            backward_stretch<End, begin>(i, shard, scratch, noise);
            if constexpr (begin > 0) {
                op<begin - 1>::measure_back(map(begin - 1, i), gradient_map(begin, i), statistics_[begin - 1], i);
            }
        });
        if constexpr (begin > 0) {
            op<begin - 1>::combine_back(statistics_[begin - 1], n, shard_gradients_.data());
            if constexpr (begin - 1 > 0) {
                backward_from<begin - 1>(n, noise);
            }
        }
    }

    template <std::size_t End, std::size_t Begin>
    void backward_stretch(std::size_t i, std::size_t shard, T* scratch, std::uint64_t noise) {
        if constexpr (End > Begin) {
            backward_one<End - 1>(i, shard, scratch, noise);
            backward_stretch<End - 1, Begin>(i, shard, scratch, noise);
        }
    }

    /// Operation K of one image: parameter gradients into the shard's, and the input's gradient unless K is the first.
    template <std::size_t K>
    void backward_one(std::size_t i, std::size_t shard, T* scratch, std::uint64_t noise) {
        detail::train::context<T> c{.packed = packed_back_[K].data(),
                                    .scratch = scratch,
                                    .statistics = &statistics_[K],
                                    .image = i,
                                    .noise = noise};
        T* to = K == 0 ? nullptr : gradient_map(K, i);
        op<K>::backward(c, weights_, map(K, i), map(K + 1, i), gradient_map(K + 1, i), to,
                        shard_gradients_.data() + shard * gradient_pitch);
        if constexpr (K > 0) {
            kernels::clear_guards<T, plan::maps[K]>(to);
        }
    }

    /// The gradient is the sum of the shards, in their order; BatchNorm added its own to the first.
    void add_shards() {
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
        });
    }

    step_result total(std::size_t n) const {
        step_result r;
        double loss = 0;
        for (std::size_t i = 0; i < n; ++i) {
            loss += sums_[i].loss;
            r.correct += sums_[i].correct;
            r.counted += sums_[i].counted;
        }
        r.loss = r.counted == 0 ? 0.0 : loss / static_cast<double>(r.counted);
        return r;
    }

    Weights<Net, T>& weights_;
    detail::thread_pool pool_;
    std::vector<T> gradient_;
    detail::aligned_array<T> shard_gradients_;
    std::vector<detail::aligned_array<T>> packed_;
    std::vector<detail::aligned_array<T>> packed_back_;
    detail::aligned_array<T> scratch_;
    std::vector<detail::aligned_array<T>> maps_;
    std::array<detail::aligned_array<T>, 2> gradient_maps_;
    std::vector<detail::train::norm_statistics<T>> statistics_;
    std::vector<loss_sums> sums_;
    std::size_t capacity_ = 0;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea
