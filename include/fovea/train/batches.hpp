// SPDX-License-Identifier: BSD-3-Clause
// Which samples make up batch b, and who prepares them? An endless sequence of shuffled passes over the data, every
// sample a pure function of (seed, position); a background thread prepares batches ahead of the training step.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/detail/process.hpp>
#include <fovea/detail/random.hpp>
#include <fovea/train/augment.hpp>
#include <fovea/train/sample_view.hpp>

namespace fovea {

/// The shuffled order: position p of the endless stream is a sample of pass p / count. Within a pass every sample comes
/// once, in an order that depends on (seed, pass) alone; so any position can be asked for, in any order.
class sample_order {
public:
    sample_order(std::size_t count, std::uint64_t seed) : seed_{seed}, permutation_(count) {
        if (count == 0) {
            throw Error{"batches: the data set is empty"};
        }
    }

    std::size_t at(std::uint64_t position) {
        const std::uint64_t pass = position / permutation_.size();
        if (pass != pass_) {
            std::iota(permutation_.begin(), permutation_.end(), std::size_t{0});
            detail::random_stream{seed_, detail::streams::order + (pass << 8U)}.shuffle(std::span{permutation_});
            pass_ = pass;
        }
        return permutation_[static_cast<std::size_t>(position % permutation_.size())];
    }

private:
    std::uint64_t seed_;
    std::uint64_t pass_ = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::size_t> permutation_;
};

/// What a batch_stream does with the samples.
struct batch_options {
    std::size_t batch = 32;
    std::uint64_t seed = 1;
    /// Shuffled, augmented, endless; otherwise the samples once, in their order and unchanged, the last batch shorter.
    bool shuffled = true;
    augment_options augment{};
    /// Number of the first batch, counted from the start of training: batch b holds positions b*batch ... of the
    /// stream.
    std::uint64_t first_batch = 0;
    /// Batches prepared ahead.
    std::size_t depth = 3;
};

/// Prepared samples; valid until the next call of next().
template <class T>
struct batch_view {
    const T* images = nullptr;          ///< size,C,H,W, normalised
    const std::byte* labels = nullptr;  ///< a sample's one behind the other, as in a struct of arrays; see label_record
    std::size_t size = 0;               ///< 0: the stream has ended

    /// Of samples whose labels are all of this type.
    template <class Label>
    const Label* labels_as() const {
        return static_cast<const Label*>(static_cast<const void*>(labels));
    }
};

/// Prepares batches in a background thread. What a batch holds does not depend on timing, only on the options and the
/// data. All memory is allocated by the constructor. One consumer.
template <class T>
class batch_stream {
public:
    /// \throws Error for an empty data set, a batch of 0, a normalisation that is not one of these channels, and for
    /// changes that cannot be made to such samples
    batch_stream(const sample_view& data, const channel_normalisation& normalisation, batch_options options)
        : data_{data},
          options_{std::move(options)},
          order_{data.count, options_.seed},
          normalisation_{normalisation},
          table_{normalisation},
          record_{detail::record_of(data.labels)},
          rows_(data.height),
          columns_(data.width),
          scratch_(options_.augment.custom ? data.image_size() : 0),
          end_{last_batch()},
          next_batch_{options_.first_batch},
          slots_(std::max<std::size_t>(options_.depth, 1) + 1) {
        if (normalisation.mean.size() != data.channels || normalisation.deviation.size() != data.channels) {
            throw Error{"batches: normalisation for " + std::to_string(normalisation.mean.size()) +
                        " channels, images have " + std::to_string(data.channels)};
        }
        for (std::size_t c = 0; c < data.channels; ++c) {
            const std::span<const T> inputs{table_.channel(c), 256};
            if (detail::first_not_finite(inputs) < inputs.size() || !(normalisation.deviation[c] > 0.0F)) {
                throw Error{"batches: normalisation of channel " + std::to_string(c) +
                            ": expected a mean and a deviation above 0, got " + to_string(normalisation)};
            }
        }
        for (std::size_t i = 0; i < data.labels.size(); ++i) {
            if (!moves(data.labels[i].shape) && data.labels[i].shape.positions() > 1 &&
                (options_.augment.shift != 0.0 || options_.augment.flip)) {
                throw Error{
                    detail::joined({"batches: shift and flip move labels with their pixels: labels of ",
                                    detail::text_of(data.labels[i].shape), " have not the positions of images of ",
                                    detail::text_of(data.image_shape())})};
            }
        }
        if (options_.augment.custom && !(data.images.as<std::uint8_t>() != nullptr && data.labels.size() == 1 &&
                                         data.labels[0].kind() == number_kind::uint8)) {
            throw Error{"batches: augment.custom takes images and labels of bytes, these have others"};
        }
        if (!(options_.augment.shift >= 0.0 && options_.augment.shift <= 1.0)) {
            throw Error{"batches: shift must be a share from 0 to 1"};
        }
        for (slot& s : slots_) {
            s.images.resize(options_.batch * data.image_size());
            s.labels.resize(options_.batch * record_.size);
        }
        background_->thread = std::thread{[this] { produce(); }};
    }

    batch_stream(const batch_stream&) = delete;
    batch_stream& operator=(const batch_stream&) = delete;

    ~batch_stream() {
        if (in_child()) {
            static_cast<void>(background_.release());  // neither thread nor condition variable could be waited for
            return;
        }
        {
            const std::lock_guard lock{background_->mutex};
            stopping_ = true;
        }
        background_->changed.notify_all();
        background_->thread.join();
    }

    /// The next batch; gives the previous one's memory back to the background thread. An exception of that thread is
    /// thrown here, after the batches that were complete before it, and again by every later call.
    /// \throws Error in a child made by fork(), which has no such thread
    batch_view<T> next() {
        if (in_child()) {
            throw Error{"batches: this process was forked while they were prepared by a thread of its parent"};
        }
        std::unique_lock lock{background_->mutex};
        if (holding_) {
            ++taken_;
            holding_ = false;
            background_->changed.notify_all();
        }
        background_->changed.wait(lock, [this] { return made_ > taken_ || failure_ || finished_; });
        if (made_ > taken_) {
            holding_ = true;
            const slot& s = slots_[static_cast<std::size_t>(taken_ % slots_.size())];
            return {s.images.data(), s.labels.data(), s.size};
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return {};
    }

private:
    struct slot {
        std::vector<T> images;
        std::vector<std::byte> labels;
        std::size_t size = 0;
    };

    struct background {
        std::mutex mutex;
        std::condition_variable changed;
        std::thread thread;
    };

    bool in_child() const noexcept { return owner_ != detail::process_id(); }

    std::uint64_t last_batch() const {
        if (options_.batch == 0) {
            throw Error{"batches: a batch must hold at least one sample"};
        }
        return options_.shuffled ? std::numeric_limits<std::uint64_t>::max()
                                 : (data_.count + options_.batch - 1) / options_.batch;
    }

    void produce() noexcept {
        try {
            for (;; ++next_batch_) {
                {
                    std::unique_lock lock{background_->mutex};
                    background_->changed.wait(lock, [this] { return stopping_ || made_ - taken_ < slots_.size(); });
                    if (stopping_) {
                        return;
                    }
                }
                if (next_batch_ >= end_) {
                    const std::lock_guard lock{background_->mutex};
                    finished_ = true;
                    background_->changed.notify_all();
                    return;
                }
                // made_ is written by this thread alone, and the consumer does not look at a slot before made_ passes
                // it
                fill(slots_[static_cast<std::size_t>(made_ % slots_.size())]);
                {
                    const std::lock_guard lock{background_->mutex};
                    ++made_;
                }
                background_->changed.notify_all();
            }
        } catch (...) {
            const std::lock_guard lock{background_->mutex};
            failure_ = std::current_exception();
            background_->changed.notify_all();
        }
    }

    void fill(slot& s) {
        const std::uint64_t first = next_batch_ * options_.batch;
        s.size = options_.batch;
        if (!options_.shuffled) {
            s.size = std::min<std::size_t>(options_.batch, data_.count - static_cast<std::size_t>(first));
        }
        for (std::size_t i = 0; i < s.size; ++i) {
            const std::uint64_t position = first + i;
            const std::size_t sample = options_.shuffled ? order_.at(position) : static_cast<std::size_t>(position);
            prepare(sample, position, s.images.data() + i * data_.image_size(), s.labels.data() + i * record_.size);
        }
    }

    /// Do labels of this shape move with the pixels?
    bool moves(const Shape& labels) const {
        return labels.positions() > 1 && labels.height == data_.height && labels.width == data_.width;
    }

    void prepare(std::size_t sample, std::uint64_t position, T* image, std::byte* labels) {
        detail::random_stream random{options_.seed, detail::streams::augment + (position << 8U)};
        detail::placement place;
        const bool augmented = options_.shuffled && options_.augment.any();
        if (augmented) {
            place = detail::draw_placement(options_.augment, data_.height, data_.width, random);
        }
        detail::source_indices(rows_, place.down, false);
        detail::source_indices(columns_, place.right, place.mirrored);
        for (std::size_t i = 0; i < data_.labels.size(); ++i) {
            std::byte* to = labels + record_.offsets[i];
            put_labels(i, sample, to);
        }
        const std::size_t plane = data_.height * data_.width;
        if (const float* floats = data_.images.as<float>()) {
            for (std::size_t c = 0; c < data_.channels; ++c) {
                const double mean = static_cast<double>(normalisation_.mean[c]);
                const double deviation = static_cast<double>(normalisation_.deviation[c]);
                detail::place_plane(floats + sample * data_.image_size() + c * plane, image + c * plane, rows_,
                                    columns_, [=](float x) {
                                        return static_cast<T>((static_cast<double>(x) - mean) / deviation);
                                    });
            }
            return;
        }
        const std::uint8_t* pixels = data_.images.as<std::uint8_t>() + sample * data_.image_size();
        if (!(augmented && options_.augment.custom)) {
            for (std::size_t c = 0; c < data_.channels; ++c) {
                detail::place_plane(pixels + c * plane, image + c * plane, rows_, columns_,
                                    [t = table_.channel(c)](std::uint8_t byte) { return t[byte]; });
            }
            return;
        }
        for (std::size_t c = 0; c < data_.channels; ++c) {
            detail::place_plane(pixels + c * plane, scratch_.data() + c * plane, rows_, columns_,
                                [](std::uint8_t byte) { return byte; });
        }
        options_.augment.custom(scratch_,
                                {static_cast<std::uint8_t*>(static_cast<void*>(labels)), data_.labels[0].shape.size()},
                                random);
        for (std::size_t i = 0; i < scratch_.size(); ++i) {
            image[i] = table_.channel(i / plane)[scratch_[i]];
        }
    }

    void put_labels(std::size_t i, std::size_t sample, std::byte* to) {
        const label_view& labels = data_.labels[i];
        const std::size_t bytes = bytes_of(labels.kind()), size = labels.shape.size();
        const std::byte* from = static_cast<const std::byte*>(labels.data()) + sample * size * bytes;
        if (!moves(labels.shape)) {
            std::copy_n(from, size * bytes, to);
        } else if (bytes == 1) {
            for (std::size_t c = 0; c < size; c += labels.shape.positions()) {
                detail::place_plane(from + c, to + c, rows_, columns_, [](std::byte label) { return label; });
            }
        } else {
            for (std::size_t c = 0; c < labels.shape.channels; ++c) {
                for (const std::size_t row : rows_) {
                    for (const std::size_t column : columns_) {
                        std::copy_n(from + ((c * rows_.size() + row) * columns_.size() + column) * bytes, bytes, to);
                        to += bytes;
                    }
                }
            }
        }
    }

    sample_view data_;
    batch_options options_;
    // used by the background thread alone
    sample_order order_;
    channel_normalisation normalisation_;
    detail::byte_table<T> table_;
    detail::label_record record_;
    std::vector<std::size_t> rows_;
    std::vector<std::size_t> columns_;
    std::vector<std::uint8_t> scratch_;
    std::uint64_t end_;
    std::uint64_t next_batch_;
    // shared: a ring of slots, of which the consumer holds at most one
    std::vector<slot> slots_;
    std::uint64_t made_ = 0;
    std::uint64_t taken_ = 0;
    bool holding_ = false;
    bool stopping_ = false;
    bool finished_ = false;
    std::exception_ptr failure_;
    long owner_ = detail::process_id();
    std::unique_ptr<background> background_ = std::make_unique<background>();
};

}  // namespace fovea
